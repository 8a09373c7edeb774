namespace Splade.Encoding.Tests.Models;

/// <summary>
/// Encoders written down as their papers and reference code have them: plain loops in double precision over the tensors by name, one text at a time,
/// no padding. Slow and obvious; the graphs that we build have to agree with them in every variant of the settings.
/// </summary>
internal sealed class ReferenceModel(Dictionary<string, TestTensor> tensors)
{
    public Func<double, double> Activation { get; init; } = Gelu;

    public double Epsilon { get; init; } = 1e-12;

    public static double Gelu(double x) => 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));

    public static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    public static double Silu(double x) => x / (1 + Math.Exp(-x));

    /// <summary>log(1 + ReLU(max over tokens of the logits)).</summary>
    public static double[] Splade(double[][] logits) =>
        [.. Enumerable.Range(0, logits[0].Length).Select(j => Math.Log(1 + Math.Max(0, logits.Max(row => row[j]))))];

    /// <summary>Embeddings, layers and head of BERT and RoBERTa.</summary>
    /// <param name="positions">Rows of the position table.</param>
    public double[][] Bert(int[] ids, int[] positions, int layers, int heads, string prefix, string head, string norm, string table, string bias, Func<double, double> headActivation)
    {
        var x = Normal(Map(ids.Length, t => Sum(Row($"{prefix}embeddings.word_embeddings.weight", ids[t]), Row($"{prefix}embeddings.token_type_embeddings.weight", 0),
            Row($"{prefix}embeddings.position_embeddings.weight", positions[t]))), $"{prefix}embeddings.LayerNorm");
        for (var layer = 0; layer < layers; layer++)
        {
            var name = $"{prefix}encoder.layer.{layer}.";
            var seen = Attend(Linear(x, name + "attention.self.query"), Linear(x, name + "attention.self.key"), Linear(x, name + "attention.self.value"), heads, int.MaxValue);
            x = Normal(Add(Linear(seen, name + "attention.output.dense"), x), name + "attention.output.LayerNorm");
            x = Normal(Add(Linear(Apply(Linear(x, name + "intermediate.dense"), Activation), name + "output.dense"), x), name + "output.LayerNorm");
        }

        return Project(Normal(Apply(Linear(x, head), headActivation), norm), table, bias);
    }

    public double[][] ModernBert(int[] ids, int layers, int heads, int reach, double globalTheta, double localTheta, Func<int, bool> isGlobal, Func<double, double> headActivation, string table)
    {
        var x = Normal(Map(ids.Length, t => Row("model.embeddings.tok_embeddings.weight", ids[t])), "model.embeddings.norm");
        for (var layer = 0; layer < layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            var qkv = Linear(layer == 0 ? x : Normal(x, name + "attn_norm"), name + "attn.Wqkv");
            var size = qkv[0].Length / 3;
            var theta = isGlobal(layer) ? globalTheta : localTheta;
            var seen = Attend(
                Rotate(Part(qkv, 0, size), heads, theta), Rotate(Part(qkv, size, size), heads, theta), Part(qkv, 2 * size, size), heads, isGlobal(layer) ? int.MaxValue : reach);
            x = Add(x, Linear(seen, name + "attn.Wo"));
            var wide = Linear(Normal(x, name + "mlp_norm"), name + "mlp.Wi");
            var inner = wide[0].Length / 2;
            var (input, gate) = (Apply(Part(wide, 0, inner), Activation), Part(wide, inner, inner));
            x = Add(x, Linear(Map(x.Length, t => [.. input[t].Zip(gate[t], (a, b) => a * b)]), name + "mlp.Wo"));
        }

        x = Normal(x, "model.final_norm");
        return Project(Normal(Apply(Linear(x, "head.dense"), headActivation), "head.norm"), table, "decoder.bias");
    }

    private static double[][] Rotate(double[][] x, int heads, double theta)
    {
        var width = x[0].Length / heads;
        return Map(x.Length, t =>
        {
            var row = new double[x[t].Length];
            for (var i = 0; i < row.Length; i++)
            {
                var (start, place) = (i / width * width, i % width);
                var angle = t * Math.Pow(theta, -2.0 * (place % (width / 2)) / width);
                var turned = place < width / 2 ? -x[t][start + place + (width / 2)] : x[t][start + place - (width / 2)];
                row[i] = (x[t][i] * Math.Cos(angle)) + (turned * Math.Sin(angle));
            }

            return row;
        });
    }

    private static double[][] Attend(double[][] query, double[][] key, double[][] value, int heads, int reach)
    {
        var width = query[0].Length / heads;
        return Map(query.Length, t =>
        {
            var row = new double[query[t].Length];
            for (var head = 0; head < heads; head++)
            {
                double[] scores = [.. key.Select((k, s) => Math.Abs(s - t) > reach
                    ? double.NegativeInfinity
                    : Enumerable.Range(head * width, width).Sum(i => query[t][i] * k[i]) / Math.Sqrt(width))];
                var most = scores.Max();
                double[] shares = [.. scores.Select(s => Math.Exp(s - most))];
                var total = shares.Sum();
                for (var i = head * width; i < (head + 1) * width; i++)
                {
                    row[i] = shares.Select((share, s) => share / total * value[s][i]).Sum();
                }
            }

            return row;
        });
    }

    private double[][] Linear(double[][] x, string name) => Project(x, name + ".weight", name + ".bias");

    private double[][] Project(double[][] x, string table, string bias)
    {
        var weight = tensors[table];
        var (rows, columns) = ((int)weight.Shape[0], (int)weight.Shape[1]);
        var added = tensors.GetValueOrDefault(bias)?.Values;
        return Map(x.Length, t => [.. Enumerable.Range(0, rows).Select(o =>
            Enumerable.Range(0, columns).Sum(i => x[t][i] * weight.Values[(o * columns) + i]) + (added?[o] ?? 0))]);
    }

    private double[][] Normal(double[][] x, string name)
    {
        var scale = (tensors.GetValueOrDefault(name + ".weight") ?? tensors[name + ".gamma"]).Values;
        var shift = (tensors.GetValueOrDefault(name + ".bias") ?? tensors.GetValueOrDefault(name + ".beta"))?.Values;
        return Map(x.Length, t =>
        {
            var mean = x[t].Average();
            var deviation = Math.Sqrt(x[t].Average(v => (v - mean) * (v - mean)) + Epsilon);
            return [.. x[t].Select((v, i) => ((v - mean) / deviation * scale[i]) + (shift?[i] ?? 0))];
        });
    }

    private double[] Row(string name, int row)
    {
        var width = (int)tensors[name].Shape[1];
        return [.. tensors[name].Values.AsSpan(row * width, width).ToArray().Select(v => (double)v)];
    }

    private static double[] Sum(params double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Sum(r => r[i]))];

    private static double[][] Add(double[][] a, double[][] b) => Map(a.Length, t => Sum(a[t], b[t]));

    private static double[][] Apply(double[][] x, Func<double, double> function) => Map(x.Length, t => [.. x[t].Select(function)]);

    private static double[][] Part(double[][] x, int start, int length) => Map(x.Length, t => x[t][start..(start + length)]);

    private static double[][] Map(int count, Func<int, double[]> row) => [.. Enumerable.Range(0, count).Select(row)];

    // Numerical integral of the definition; 1e-9 is far below what is compared.
    private static double Erf(double x)
    {
        const int steps = 200;
        var h = x / steps;
        var sum = 1 + Math.Exp(-x * x);
        for (var i = 1; i < steps; i++)
        {
            sum += (i % 2 == 1 ? 4 : 2) * Math.Exp(-i * h * i * h);
        }

        return 2 / Math.Sqrt(Math.PI) * sum * h / 3;
    }
}
