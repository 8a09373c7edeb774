using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>Words of a text as a tokenizer sees them before it cuts them into pieces: normalised, punctuation apart.</summary>
public sealed class BertWords
{
    private readonly INormalizer[] _normalizers;
    private readonly IPreTokenizer[] _preTokenizers;
    private NormalizedText _text = new();
    private NormalizedText _spare = new();
    private readonly PreTokenizedText _words = new();

    public BertWords(WordPieceOptions options)
        : this([new BertNormalizer(options)], [new BertPreTokenizer()])
    {
    }

    /// <summary>With other steps than BERT's.</summary>
    internal BertWords(IEnumerable<INormalizer> normalizers, IEnumerable<IPreTokenizer> preTokenizers)
    {
        _normalizers = [.. normalizers];
        _preTokenizers = [.. preTokenizers];
    }

    /// <summary>Appends the words of a text. Not safe for concurrent use.</summary>
    public void Split(string text, List<string> words)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(words);
        _text.Load(text, 0, text.Length);
        foreach (var normalizer in _normalizers)
        {
            _spare.Clear();
            if (normalizer.Normalize(_text, _spare))
            {
                (_text, _spare) = (_spare, _text);
            }
        }

        _words.Begin(_text, 0, _text.Length);
        foreach (var preTokenizer in _preTokenizers)
        {
            preTokenizer.Split(_words);
        }

        foreach (var (start, end) in _words.Words)
        {
            words.Add(_text.Characters[start..end].ToString());
        }
    }
}
