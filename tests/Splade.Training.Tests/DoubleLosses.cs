using Splade.Training.Losses;

namespace Splade.Training.Tests;

/// <summary>The losses in float64 and plain loops, as their formulas are written. Vectors are rows; documents are the positives, then the first negatives, ...</summary>
internal static class DoubleLosses
{
    public static double InBatch(double[][] queries, double[][][] documents, double scale)
    {
        var all = documents.SelectMany(column => column).ToArray();
        return queries.Select((q, i) =>
        {
            var wanted = scale * Dot(q, documents[0][i]);
            return Math.Log(all.Sum(d => Math.Exp((scale * Dot(q, d)) - wanted)));
        }).Average();
    }

    public static double Kl(double[][] queries, double[][][] documents, double[][] labels, double temperature) => queries.Select((q, i) =>
    {
        var student = Softmax([.. documents.Select(column => Dot(q, column[i]) / temperature)]);
        var teacher = Softmax([.. labels[i].Select(l => l / temperature)]);
        return temperature * temperature * teacher.Zip(student, (t, s) => t * Math.Log(t / s)).Sum();
    }).Average();

    public static double MarginMse(double[][] queries, double[][][] documents, double[][] labels) => queries.SelectMany((q, i) =>
        documents.Skip(1).Select((column, n) => Math.Pow(Dot(q, documents[0][i]) - Dot(q, column[i]) - (labels[i][0] - labels[i][n + 1]), 2))).Average();

    public static double Mse(double[][] queries, double[][][] documents, double[][] labels) =>
        queries.SelectMany((q, i) => documents.Select((column, n) => Math.Pow(Dot(q, column[i]) - labels[i][n], 2))).Average();

    public static double Sparsity(double[][] rows, SparsityNorm norm, int? threshold)
    {
        var counted = rows.Where(r => threshold is null || r.Count(w => w != 0) > threshold).ToArray();
        return norm == SparsityNorm.L1
            ? counted.Sum(r => r.Sum(Math.Abs)) / rows.Length
            : Enumerable.Range(0, rows[0].Length).Sum(j => Math.Pow(counted.Sum(r => r[j]) / rows.Length, 2));
    }

    private static double[] Softmax(double[] x)
    {
        var all = x.Sum(Math.Exp);
        return [.. x.Select(v => Math.Exp(v) / all)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
