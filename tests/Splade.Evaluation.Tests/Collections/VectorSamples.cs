using CsCheck;
using Splade.Evaluation.Collections;

namespace Splade.Evaluation.Tests.Collections;

/// <summary>Random collections, and how they compare.</summary>
internal static class VectorSamples
{
    private static readonly string[] Words = ["heart", "##s", "naïve", "心", "a b", "\"quoted\"", "tab\t", "🫀", "x.y", "0"];

    /// <summary>Rows of named features with integer weights 1 to 300; some rows are empty.</summary>
    public static readonly Gen<(string Word, float Weight)[][]> Integers = RowsOf(Gen.Int[1, 300].Select(i => (float)i));

    /// <summary>The same with any positive floats.</summary>
    public static readonly Gen<(string Word, float Weight)[][]> Floats =
        RowsOf(Gen.OneOf(Gen.Float[1e-3f, 50f], Gen.Const(float.Epsilon), Gen.Const(3.4e38f), Gen.Const(0.1f), Gen.Const(16_777_217f)));

    /// <summary>Numbers the words of a collection and makes rows of it.</summary>
    public static (Vocabulary Vocabulary, SparseVector[] Rows) ToVectors((string Word, float Weight)[][] rows)
    {
        var vocabulary = Vocabulary.OfWords();
        return (vocabulary, [.. rows.Select((r, i) => new SparseVector(
            $"id-{i}", [.. r.Select(f => vocabulary.Number(f.Word))], [.. r.Select(f => f.Weight)], $"contents {i} ü \"\\\n"))]);
    }

    /// <summary>What a reader finds, with features by name in ascending order.</summary>
    public static (string Id, string Vector, string? Contents)[] Read(VectorReader reader) =>
        [.. reader.Rows().Select(r => (r.Id, Text(r, reader.Vocabulary), r.Contents))];

    public static string Text(SparseVector row, Vocabulary vocabulary) => string.Join(' ', row.Terms
        .Select((t, i) => (Name: vocabulary.Name(t), Weight: row.Weights[i]))
        .OrderBy(f => f.Name, StringComparer.Ordinal)
        .Select(f => $"{f.Name}:{BitConverter.SingleToInt32Bits(f.Weight):x}"));

    private static Gen<(string, float)[][]> RowsOf(Gen<float> weight) =>
        Gen.Dictionary(Gen.Int[0, Words.Length - 1], weight)[0, 6].Select(d => d.Select(f => (Words[f.Key], f.Value)).ToArray()).Array[0, 12];
}
