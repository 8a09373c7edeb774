using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Encoding.Tokenizing;
using Splade.Training.Data;
using Splade.Training.Teachers;

namespace Splade.Training.Runs;

/// <summary>
/// Reads the examples, mines hard negatives, asks the teacher, and keeps the outcome as examples.jsonl (an <see cref="ExampleFile"/>), which a resumed
/// run takes as it is.
/// </summary>
internal sealed class ExamplePreparation(RunFolder folder, TrainOptions options, ITokenizer tokenizer, IRunProgress progress)
{
    /// <exception cref="TrainingDataException">The examples or the teacher can't be used.</exception>
    public List<TrainingExample> Prepare(CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.ExamplesFile))
        {
            using var teacher = OpenTeacher();
            var texts = new TrainingTexts(options);
            progress.Message(options.HasExamples ? "reading examples" : "making examples from text: a sentence asks for the passage around it (inverse cloze)");
            var examples = texts.Examples();
            if (options.HardNegatives > 0 && options.Negatives > 0 && examples.Exists(e => e.Negatives.Count == 0))
            {
                Mine(examples, texts.Documents(examples), cancellationToken);
            }

            Score(examples, teacher, cancellationToken);
            RunFolder.WriteAtomically(folder.ExamplesFile, file => File.WriteAllLines(file, examples.Select(Line)));
        }

        var prepared = ExampleFile.Read(folder.ExamplesFile).ToList();
        return prepared.Count > 0 ? prepared : throw new TrainingDataException(
            options.HasExamples ? "There are no training examples in what was given." : "There are no passages of two sentences or more in --text to make examples from.");
    }

    /// <summary>
    /// BM25's best documents for each query that has no negatives; those that answer the same query are left out. Scores that came with such an example do not cover them.
    /// </summary>
    private void Mine(List<TrainingExample> examples, IReadOnlyList<string> documents, CancellationToken cancellationToken)
    {
        progress.Message($"indexing {documents.Count} documents to find hard negatives with BM25");
        using var miner = new Bm25Miner(documents, tokenizer, cancellationToken);
        var answers = examples.GroupBy(e => e.Query, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(e => e.Positive).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        progress.Begin("hard negatives", 0, examples.Count);
        for (var i = 0; i < examples.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (examples[i].Negatives.Count == 0)
            {
                var positives = answers[examples[i].Query];
                examples[i] = examples[i] with
                {
                    Negatives = [.. miner.Find(examples[i].Query, options.HardNegatives, d => !positives.Contains(documents[d])).Select(d => documents[d])],
                    Scores = null,
                };
            }

            progress.Advance(i + 1);
        }

        progress.End();
    }

    private ITeacher? OpenTeacher() => options.CrossEncoder is { } cross ? CrossEncoderTeacher.Open(cross, options.Threads)
        : options.DenseTeacher is { } dense ? DenseTeacher.Open(dense, options.Threads)
        : null;

    private void Score(List<TrainingExample> examples, ITeacher? teacher, CancellationToken cancellationToken)
    {
        if (teacher is null)
        {
            return;
        }

        // The slowest part of all: what a killed run has scored is kept.
        var known = File.Exists(folder.ScoresFile) ? ReadScores() : [];
        using var writer = new StreamWriter(folder.ScoresFile, append: false);
        foreach (var scores in known)
        {
            Write(scores);
        }

        progress.Begin("teacher scores", known.Count, examples.Count);
        for (var i = 0; i < examples.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (i >= known.Count)
            {
                var scores = teacher.Score(examples[i].Query, [examples[i].Positive, .. examples[i].Negatives]);
                if (!scores.All(float.IsFinite))
                {
                    throw new TrainingDataException($"The teacher gives scores that are no numbers ({string.Join(", ", scores)}) for the query [{examples[i].Query}].");
                }

                Write(scores);
                known.Add(scores);
            }

            examples[i] = examples[i] with { Scores = known[i], HasMarginsOnly = false };
            progress.Advance(i + 1);
        }

        progress.End();

        void Write(float[] scores)
        {
            writer.WriteLine(JsonSerializer.Serialize(scores));
            writer.Flush();
        }
    }

    private List<float[]> ReadScores()
    {
        var known = new List<float[]>();
        foreach (var line in File.ReadLines(folder.ScoresFile))
        {
            try
            {
                known.Add(JsonSerializer.Deserialize<float[]>(line)!);
            }
            catch (JsonException)
            {
                // The line that a kill cut off is the last one.
                break;
            }
        }

        return known;
    }

    private static string Line(TrainingExample example)
    {
        var json = new JsonObject
        {
            ["query"] = example.Query, ["positive"] = example.Positive, ["negatives"] = new JsonArray([.. example.Negatives.Select(n => JsonValue.Create(n))]),
        };
        if (example is { Scores: { } margins, HasMarginsOnly: true })
        {
            json["margins"] = new JsonArray([.. margins[1..].Select(s => JsonValue.Create(margins[0] - s))]);
        }
        else if (example.Scores is { } scores)
        {
            json["scores"] = new JsonArray([.. scores.Select(s => JsonValue.Create(s))]);
        }

        return json.ToJsonString();
    }
}
