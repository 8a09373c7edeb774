using Splade.Encoding.Tokenizing;
using Splade.Training.Losses;
using Splade.Training.Networks;
using Splade.Training.Steps;
using static TorchSharp.torch;

namespace Splade.Training.Data;

/// <summary>Builds the batches of SPLADE training; a function of seed and step.</summary>
internal sealed class SpladeBatches(IReadOnlyList<TrainingExample> examples, ITokenizer tokenizer, TrainOptions options, bool hasLabels)
{
    private readonly BatchPlan _plan = new(examples, options.Batch, options.Seed);
    private readonly TextTokens _tokens = new(tokenizer, options.MaxLength, options.MaxQueryLength);
    private readonly ILookup<string, string> _answers = examples.ToLookup(e => e.Query, e => e.Positive, StringComparer.Ordinal);

    /// <summary>The batches of a step, as many as it accumulates.</summary>
    /// <param name="step">0 for the first step.</param>
    public SpladeBatch[] Step(int step) => [.. Enumerable.Range(step * options.Accumulate, options.Accumulate).Select(Batch)];

    private SpladeBatch Batch(int step)
    {
        var random = new Random(BatchPlan.HashCode(options.Seed + 1, step));
        var rows = _plan.Batch(step).Select(i => examples[i]).ToArray();
        var answers = rows.SelectMany(r => _answers[r.Query]).ToHashSet(StringComparer.Ordinal);
        var documents = new int[options.Negatives + 1][][];
        var labels = new float[rows.Length * documents.Length];
        for (var column = 0; column < documents.Length; column++)
        {
            documents[column] = new int[rows.Length][];
        }

        for (var row = 0; row < rows.Length; row++)
        {
            var chosen = Choose(rows[row], answers, random);
            for (var column = 0; column < chosen.Count; column++)
            {
                documents[column][row] = _tokens.Document(chosen[column].Text);
                labels[(row * documents.Length) + column] = (float)(chosen[column].Score * options.TeacherScale);
            }
        }

        int[][] queries = [.. rows.Select(r => options.InferenceFree ? _tokens.StaticQuery(r.Query) : _tokens.ModelQuery(r.Query))];
        var batch = new SpladeBatch(
            TokenBatch.Of(queries, tokenizer.PaddingId),
            [.. documents.Select(d => TokenBatch.Of(d, tokenizer.PaddingId))],
            hasLabels ? tensor(labels).reshape(rows.Length, documents.Length) : null);

        // Where documents are told apart from each other, every column scores.
        var samples = options.InferenceFree && options.RegularizerColumns > 0 && !options.Contrast.HasFlag(ContrastOf.DocumentToDocument);
        return samples ? WithColumns(batch, queries, random) : batch;
    }

    /// <summary>The positive and as many negatives as a row has; documents of other examples where its own do not suffice.</summary>
    /// <param name="answers">What answers the queries of the batch.</param>
    private List<(string Text, float Score)> Choose(TrainingExample example, HashSet<string> answers, Random random)
    {
        var chosen = new List<(string, float)> { (example.Positive, example.Scores?[0] ?? 0) };
        var places = Enumerable.Range(0, example.Negatives.Count).ToArray();
        random.Shuffle(places);
        chosen.AddRange(WithoutAnswers(example, places, answers).Take(options.Negatives).Select(i => (example.Negatives[i], example.Scores?[i + 1] ?? 0)));
        while (chosen.Count <= options.Negatives)
        {
            chosen.Add((Other(example, answers, random), 0));
        }

        return chosen;
    }

    /// <summary>
    /// The in-batch loss scores each query with all documents of the batch: a negative that answers another row's query would be a wrong answer there. It is left
    /// out, or comes last where a teacher's score is needed for every document. Other losses look at the row alone.
    /// </summary>
    private IEnumerable<int> WithoutAnswers(TrainingExample example, int[] places, HashSet<string> answers) =>
        !hasLabels ? places.Where(i => !answers.Contains(example.Negatives[i]))
        : options.InBatchWeight > 0 ? places.OrderBy(i => answers.Contains(example.Negatives[i]))
        : places;

    /// <summary>A positive of another question. One of the batch would be the right answer of a row a second time: where nearly all are, it is taken all the same.</summary>
    private string Other(TrainingExample example, HashSet<string> answers, Random random)
    {
        const int Attempts = 20;
        var other = example;
        for (var attempt = 0; attempt < Attempts && (answers.Contains(other.Positive) || other.Query == example.Query); attempt++)
        {
            other = examples[random.Next(examples.Count)];
        }

        return other.Positive != example.Positive ? other.Positive : examples.First(e => e.Positive != example.Positive).Positive;
    }

    /// <summary>
    /// With inference-free queries only the columns of the batch's query pieces score; for the regulariser a random sample of the others joins them,
    /// each standing for as many as it was drawn from. A large vocabulary then costs little.
    /// </summary>
    private SpladeBatch WithColumns(SpladeBatch batch, int[][] queries, Random random)
    {
        var wanted = queries.SelectMany(q => q).Distinct().Order().ToArray();
        var others = tokenizer.VocabularySize - wanted.Length;
        if (options.RegularizerColumns >= others)
        {
            return batch;
        }

        var taken = wanted.ToHashSet();
        var sample = new List<int>(options.RegularizerColumns);
        while (sample.Count < options.RegularizerColumns)
        {
            var id = random.Next(tokenizer.VocabularySize);
            if (taken.Add(id))
            {
                sample.Add(id);
            }
        }

        long[] columns = [.. wanted.Concat(sample).Select(id => (long)id)];
        float[] weights = [.. wanted.Select(_ => 1f), .. sample.Select(_ => (float)others / sample.Count)];
        return batch with { Columns = tensor(columns), ColumnWeights = tensor(weights) };
    }
}
