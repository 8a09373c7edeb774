using Splade.Training.Networks;

namespace Splade.Training.Tests;

/// <summary>
/// BERT with its masked-language head and SPLADE's max pooling in float64 and plain loops, one text at a time and without padding: what the trainer is compared
/// with where the golden files have no such shape.
/// </summary>
internal sealed class DoubleBert(BertConfig config, IReadOnlyDictionary<string, double[]> weights)
{
    private readonly BertNames _names = new(config);

    /// <summary>w_j = max over positions of log(1 + ReLU(z_ij)).</summary>
    public double[] Document(int[] ids)
    {
        var best = new double[config.VocabularySize];
        foreach (var logits in Logits(ids))
        {
            for (var j = 0; j < best.Length; j++)
            {
                best[j] = Math.Max(best[j], Math.Log(1 + Math.Max(0, logits[j])));
            }
        }

        return best;
    }

    /// <summary>[sequence][vocabulary].</summary>
    public double[][] Logits(int[] ids)
    {
        var states = ids.Select((id, place) => Norm(Sum(Row(_names.Words, id), Sum(Row(_names.Positions, place), Row(_names.Segments, 0))), _names.EmbeddingNorm)).ToArray();
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var mixed = Attend(states, layer);
            for (var i = 0; i < states.Length; i++)
            {
                var state = Norm(Sum(states[i], Linear(mixed[i], _names.AttentionOutput(layer))), _names.AttentionNorm(layer));
                var inner = Linear(state, _names.FeedForwardIn(layer)).Select(Gelu).ToArray();
                states[i] = Norm(Sum(state, Linear(inner, _names.FeedForwardOut(layer))), _names.OutputNorm(layer));
            }
        }

        return [.. states.Select(s => Norm([.. Linear(s, _names.HeadDense).Select(Gelu)], _names.HeadNorm)).Select(Decode)];
    }

    private double[] Decode(double[] state) =>
        [.. Enumerable.Range(0, config.VocabularySize).Select(j => Dot(Row(_names.Words, j), state) + weights[_names.DecoderBias][j])];

    private double[][] Attend(double[][] states, int layer)
    {
        var queries = states.Select(s => Linear(s, _names.Query(layer))).ToArray();
        var keys = states.Select(s => Linear(s, _names.Key(layer))).ToArray();
        var values = states.Select(s => Linear(s, _names.Value(layer))).ToArray();
        var mixed = states.Select(_ => new double[config.Hidden]).ToArray();
        var size = config.Hidden / config.Heads;
        for (var head = 0; head < config.Heads; head++)
        {
            var part = (head * size)..((head + 1) * size);
            for (var i = 0; i < states.Length; i++)
            {
                var shares = keys.Select(k => Math.Exp(Dot(queries[i][part], k[part]) / Math.Sqrt(size))).ToArray();
                var all = shares.Sum();
                for (var d = part.Start.Value; d < part.End.Value; d++)
                {
                    mixed[i][d] = Enumerable.Range(0, states.Length).Sum(j => shares[j] / all * values[j][d]);
                }
            }
        }

        return mixed;
    }

    private double[] Linear(double[] x, string name)
    {
        var (matrix, bias) = (weights[name + ".weight"], weights[name + ".bias"]);
        return [.. bias.Select((b, i) => b + Dot(matrix[(i * x.Length)..((i + 1) * x.Length)], x))];
    }

    private double[] Norm(double[] x, string name)
    {
        var mean = x.Average();
        var deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + config.Epsilon);
        return [.. x.Select((v, i) => ((v - mean) / deviation * weights[name + ".weight"][i]) + weights[name + ".bias"][i])];
    }

    private double[] Row(string table, int row) => weights[table][(row * config.Hidden)..((row + 1) * config.Hidden)];

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Gelu(double x) => 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));

    /// <summary>The series 2/sqrt(pi) sum of (-1)^n x^(2n+1) / (n! (2n+1)), exact to rounding for the small x of a test.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5)
        {
            return Math.Sign(x);
        }

        var (sum, term) = (0.0, x);
        for (var n = 0; n < 120; n++)
        {
            sum += term / ((2 * n) + 1);
            term *= -x * x / (n + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
