using static TorchSharp.torch;

namespace Splade.Training.Networks;

/// <summary>Texts as rows of ids, padded to the longest.</summary>
/// <param name="Ids">[batch, sequence], int64.</param>
/// <param name="Mask">[batch, sequence], bool: false is padding.</param>
internal sealed record TokenBatch(Tensor Ids, Tensor Mask)
{
    public static TokenBatch Of(IReadOnlyList<int[]> texts, int padding)
    {
        var length = Math.Max(1, texts.Max(t => t.Length));
        var ids = new long[texts.Count * length];
        var mask = new bool[ids.Length];
        Array.Fill(ids, padding);
        for (var row = 0; row < texts.Count; row++)
        {
            for (var i = 0; i < texts[row].Length; i++)
            {
                ids[(row * length) + i] = texts[row][i];
                mask[(row * length) + i] = true;
            }
        }

        return new TokenBatch(tensor(ids).reshape(texts.Count, length), tensor(mask).reshape(texts.Count, length));
    }
}
