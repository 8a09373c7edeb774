using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// A tokenizer of ours where Microsoft.ML.Tokenizers' own type is asked for: the reference's ids, and places in the text as it was given instead of a
/// normalised one. Ids are those of the text alone, without the template.
/// </summary>
internal sealed class MicrosoftTokenizer(ITokenizer inner) : Tokenizer
{
    public override string Decode(IEnumerable<int> ids) => inner.Decode(ids);

    /// <summary>All or nothing: where the text does not fit, no id is consumed.</summary>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        var all = ids.ToArray();
        var text = inner.Decode(all);
        var fits = text.AsSpan().TryCopyTo(destination);
        (idsConsumed, charsWritten) = fits ? (all.Length, text.Length) : (0, 0);
        return fits ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var (whole, pieces) = Encode(text, textSpan, settings);
        var count = Fitting(pieces, settings.MaxTokenCount);
        return new EncodeResults<EncodedToken>
        {
            Tokens = [.. pieces.Take(count).Select(p => new EncodedToken(p.Id, inner.Piece(p.Id), new Range(p.Start, p.End)))],
            CharsConsumed = EndOf(pieces, count, whole.Length),
        };
    }

    protected override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        var (whole, pieces) = Encode(text, textSpan, settings);
        normalizedText = null;
        if (!fromEnd)
        {
            tokenCount = Fitting(pieces, settings.MaxTokenCount);
            return EndOf(pieces, tokenCount, whole.Length);
        }

        var first = Math.Max(0, pieces.Count - settings.MaxTokenCount);
        while (Cuts(pieces, first))
        {
            first++;
        }

        tokenCount = pieces.Count - first;
        return first == 0 ? 0 : first == pieces.Count ? whole.Length : pieces[first].Start;
    }

    private static int EndOf(List<PieceOccurrence> pieces, int count, int length) => count == pieces.Count ? length : count == 0 ? 0 : pieces[count - 1].End;

    /// <summary>As many pieces as a limit allows, but never some bytes of a character only.</summary>
    private static int Fitting(List<PieceOccurrence> pieces, int limit)
    {
        var count = Math.Min(limit, pieces.Count);
        while (Cuts(pieces, count))
        {
            count--;
        }

        return count;
    }

    private static bool Cuts(List<PieceOccurrence> pieces, int at) => at > 0 && at < pieces.Count && pieces[at].Start < pieces[at - 1].End;

    private (string Text, List<PieceOccurrence> Pieces) Encode(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxTokenCount);
        if (!settings.ConsiderNormalization || !settings.ConsiderPreTokenization)
        {
            throw new NotSupportedException("Normalization and pre-tokenization belong to this tokenizer and can't be left out.");
        }

        var whole = text ?? textSpan.ToString();
        var pieces = new List<PieceOccurrence>();
        inner.Encode(whole, pieces);
        return (whole, pieces);
    }
}
