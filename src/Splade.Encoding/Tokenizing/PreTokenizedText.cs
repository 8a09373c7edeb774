namespace Splade.Encoding.Tokenizing;

/// <summary>A normalised text and the words that it has been cut into so far. A pre-tokenizer cuts the words further, or rewrites text and words.</summary>
internal sealed class PreTokenizedText
{
    private readonly NormalizedText[] _rewritten = [new(), new()];
    private List<(int Start, int End)> _words = [];
    private List<(int Start, int End)> _spareWords = [];

    public NormalizedText Text { get; private set; } = new();

    /// <summary>[start, end) in <see cref="Text"/>, ascending, never empty.</summary>
    public IReadOnlyList<(int Start, int End)> Words => _words;

    /// <summary>Starts with a part of a text as one word. The text itself is never changed.</summary>
    public void Begin(NormalizedText text, int start, int end)
    {
        Text = text;
        _words.Clear();
        if (start < end)
        {
            _words.Add((start, end));
        }
    }

    /// <summary>Cuts every word into parts; what no part covers is dropped.</summary>
    public void Cut(Action<NormalizedText, int, int, List<(int Start, int End)>> cut)
    {
        foreach (var (start, end) in _words)
        {
            cut(Text, start, end, _spareWords);
        }

        (_words, _spareWords) = (_spareWords, _words);
        _spareWords.Clear();
    }

    /// <summary>Rewrites every word; what is appended to the target becomes the word.</summary>
    public void Rewrite(Action<NormalizedText, int, int, NormalizedText> rewrite)
    {
        var target = Text == _rewritten[0] ? _rewritten[1] : _rewritten[0];
        target.Clear();
        foreach (var (start, end) in _words)
        {
            var from = target.Length;
            rewrite(Text, start, end, target);
            if (target.Length > from)
            {
                _spareWords.Add((from, target.Length));
            }
        }

        Text = target;
        (_words, _spareWords) = (_spareWords, _words);
        _spareWords.Clear();
    }
}
