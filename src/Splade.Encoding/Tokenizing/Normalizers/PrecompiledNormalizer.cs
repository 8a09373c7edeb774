using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>
/// SentencePiece's character map as the "tokenizers" library applies it, which is not as SentencePiece does: a grapheme cluster of fewer than 6 bytes
/// becomes the replacement of its shortest prefix (the rest of it is lost), and of other clusters each code point is replaced by itself.
/// </summary>
internal sealed class PrecompiledNormalizer(CharacterMap map) : INormalizer
{
    private const int WholeBytes = 6;

    [ThreadStatic]
    private static List<RuneChange>? _changes;

    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        var text = source.Characters;
        var plain = 0;
        while (plain < text.Length && map.IsPlain(text[plain]))
        {
            plain++;
        }

        if (plain == text.Length)
        {
            return false;
        }

        var changes = _changes ??= [];
        changes.Clear();
        var modified = false;
        for (var position = 0; position < text.Length;)
        {
            var rest = text[position..];

            // Nothing below U+0300 joins the character before it, but for the line feed of CR LF, which is not plain.
            var cluster = rest.Length == 1 || (map.IsPlain(rest[0]) && rest[1] < 0x300) ? 1 : GraphemeClusters.FirstLength(rest);
            modified |= Cluster(rest[..cluster], changes);
            position += cluster;
        }

        if (!modified)
        {
            return false;
        }

        var alignment = new Alignment(source, target);
        foreach (var (rune, change) in changes)
        {
            alignment.Emit(rune, change);
        }

        return true;
    }

    private bool Cluster(ReadOnlySpan<char> cluster, List<RuneChange> changes)
    {
        if (cluster.Length == 1 && map.IsPlain(cluster[0]))
        {
            changes.Add(new RuneChange(new Rune(cluster[0]), 0));
            return false;
        }

        if (cluster.Length < WholeBytes && System.Text.Encoding.UTF8.GetByteCount(cluster) < WholeBytes && map.TryShortest(cluster, out var replacement))
        {
            Replace(cluster, replacement, changes);
            return true;
        }

        var modified = false;
        for (var position = 0; position < cluster.Length;)
        {
            Rune.DecodeFromUtf16(cluster[position..], out var rune, out var length);
            var part = cluster.Slice(position, length);
            if (map.TryShortest(part, out replacement))
            {
                Replace(part, replacement, changes);
                modified = true;
            }
            else
            {
                changes.Add(new RuneChange(rune, 0));
            }

            position += length;
        }

        return modified;
    }

    private static void Replace(ReadOnlySpan<char> old, ReadOnlySpan<byte> replacement, List<RuneChange> changes)
    {
        var difference = 0;
        foreach (var _ in old.EnumerateRunes())
        {
            difference--;
        }

        while (Rune.DecodeFromUtf8(replacement, out var rune, out var length) != System.Buffers.OperationStatus.NeedMoreData || length > 0)
        {
            changes.Add(new RuneChange(rune, 0));
            replacement = replacement[length..];
            difference++;
        }

        for (var i = 1; i <= difference; i++)
        {
            changes[^i] = changes[^i] with { Change = 1 };
        }

        // A deletion at the very start is forgotten, as in the reference: the places that follow are too far to the left.
        if (difference < 0 && changes.Count > 0)
        {
            changes[^1] = changes[^1] with { Change = changes[^1].Change + difference };
        }
    }
}
