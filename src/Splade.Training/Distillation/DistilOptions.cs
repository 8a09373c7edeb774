using Splade.Training.Data;

namespace Splade.Training.Distillation;

/// <summary>Settings of a distillation from a dense encoder. The defaults make the model that ships.</summary>
internal sealed record DistilOptions
{
    /// <summary>NAME=LANGUAGE:FILE. The language of the first is the main one: it gets the expansion.</summary>
    public string[] Sources { get; init; } = [];

    /// <summary>BEIR folders of the main language: their documents are a source, the questions of their training split short texts for the teacher.</summary>
    public string[] Beir { get; init; } = [];

    /// <summary>Folder of the dense sentence encoder.</summary>
    public string Teacher { get; init; } = "";

    /// <summary>Sentences, questions and passages that the teacher embeds.</summary>
    public int Texts { get; init; } = 80_000;

    /// <summary>Markdown file for the model card; null for none.</summary>
    public string? Notes { get; init; }

    /// <summary>Of the model, as its card names it (an SPDX identifier in small letters); null for none.</summary>
    public string? License { get; init; }

    /// <summary>A passage is cut to so many words, for teacher and student alike.</summary>
    public int PassageWords { get; init; } = 80;

    /// <summary>Length of the embeddings.</summary>
    public int Dimensions { get; init; } = 192;

    /// <summary>Word classes of the main language, at most.</summary>
    public int MainClasses { get; init; } = 29_000;

    public int Steps { get; init; } = 3000;

    /// <summary>Texts of a step, at most.</summary>
    public int BatchTexts { get; init; } = 256;

    /// <summary>Pieces of a step, padding included, at most.</summary>
    public int BatchTokens { get; init; } = 12_000;

    /// <summary>Weight of the expansion beside the term frequency part.</summary>
    public double ExpansionWeight { get; init; } = 1;

    /// <summary>A piece joins in when its score is above this.</summary>
    public double ExpansionThreshold { get; init; } = 0.2;

    /// <summary>Expansion terms of a document, at most.</summary>
    public int ExpansionTerms { get; init; } = 100;

    public int Seed { get; init; } = 1;

    public int CheckpointEvery { get; init; } = 500;

    /// <summary>Threads; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <exception cref="TrainingDataException">A setting is out of range; the message names it.</exception>
    public DistilOptions Validate()
    {
        Require(Sources.Length > 0, "--source is missing: give at least one NAME=LANGUAGE:FILE.");
        Require(Teacher.Length > 0, "--teacher is missing: give the folder of a dense sentence encoder.");
        Require(Texts >= 20, "--texts must be 20 or more.");
        Require(PassageWords >= 8, "--passage-words must be 8 or more.");
        Require(Dimensions is >= 8 and <= 1024, "--dimensions must be from 8 to 1024.");
        Require(MainClasses > 0, "--classes must be above 0.");
        Require(Steps > 0, "--steps must be above 0.");
        Require(BatchTexts >= 2 && BatchTokens >= 256, "--batch must be 2 or more.");
        Require(ExpansionWeight > 0 && double.IsFinite(ExpansionWeight), "--expansion-weight must be above 0.");
        Require(ExpansionThreshold is >= 0 and < 1, "--expansion-threshold must be from 0 to below 1.");
        Require(ExpansionTerms > 0, "--expansion-terms must be above 0.");
        Require(CheckpointEvery > 0, "--checkpoint-every must be above 0.");
        Require(Threads >= 0, "--threads must not be negative.");
        return this;
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new TrainingDataException(message);
        }
    }
}
