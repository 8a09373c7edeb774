using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>Words of a text as a BERT tokenizer sees them before it cuts them into pieces: normalised, punctuation apart.</summary>
public sealed class BertWords(WordPieceOptions options)
{
    private readonly BertNormalizer _normalizer = new(options);
    private readonly NormalizedText _normalized = new();

    /// <summary>Appends the words of a text. Not safe for concurrent use.</summary>
    public void Split(string text, List<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        _normalized.Clear();
        _normalizer.Normalize(text, 0, _normalized);
        var characters = _normalized.Characters;
        var start = -1;
        for (var position = 0; position < characters.Length;)
        {
            Rune.DecodeFromUtf16(characters[position..], out var rune, out var length);
            var apart = BertCharacters.IsPunctuation(rune);
            if (apart || BertCharacters.IsWhiteSpace(rune))
            {
                Add(position, characters);
                if (apart)
                {
                    words.Add(characters.Slice(position, length).ToString());
                }
            }
            else if (start < 0)
            {
                start = position;
            }

            position += length;
        }

        Add(characters.Length, characters);

        void Add(int end, ReadOnlySpan<char> from)
        {
            if (start >= 0)
            {
                words.Add(from[start..end].ToString());
                start = -1;
            }
        }
    }
}
