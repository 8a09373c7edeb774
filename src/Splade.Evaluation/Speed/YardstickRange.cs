using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Splade.Evaluation.Speed;

/// <summary>Postings of 32,768 neighbouring documents, term by term.</summary>
internal sealed unsafe class YardstickRange
{
    /// <summary>Read beyond the last posting.</summary>
    private const int Padding = 64;

    private readonly int[] _starts;
    private readonly ushort[] _documents;
    private readonly byte[] _impacts;

    /// <param name="starts">Where each term starts, and the end of the last.</param>
    /// <param name="postings">How many.</param>
    /// <param name="withWeights">Keep the weights as they were, too.</param>
    public YardstickRange(int[] starts, int postings, bool withWeights)
    {
        _starts = starts;
        _documents = GC.AllocateUninitializedArray<ushort>(postings + Padding, pinned: true);
        _impacts = GC.AllocateUninitializedArray<byte>(postings + Padding, pinned: true);
        Documents = (ushort*)Unsafe.AsPointer(ref _documents[0]);
        Impacts = (byte*)Unsafe.AsPointer(ref _impacts[0]);
        Weights = withWeights ? new float[postings] : null;
    }

    /// <summary>Local ids, ascending in each term.</summary>
    public ushort* Documents { get; }

    public byte* Impacts { get; }

    public float[]? Weights { get; }

    public (int Start, int Count) Find(int term)
    {
        var starts = _starts;
        if ((uint)(term + 1) >= (uint)starts.Length)
        {
            return (0, 0);
        }

        var start = starts[term];
        return (start, starts[term + 1] - start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int term)
    {
        if (Sse.IsSupported)
        {
            var start = Find(term).Start;
            Sse.Prefetch0(Documents + start);
            Sse.Prefetch0(Impacts + start);
        }
    }
}
