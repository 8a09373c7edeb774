using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>Words of a text as a BERT tokenizer sees them before it cuts them into pieces: normalised, punctuation apart.</summary>
public sealed class BertWords(WordPieceOptions options)
{
    private readonly BertNormalizer _normalizer = new(options);
    private readonly BertPreTokenizer _preTokenizer = new();
    private readonly NormalizedText _text = new();
    private readonly NormalizedText _normalized = new();
    private readonly PreTokenizedText _words = new();

    /// <summary>Appends the words of a text. Not safe for concurrent use.</summary>
    public void Split(string text, List<string> words)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(words);
        _text.Load(text, 0, text.Length);
        _normalized.Clear();
        _normalizer.Normalize(_text, _normalized);
        _words.Begin(_normalized, 0, _normalized.Length);
        _preTokenizer.Split(_words);
        foreach (var (start, end) in _words.Words)
        {
            words.Add(_normalized.Characters[start..end].ToString());
        }
    }
}
