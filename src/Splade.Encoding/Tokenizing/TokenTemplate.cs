using System.Collections.Immutable;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Special ids before and after the pieces of a text: <c>[CLS] A [SEP]</c>, <c>&lt;s&gt; A &lt;/s&gt;</c>, XLNet's <c>A &lt;sep&gt; &lt;cls&gt;</c>, or none.
/// </summary>
public sealed record TokenTemplate(ImmutableArray<int> Prefix, ImmutableArray<int> Suffix)
{
    public static TokenTemplate None { get; } = new([], []);

    /// <summary>What it adds to the length of every text.</summary>
    public int Length => Prefix.Length + Suffix.Length;

    /// <summary>The input of a model: the first <paramref name="count"/> pieces in the template.</summary>
    public long[] Apply(IReadOnlyList<PieceOccurrence> pieces, int count)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var ids = new long[Length + count];
        for (var i = 0; i < Prefix.Length; i++)
        {
            ids[i] = Prefix[i];
        }

        for (var i = 0; i < count; i++)
        {
            ids[Prefix.Length + i] = pieces[i].Id;
        }

        for (var i = 0; i < Suffix.Length; i++)
        {
            ids[Prefix.Length + count + i] = Suffix[i];
        }

        return ids;
    }
}
