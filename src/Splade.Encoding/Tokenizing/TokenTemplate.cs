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
}
