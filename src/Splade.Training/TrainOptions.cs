using System.Text.Json.Serialization;
using Splade.Lexical;
using Splade.Training.Data;
using Splade.Training.Losses;
using Splade.Training.Schedules;

namespace Splade.Training;

/// <summary>Everything that a training run depends on; kept beside the run as options.json, so that it can be resumed and repeated.</summary>
internal sealed record TrainOptions
{
    /// <summary>Plain text: files with a passage a line, corpus.jsonl, or folders. For the vocabulary, pretraining and, without other examples, training.</summary>
    public string[] Text { get; init; } = [];

    /// <summary>BEIR folders: queries, corpus and judgements of <see cref="Split"/>.</summary>
    public string[] Beir { get; init; } = [];

    /// <summary>Pairs and triplets, see <see cref="ExampleFile"/>.</summary>
    public string[] Examples { get; init; } = [];

    /// <summary>FOLDER=FILE: teacher scores over a BEIR folder, see <see cref="TeacherScoreFile"/>.</summary>
    public string[] Scored { get; init; } = [];

    /// <summary>Whether there are neither questions nor a teacher: sentences then look for the passages around them.</summary>
    [JsonIgnore]
    public bool IsFromTextAlone => Beir.Length == 0 && Examples.Length == 0 && Scored.Length == 0 && CrossEncoder is null && DenseTeacher is null;

    /// <summary>BEIR folder that the ids in <see cref="Examples"/> mean; null: they are texts.</summary>
    public string? Collection { get; init; }

    public string Split { get; init; } = "train";

    public TeacherSignal Signal { get; init; } = TeacherSignal.Sum;

    /// <summary>Checkpoint to start from; null: from scratch.</summary>
    public string? From { get; init; }

    public Preset Preset { get; init; } = Preset.Tiny;

    public int VocabularySize { get; init; } = 16_384;

    public VocabularyKind Vocabulary { get; init; } = VocabularyKind.Wordpiece;

    /// <summary>Language of the stems of a <see cref="VocabularyKind.Stems"/> vocabulary.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Longest document in training, in tokens.</summary>
    public int MaxLength { get; init; } = 128;

    public int MaxQueryLength { get; init; } = 64;

    /// <summary>Passages of <see cref="Text"/> that are used.</summary>
    public int Passages { get; init; } = 200_000;

    public int MlmSteps { get; init; }

    public int MlmBatch { get; init; } = 64;

    public double MlmRate { get; init; } = 1e-3;

    public int Steps { get; init; } = 100;

    public int Batch { get; init; } = 32;

    /// <summary>Batches whose gradients are added up to one step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Negatives of each query, beside those of the other rows.</summary>
    public int Negatives { get; init; } = 1;

    /// <summary>BM25's best documents that are taken for negatives where an example has none; 0: none are mined.</summary>
    public int HardNegatives { get; init; } = 10;

    public double Rate { get; init; } = 5e-4;

    /// <summary>Learning rate of the weights of inference-free queries.</summary>
    public double QueryRate { get; init; } = 2e-3;

    public double WarmupShare { get; init; } = 0.1;

    public double WeightDecay { get; init; } = 0.01;

    public double MaxGradientNorm { get; init; } = 1;

    public LossKind Loss { get; init; } = LossKind.Auto;

    /// <summary>Of the softmax in KL distillation.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Multiplies scores in the in-batch loss.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>What the in-batch loss tells apart.</summary>
    public ContrastOf Contrast { get; init; } = ContrastOf.QueryToDocument;

    /// <summary>Weight of the in-batch loss beside a distillation loss; 0: distillation alone.</summary>
    public double InBatchWeight { get; init; }

    public bool InferenceFree { get; init; } = true;

    public double LambdaDocuments { get; init; } = 1e-3;

    public double LambdaQueries { get; init; } = 1e-3;

    public SparsityNorm Regularizer { get; init; } = SparsityNorm.Flops;

    public SparsityNorm QueryRegularizer { get; init; } = SparsityNorm.Flops;

    public double RegularizerWarmupShare { get; init; } = 1.0 / 3;

