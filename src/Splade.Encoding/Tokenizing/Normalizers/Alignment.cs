using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>
/// Places of rewritten characters by the rules of Hugging Face's NormalizedString: a character with change 0 takes the place of the next old one, with
/// -n it also swallows the n after that, without their places, and an inserted one (1) shares the place of the last old character used.
/// </summary>
internal ref struct Alignment(NormalizedText source, NormalizedText target)
{
    private readonly NormalizedText _source = source;
    private readonly NormalizedText _target = target;
    private int _position;
    private int _last = -1;

    /// <summary>Old characters that are dropped with no character before them.</summary>
    public void Skip(int runes)
    {
        for (; runes > 0 && _position < _source.Length; runes--)
        {
            _last = _position;
            _position += RuneLength();
        }
    }

    public void Emit(Rune rune, int change)
    {
        int place;
        if (change > 0)
        {
            if (_last < 0)
            {
                var start = _source.Length > 0 ? _source.Start(0) : 0;
                _target.Add(rune, start, start);
                return;
            }

            place = _last;
        }
        else
        {
            place = Math.Min(_position, _source.Length - 1);
            Skip(1 - change);
        }

        _target.Add(rune, _source.Start(place), _source.End(place));
    }

    private readonly int RuneLength() => char.IsHighSurrogate(_source.Characters[_position]) ? 2 : 1;
}
