using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Dimensions for two neighbouring pieces that say more together: characters of a script without blanks (bigrams, as analyzers for Chinese and Japanese
/// make them), and the parts of a word that the vocabulary does not have. A pair has one of <see cref="PairSettings.Count"/> dimensions by a hash of
/// both ids, so any pair has one, and a few share it.
/// </summary>
internal sealed class PiecePairs
{
    /// <summary>No pair.</summary>
    public const byte None = 0;

    /// <summary>Of a word: anything with a letter or a digit may be followed by a continuing piece with weight, a digit or an Arabic letter. Endings are none of these (Arabic words have lost theirs before), so a stem and its ending are no pair.</summary>
    public const byte Word = 1;

    /// <summary>Characters of <see cref="UnspacedScripts"/>: two of them in a row.</summary>
    public const byte Unspaced = 2;

    /// <summary>The hash is (left x LeftFactor + right x RightFactor) mod Prime mod count: no overflow of 64 bits for ids below 2^31.</summary>
    public const long LeftFactor = 2_654_435_761;

    /// <inheritdoc cref="LeftFactor"/>
    public const long RightFactor = 1_540_483_477;

    /// <inheritdoc cref="LeftFactor"/>
    public const long Prime = int.MaxValue;

    private readonly bool[] _continues;

    /// <param name="pieces">The vocabulary by id.</param>
    /// <param name="special">Ids that are in no pair.</param>
    /// <param name="hasWeight">By id: whether the piece has a weight of its own.</param>
    public PiecePairs(IReadOnlyList<string> pieces, IReadOnlySet<int> special, Func<int, bool> hasWeight, PairSettings settings)
    {
        Settings = settings;
        Left = new byte[pieces.Count];
        Right = new byte[pieces.Count];
        _continues = [.. pieces.Select(p => p.StartsWith("##", StringComparison.Ordinal))];
        for (var id = 0; id < Math.Min(settings.First, pieces.Count); id++)
        {
            var piece = pieces[id];
            if (special.Contains(id))
            {
                continue;
            }

            if (UnspacedScripts.IsCharacter(piece))
            {
                Left[id] = Right[id] = hasWeight(id) ? Unspaced : None;
                continue;
            }

            Left[id] = piece.Any(char.IsLetterOrDigit) ? Word : None;
            Right[id] = _continues[id] && (hasWeight(id) || char.IsDigit(piece[^1]) || IsArabic(piece[^1])) ? Word : None;
        }
    }

    public PairSettings Settings { get; }

    /// <summary>By id: the kind of pair that the piece can begin.</summary>
    public byte[] Left { get; }

    /// <summary>By id: the kind of pair that it can end.</summary>
    public byte[] Right { get; }

    /// <summary>The dimension of two pieces that follow each other; null for no pair.</summary>
    public int? Find(int left, int right) => Right[right] == None || Left[left] != Right[right]
        ? null
        : Settings.First + (int)(((left * LeftFactor) + (right * RightFactor)) % Prime % Settings.Count);

    /// <summary>
    /// What a query counts: its pieces, those in pairs with the share that they keep, and the pairs. Those of a word count 1 together, so that an unknown word says no
    /// more than a known one. (In a document each counts 1, as the graph has it: it saturates there anyway.)
    /// </summary>
    /// <param name="count">Pieces from the first on.</param>
    /// <param name="add">Dimension and how much it counts, in the order of the text.</param>
    public void Count(IReadOnlyList<PieceOccurrence> pieces, int count, Action<int, float> add)
    {
        int? before = null;
        for (var i = 0; i < count; i++)
        {
            var after = i + 1 < count ? Find(pieces[i].Id, pieces[i + 1].Id) : null;
            add(pieces[i].Id, before is null && after is null ? 1f : Settings.Share);
            if (after is { } pair)
            {
                add(pair, Right[pieces[i + 1].Id] == Word ? 1f / PairsOfWord(pieces, i, count) : 1f);
            }

            before = after;
        }
    }

    private static bool IsArabic(char c) => c is >= '\u0620' and <= '\u06D3';

    private int PairsOfWord(IReadOnlyList<PieceOccurrence> pieces, int inside, int count)
    {
        var (first, last) = (inside, inside);
        while (first > 0 && _continues[pieces[first].Id])
        {
            first--;
        }

        while (last + 1 < count && _continues[pieces[last + 1].Id])
        {
            last++;
        }

        return Enumerable.Range(first, last - first).Count(i => Find(pieces[i].Id, pieces[i + 1].Id) is not null);
    }
}

/// <summary>Dimensions for pairs of pieces, see <see cref="PiecePairs"/>. The graph of the documents does the same.</summary>
/// <param name="First">Id of the first; the vocabulary names all of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Share">How much a piece counts that is in a pair; alone it counts 1.</param>
internal sealed record PairSettings(int First, int Count, float Share);