    public Warmup RegularizerWarmup { get; init; } = Warmup.Quadratic;

    /// <summary>Documents with at most so many terms are not regularised.</summary>
    public int? DocumentThreshold { get; init; }

    public int? QueryThreshold { get; init; }

    /// <summary>Columns of the vocabulary sampled for the regulariser where queries are inference-free; 0: all.</summary>
    public int RegularizerColumns { get; init; } = 2048;

    public bool DoubleLog { get; init; }

    /// <summary>Package of a cross-encoder that scores the examples.</summary>
    public string? CrossEncoder { get; init; }

    /// <summary>Package of a dense sentence encoder that scores the examples.</summary>
    public string? DenseTeacher { get; init; }

    /// <summary>Multiplies the teacher's scores: cosines are too close to each other for a softmax.</summary>
    public double TeacherScale { get; init; } = 1;

    public int Seed { get; init; } = 42;

    public int CheckpointEvery { get; init; } = 50;

    /// <summary>Threads of torch; 0: one a core.</summary>
    public int Threads { get; init; }

    [JsonIgnore]
    public bool HasExamples => Beir.Length + Examples.Length + Scored.Length > 0;

    /// <exception cref="TrainingDataException">A setting is out of range or lacks another; the message names it.</exception>
    public TrainOptions Validate()
    {
        Check(Text.Length > 0 || HasExamples, "There is nothing to train on: give --text, --beir, --examples or --scored.");
        Check(From is not null || Text.Length > 0 || HasExamples, "A vocabulary needs text.");
        Check(VocabularySize is >= 100 and <= 500_000, "--vocabulary-size must be 100 to 500000.");
        Check(Vocabulary != VocabularyKind.Stems || Stemmers.Has(Language), $"--language {Language}: there is no stemmer for it. Take --vocabulary wordpiece, or one of en, de, es, fr, pt, ru, it, nl.");
        Check(MaxLength is >= 8 and <= 512, "--max-length must be 8 to 512 tokens.");
        Check(MaxQueryLength is >= 4 and <= 512, "--max-query-length must be 4 to 512 tokens.");
        Check(Passages > 0, "--passages must be positive.");
        Check(MlmSteps >= 0 && Steps >= 0 && MlmSteps + Steps > 0, "--steps and --mlm-steps must not be negative, nor both 0.");
        Check(Batch > 1 && MlmBatch > 1, "--batch and --mlm-batch must be 2 or more: the other rows are the negatives.");
        Check(Accumulate > 0, "--accumulate must be 1 or more.");
        Check(Negatives >= 0 && HardNegatives >= 0, "--negatives and --hard-negatives must not be negative.");
        Check(Loss != LossKind.MarginMse || Negatives > 0, "--loss margin-mse needs --negatives of 1 or more.");
        Check(Loss != LossKind.Kl || Negatives > 0, "--loss kl needs --negatives of 1 or more.");
        Check(Rate > 0 && MlmRate > 0 && QueryRate >= 0, "Learning rates must be positive.");
        Check(WarmupShare is >= 0 and < 1 && RegularizerWarmupShare is >= 0 and <= 1, "Warm-ups are shares of all steps, from 0 to less than 1.");
        Check(WeightDecay >= 0 && MaxGradientNorm > 0, "--weight-decay must not be negative, --max-gradient-norm must be positive.");
        Check(Temperature > 0 && Scale > 0 && InBatchWeight >= 0, "--temperature and --scale must be positive.");
        Check(LambdaDocuments >= 0 && LambdaQueries >= 0, "--lambda-d and --lambda-q must not be negative.");
        Check(RegularizerColumns >= 0, "--regularizer-columns must not be negative.");
        Check(CheckpointEvery > 0, "--checkpoint-every must be positive.");
        Check(Threads >= 0, "--threads must not be negative.");
        Check(TeacherScale > 0, "--teacher-scale must be positive.");
        Check(CrossEncoder is null || DenseTeacher is null, "Give one teacher: --cross-encoder or --dense-teacher.");
        return this;

        static void Check(bool isRight, string message)
        {
            if (!isRight)
            {
                throw new TrainingDataException(message);
            }
        }
    }
}
