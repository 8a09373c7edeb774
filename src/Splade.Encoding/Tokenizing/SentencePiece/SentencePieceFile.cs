using Google.Protobuf;

namespace Splade.Encoding.Tokenizing.SentencePiece;

/// <summary>Reads and checks SentencePiece model files.</summary>
internal static class SentencePieceFile
{
    private const int MaxPieces = 1 << 22;
    private const uint PieceTag = (1 << 3) | 2;

    /// <exception cref="ArgumentException">The bytes are no Unigram or BPE model of SentencePiece.</exception>
    public static SentencePieceModel Parse(byte[] bytes)
    {
        try
        {
            CountPieces(bytes);
            return Check(SentencePieceModel.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ArgumentException($"This is no SentencePiece model: {exception.Message}", nameof(bytes), exception);
        }
    }

    /// <summary>An empty piece has two bytes in the file and a hundred in memory: count before reading.</summary>
    private static void CountPieces(byte[] bytes)
    {
        using var input = new CodedInputStream(bytes);
        var pieces = 0;
        while (input.ReadTag() is > 0 and var tag)
        {
            pieces += tag == PieceTag ? 1 : 0;
            if (pieces > MaxPieces)
            {
                throw new ArgumentException($"The SentencePiece model has more than {MaxPieces} pieces.", nameof(bytes));
            }

            input.SkipLastField();
        }
    }

    public static bool IsBpe(SentencePieceModel model) => model.Trainer?.Algorithm == SentencePieceModel.Types.Trainer.Types.Algorithm.Bpe;

    private static SentencePieceModel Check(SentencePieceModel model)
    {
        if (model.Pieces.Count == 0)
        {
            throw new ArgumentException("The SentencePiece model has no pieces.", nameof(model));
        }

        if (model.Trainer?.Algorithm is { } algorithm and not (SentencePieceModel.Types.Trainer.Types.Algorithm.Unigram or SentencePieceModel.Types.Trainer.Types.Algorithm.Bpe))
        {
            throw new ArgumentException($"A SentencePiece model of the algorithm [{algorithm}] is not supported, only Unigram and BPE.", nameof(model));
        }

        if (model.Trainer?.TreatWhitespaceAsSuffix == true || model.Normalizer?.EscapeWhitespaces == false)
        {
            throw new ArgumentException("SentencePiece models with white space as a suffix, or not made visible, are not supported.", nameof(model));
        }

        for (var id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Text.Length == 0 || !float.IsFinite(model.Pieces[id].Score))
            {
                throw new ArgumentException($"The piece {id} is empty, or its score is no finite number.", nameof(model));
            }
        }

        return model;
    }
}
