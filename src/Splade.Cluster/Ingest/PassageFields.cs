using System.Collections.Immutable;
using System.Globalization;
using Splade.Index;

namespace Splade.Cluster.Ingest;

/// <summary>
/// Where the passages of a document lie that is scored as its best one. The first has the field itself, so documents of one passage are as without passages. Each
/// other has a hidden field, and its number is a feature of one more hidden field, which tells how many there are to search and how many documents have them.
/// </summary>
public static class PassageFields
{
    private const string Prefix = "#passage";

    /// <summary>What <see cref="IsReserved"/> refuses, for messages.</summary>
    public const string ReservedNames = $"choose one that does not contain [{Prefix}] nor end in [{StaticPruning.RestSuffix}]";

    /// <summary>The field of a passage.</summary>
    /// <param name="number">Counts from 1.</param>
    public static string Of(string field, int number) => number == 1 ? field : string.Create(CultureInfo.InvariantCulture, $"{field}{Prefix}{number}");

    /// <summary>The field whose features are the numbers of a document's passages, from 2 on.</summary>
    public static string Numbers(string field) => field + Prefix + "s";

    /// <summary>A passage's number as a feature.</summary>
    public static string Feature(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a field's own name (without those of the objects around it) could be that of a hidden field, of passages or of what static pruning leaves out.</summary>
    public static bool IsReserved(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains(Prefix, StringComparison.Ordinal) || name.EndsWith(StaticPruning.RestSuffix, StringComparison.Ordinal);
    }

    /// <summary>The vectors of a document's passages, each in its field; where there are several, their numbers too.</summary>
    /// <param name="vectors">Those that are not empty.</param>
    internal static (ImmutableArray<SparseField> Passages, SparseField? Numbers) Of(string field, ImmutableArray<ImmutableArray<FeatureWeight>> vectors) => (
        [.. vectors.Select((v, i) => new SparseField(Of(field, i + 1), v))],
        vectors.Length < 2 ? null : new SparseField(Numbers(field), [.. Enumerable.Range(2, vectors.Length - 1).Select(n => new FeatureWeight(Feature(n), 1f))]));
}
