using System.Globalization;
using System.Text;
using Splade.Encoding.Tokenizing.Models;

namespace Splade.Encoding.Tokenizing.Decoders;

/// <summary>The decoders of Hugging Face's "tokenizers" library.</summary>
internal static class DecodeSteps
{
    /// <summary>Blanks that WordPiece's clean-up takes out, in this order.</summary>
    private static readonly (string From, string To)[] CleanUps =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>Where a tokenizer has no decoder.</summary>
    public static DecodeStep Blanks() => pieces => pieces.Select((piece, i) => i == 0 ? piece : " " + piece);

    public static DecodeStep WordPiece(string prefix = "##", bool cleanUp = true) => pieces => pieces.Select((piece, i) =>
    {
        var text = i == 0 ? piece : prefix.Length > 0 && piece.StartsWith(prefix, StringComparison.Ordinal) ? piece[prefix.Length..] : " " + piece;
        return cleanUp ? CleanUps.Aggregate(text, (t, change) => t.Replace(change.From, change.To, StringComparison.Ordinal)) : text;
    });

    /// <summary>Bytes of all pieces as one text; what is no UTF-8 becomes U+FFFD. A piece with other characters than the alphabet's stands for itself.</summary>
    public static DecodeStep ByteLevel() => pieces =>
    {
        var bytes = pieces.SelectMany(piece =>
        {
            var values = piece.Select(ByteCharacters.ByteOf).ToArray();
            return values.Contains(-1) ? System.Text.Encoding.UTF8.GetBytes(piece) : [.. values.Select(v => (byte)v)];
        });
        return [System.Text.Encoding.UTF8.GetString([.. bytes])];
    };

    /// <param name="prefixSpace">The first piece's space was put before the text, and goes.</param>
    public static DecodeStep Metaspace(char replacement = '\u2581', bool prefixSpace = true) => pieces => pieces.Select((piece, i) =>
        i == 0 && prefixSpace ? piece.Replace(replacement.ToString(), "", StringComparison.Ordinal) : piece.Replace(replacement, ' '));

    public static DecodeStep Replace(TextPattern pattern, string content) => pieces => pieces.Select(piece =>
    {
        using var matches = pattern.Matches(piece);
        var result = new StringBuilder();
        var done = 0;
        foreach (var (start, end) in matches.Ranges)
        {
            result.Append(piece, done, start - done).Append(content);
            done = end;
        }

        return result.Append(piece, done, piece.Length - done).ToString();
    });

    /// <summary>Runs of byte pieces become text, or U+FFFD a byte where they are no UTF-8.</summary>
    public static DecodeStep ByteFallback() => pieces =>
    {
        var result = new List<string>();
        for (var i = 0; i < pieces.Count;)
        {
            var run = pieces.Skip(i).Select(ByteOf).TakeWhile(b => b is not null).Select(b => b!.Value).ToArray();
            result.Add(run.Length == 0 ? pieces[i]
                : System.Text.Unicode.Utf8.IsValid(run) ? System.Text.Encoding.UTF8.GetString(run)
                : new string('\uFFFD', run.Length));
            i += Math.Max(1, run.Length);
        }

        return result;
    };

    public static DecodeStep Fuse() => pieces => [string.Concat(pieces)];

    /// <summary>Takes up to so many of a character off the start and the end of every piece.</summary>
    public static DecodeStep Strip(char content, int start, int stop) => pieces => pieces.Select(piece =>
    {
        var from = piece.TakeWhile(c => c == content).Take(start).Count();
        var off = piece.Skip(from).Reverse().TakeWhile(c => c == content).Take(stop).Count();
        return piece[from..^off];
    });

    /// <summary>BPE with a mark at the ends of words.</summary>
    public static DecodeStep WordEnds(string suffix) => pieces => pieces.Select((piece, i) =>
        suffix.Length == 0 ? piece : piece.Replace(suffix, i == pieces.Count - 1 ? "" : " ", StringComparison.Ordinal));

    public static DecodeStep Sequence(IReadOnlyList<DecodeStep> steps) => pieces => steps.Aggregate(pieces, (current, step) => [.. step(current)]);

    /// <summary>Texts can be cut without it, so that it fails only when it is asked for.</summary>
    public static DecodeStep Unsupported(string what) => _ => throw new NotSupportedException($"The tokenizer's decoder [{what}] is not supported.");

    private static byte? ByteOf(string piece) =>
        piece.Length == BpeModel.BytePiece(0).Length && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[^1] == '>'
            && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
