using System.Globalization;
using System.Text;

namespace Splade.Encoding.Tokenizing.Models;

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016): a word starts as its characters, and of the neighbours that may be merged those of the lowest rank are,
/// leftmost first, until none are left. A heap keeps long words from taking quadratic time.
/// </summary>
internal sealed class BpeModel : CachedModel
{
    [ThreadStatic]
    private static Workspace? _workspace;

    private readonly Vocabulary _vocabulary;
    private readonly BpeOptions _options;
    private readonly Dictionary<ulong, (int Rank, int Id)> _merges;
    private readonly int[]? _bytes;
    private readonly int _unknown;

    /// <param name="merges">By rank.</param>
    /// <exception cref="ArgumentException">A merge, the unknown token or a byte piece is not in the vocabulary.</exception>
    public BpeModel(Vocabulary vocabulary, IReadOnlyList<(string First, string Second)> merges, BpeOptions options)
    {
        _vocabulary = vocabulary;
        _options = options;
        _unknown = options.UnknownToken is null ? PieceTrie.None : Require(options.UnknownToken, "unknown token");
        _bytes = options.ByteFallback ? [.. Enumerable.Range(0, 256).Select(b => vocabulary.Find(BytePiece((byte)b)) ?? PieceTrie.None)] : null;
        _merges = new Dictionary<ulong, (int, int)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (first, second) = merges[rank];
            var continued = options.ContinuingPrefix.Length > 0 && second.StartsWith(options.ContinuingPrefix, StringComparison.Ordinal)
                ? second[options.ContinuingPrefix.Length..]
                : second;
            _merges[Pair(Require(first, "merged piece"), Require(second, "merged piece"))] = (rank, Require(first + continued, "merged piece"));
        }

        int Require(string piece, string what) =>
            vocabulary.Find(piece) ?? throw new ArgumentException($"The {what} [{piece}] is not in the vocabulary.", nameof(vocabulary));
    }

    /// <summary>Spelling of a byte in vocabularies with byte fallback.</summary>
    public static string BytePiece(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    protected override void Encode(ReadOnlySpan<char> word, List<PieceOccurrence> pieces)
    {
        if (_options.IgnoreMerges && _vocabulary.TryGetId(word, out var whole))
        {
            pieces.Add(new PieceOccurrence(whole, 0, word.Length));
            return;
        }

        var workspace = _workspace ??= new Workspace();
        workspace.Clear();
        AddCharacters(word, workspace.Symbols);
        Merge(workspace);
        foreach (var symbol in workspace.Symbols)
        {
            if (!symbol.Merged)
            {
                pieces.Add(new PieceOccurrence(symbol.Id, symbol.Start, symbol.End));
            }
        }
    }

    private void AddCharacters(ReadOnlySpan<char> word, List<Symbol> symbols)
    {
        (int Start, int End)? unknown = null;
        for (var position = 0; position < word.Length;)
        {
            Rune.DecodeFromUtf16(word[position..], out var rune, out var length);
            var (start, end) = (position, position + length);
            position = end;
            if (TryGetCharacter(word, start, end, out var id))
            {
                Flush();
                symbols.Add(new Symbol(id, start, end));
            }
            else if (!TryAddBytes(word, start, end, symbols) && _unknown >= 0)
            {
                if (!_options.FuseUnknown)
                {
                    Flush();
                }

                unknown = (unknown?.Start ?? start, end);
            }
        }

        Flush();

        void Flush()
        {
            if (unknown is var (start, end))
            {
                symbols.Add(new Symbol(_unknown, start, end));
                unknown = null;
            }
        }
    }

    private bool TryGetCharacter(ReadOnlySpan<char> word, int start, int end, out int id)
    {
        var (prefix, suffix) = Around(word, start, end);
        return prefix.Length + suffix.Length == 0
            ? _vocabulary.TryGetId(word[start..end], out id)
            : _vocabulary.TryGetId(string.Concat(prefix, word[start..end], suffix), out id);
    }

    /// <summary>What the vocabulary has before characters inside a word, and after its last one.</summary>
    private (string Prefix, string Suffix) Around(ReadOnlySpan<char> word, int start, int end) =>
        (start > 0 ? _options.ContinuingPrefix : "", end == word.Length ? _options.EndOfWordSuffix : "");

    /// <summary>The bytes of a character, and as in the reference those of the prefix or suffix that it would have.</summary>
    private bool TryAddBytes(ReadOnlySpan<char> word, int start, int end, List<Symbol> symbols)
    {
        if (_bytes is null)
        {
            return false;
        }

        var (prefix, suffix) = Around(word, start, end);
        Span<byte> room = stackalloc byte[4];
        var bytes = prefix.Length + suffix.Length == 0
            ? room[..System.Text.Encoding.UTF8.GetBytes(word[start..end], room)]
            : System.Text.Encoding.UTF8.GetBytes(string.Concat(prefix, word[start..end], suffix));
        foreach (var value in bytes)
        {
            if (_bytes[value] < 0)
            {
                return false;
            }
        }

        foreach (var value in bytes)
        {
            symbols.Add(new Symbol(_bytes[value], start, end));
        }

        return true;
    }

    private void Merge(Workspace workspace)
    {
        var symbols = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(workspace.Symbols);
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i].Previous = i - 1;
            symbols[i].Next = i + 1 < symbols.Length ? i + 1 : -1;
        }

        var queue = workspace.Queue;
        for (var i = 0; i + 1 < symbols.Length; i++)
        {
            Offer(symbols, i, queue);
        }

        while (queue.TryDequeue(out var place, out var priority))
        {
            ref var left = ref symbols[place];
            if (left.Merged || left.Next < 0
                || !_merges.TryGetValue(Pair(left.Id, symbols[left.Next].Id), out var merge) || merge.Rank != (int)(priority >> 32))
            {
                // One of the two has gone into another piece since.
                continue;
            }

            ref var right = ref symbols[left.Next];
            right.Merged = true;
            left.Id = merge.Id;
            left.End = right.End;
            left.Next = right.Next;
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = place;
                Offer(symbols, place, queue);
            }

            if (left.Previous >= 0)
            {
                Offer(symbols, left.Previous, queue);
            }
        }
    }

    private void Offer(ReadOnlySpan<Symbol> symbols, int place, PriorityQueue<int, ulong> queue)
    {
        if (_merges.TryGetValue(Pair(symbols[place].Id, symbols[symbols[place].Next].Id), out var merge))
        {
            queue.Enqueue(place, ((ulong)merge.Rank << 32) | (uint)place);
        }
    }

    private static ulong Pair(int first, int second) => ((ulong)(uint)first << 32) | (uint)second;

    private struct Symbol(int id, int start, int end)
    {
        public int Id = id;
        public int Start = start;
        public int End = end;
        public int Previous;
        public int Next;
        public bool Merged;
    }

    private sealed class Workspace
    {
        public List<Symbol> Symbols { get; } = [];

        public PriorityQueue<int, ulong> Queue { get; } = new();

        public void Clear()
        {
            Symbols.Clear();
            Queue.Clear();
        }
    }
}
