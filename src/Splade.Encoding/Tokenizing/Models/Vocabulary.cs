using System.Globalization;

namespace Splade.Encoding.Tokenizing.Models;

/// <summary>Pieces of text by id, and ids by piece.</summary>
internal sealed class Vocabulary
{
    private const int MaxHoles = 1 << 16;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <param name="pieces">Of equal pieces the last one is found; ids that no piece has stay unused.</param>
    /// <exception cref="ArgumentException">An empty piece, a negative id, an id twice, or ids far beyond the number of pieces.</exception>
    public Vocabulary(IReadOnlyCollection<(string Text, int Id)> pieces)
    {
        var size = pieces.Count == 0 ? 0 : pieces.Max(p => (long)p.Id) + 1;
        if (size > (2L * pieces.Count) + MaxHoles)
        {
            throw new ArgumentException($"The vocabulary has {pieces.Count} pieces and an id {size - 1}.", nameof(pieces));
        }

        Pieces = new string[size];
        _ids = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        foreach (var (text, id) in pieces)
        {
            if (id < 0 || Pieces[id] is not null)
            {
                throw new ArgumentException($"The vocabulary has the id {id} of [{text}] {(id < 0 ? "below 0" : "twice")}.", nameof(pieces));
            }

            Pieces[id] = text;
            _ids[text] = id;
        }

        for (var id = 0; id < Pieces.Length; id++)
        {
            // An empty piece can't be found, and of equal pieces only one.
            if (string.IsNullOrEmpty(Pieces[id]) || _ids[Pieces[id]] != id)
            {
                Pieces[id] = Unused(id);
            }
        }

        _ids.Remove("");
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>By id; unique.</summary>
    public string[] Pieces { get; }

    public int Size => Pieces.Length;

    /// <summary>Name of an id that no text can become.</summary>
    public static string Unused(int id) => string.Create(CultureInfo.InvariantCulture, $"[unused-{id}]");

    public bool TryGetId(ReadOnlySpan<char> piece, out int id) => _lookup.TryGetValue(piece, out id);

    public int? Find(string? piece) => piece is not null && _ids.TryGetValue(piece, out var id) ? id : null;
}
