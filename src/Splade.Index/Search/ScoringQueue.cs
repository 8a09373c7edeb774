using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Search;

/// <summary>
/// Superblocks that are scored one by one, with the sparse terms that have postings in each: a bound of 0 says that there are none, which spares three cache
/// misses. Memory is asked for some superblocks ahead, one step after another, because a step reads what the one before has asked for: dozens of misses in
/// flight are what makes a search fast.
/// </summary>
internal sealed unsafe class ScoringQueue
{
    /// <summary>Superblocks before the one that is scored for which <see cref="Advance"/> asks for directories, bits and postings.</summary>
    public const int Steps = 12;
    private const int BitsAhead = 6;
    private const int PostingsAhead = 2;
    private const int CacheLine = 64;
    private const int VectorBytes = 32;

    /// <summary>Superblocks that are remembered: a power of 2 above <see cref="Steps"/>.</summary>
    private const int Slots = 16;

    /// <summary>Memory of celled terms is asked for ahead while at least one of so many superblocks needs it.</summary>
    private const int ScoredPerFinished = 3;

    private readonly Scratch<SparseCell> _cells = new();
    private readonly int[] _counts = new int[Slots];
    private int* _superblocks;
    private int _count;
    private int _stride;
    private int _scored;
    private int _finished;

    private bool CelledAhead => _finished * ScoredPerFinished >= _scored;

    public int this[int index] => _superblocks[index];

    public void Reset() => (_scored, _finished) = (0, 0);

    /// <summary>Begins with other superblocks.</summary>
    public void Begin(SegmentQuery query, int* superblocks, int count)
    {
        _superblocks = superblocks;
        _count = count;
        _stride = query.Sparse.Length;
        _cells.Ensure(Slots * _stride);
    }

    /// <summary>Sparse terms with postings in a superblock, from <see cref="Steps"/> before it is scored; where these are, from <see cref="PostingsAhead"/> before.</summary>
    public Span<SparseCell> Cells(int index) => new(_cells.Pointer + (Slot(index) * _stride), _counts[Slot(index)]);

    /// <summary>Goes on to a superblock.</summary>
    /// <param name="query">The query in its segment.</param>
    /// <param name="current">The one that is scored now, from minus <see cref="Steps"/>.</param>
    public void Advance(SegmentQuery query, int current)
    {
        if (current + Steps < _count)
        {
            Find(query, current + Steps);
            if (CelledAhead)
            {
                AskForDirectories(query, _superblocks[current + Steps]);
            }
        }

        if (current + BitsAhead >= 0 && current + BitsAhead < _count)
        {
            foreach (ref readonly var cell in Cells(current + BitsAhead))
            {
                ref readonly var list = ref query.Sparse[cell.Term].Sparse;
                var superblock = _superblocks[current + BitsAhead];
                Ask(list.WordsOf(superblock));
                if (list.Bitmaps.Count > 0)
                {
                    Ask(list.Bitmaps.NumbersOf(superblock));
                    Ask(list.Bitmaps.StartsOf(superblock));
                }
            }
        }

        if (current + PostingsAhead >= 0 && current + PostingsAhead < _count)
        {
            if (CelledAhead)
            {
                AskForPostings(query, _superblocks[current + PostingsAhead], lines: 1);
            }

            Locate(query, current + PostingsAhead);
        }
    }

    /// <summary>Asks for the memory of celled terms where that was not done ahead.</summary>
    public void AskForCelled(SegmentQuery query, int superblock)
    {
        if (!CelledAhead)
        {
            AskForDirectories(query, superblock);
            AskForPostings(query, superblock, lines: 3);
        }
    }

    /// <summary>Counts a superblock that is scored.</summary>
    /// <param name="needsCelled">Whether celled terms are added there, too.</param>
    public void Count(bool needsCelled)
    {
        _scored++;
        _finished += needsCelled ? 1 : 0;
    }

    private static int Slot(int index) => index & (Slots - 1);

    /// <summary>Notes which sparse terms have postings in a superblock, and asks for the start of their bits.</summary>
    private void Find(SegmentQuery query, int index)
    {
        var superblock = _superblocks[index];
        var cells = _cells.Pointer + (Slot(index) * _stride);
        var count = 0;
        var terms = query.Sparse;
        for (var t = 0; t < terms.Length; t++)
        {
            // Always written: whether there are postings is a branch that can't be predicted.
            cells[count].Term = t;
            count += terms[t].MayHave(superblock) ? 1 : 0;
        }

        _counts[Slot(index)] = count;
        foreach (ref readonly var cell in Cells(index))
        {
            ref readonly var list = ref terms[cell.Term].Sparse;
            Ask(list.StartOf(superblock));
            if (list.Bitmaps.Count > 0)
            {
                Ask(list.Bitmaps.BeforeOf(superblock));
            }
        }
    }

    /// <summary>Reads from their bits where the postings of a superblock are, and asks for them.</summary>
    private void Locate(SegmentQuery query, int index)
    {
        foreach (ref var cell in Cells(index))
        {
            ref readonly var term = ref query.Sparse[cell.Term];
            if (!term.Sparse.TryFind(_superblocks[index], out cell.Cell, out cell.Pairs))
            {
                throw term.Field.DamagedDirectory();
            }

            // Read as vectors, every other one of which reaches into a second line; of a bitmap, the impacts come next.
            var postings = (byte*)cell.Cell;
            Ask(postings);
            Ask(postings + VectorBytes - 1);
            Ask(postings + (cell.Pairs * sizeof(ushort)) - 1);
        }
    }

    private static void AskForDirectories(SegmentQuery query, int superblock)
    {
        foreach (ref readonly var term in query.Celled)
        {
            Ask(term.Celled.Offsets(superblock));
        }
    }

    private static void AskForPostings(SegmentQuery query, int superblock, int lines)
    {
        foreach (ref readonly var term in query.Celled)
        {
            var start = (byte*)term.Celled.PostingsOf(superblock);
            for (var line = 0; line < lines; line++)
            {
                Ask(start + (line * CacheLine));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}

/// <summary>Postings of a sparse term in a superblock.</summary>
internal unsafe struct SparseCell
{
    /// <summary>Place among the query's sparse terms.</summary>
    public int Term;

    public ushort* Cell;

    /// <summary>What it takes, in pairs of bytes.</summary>
    public int Pairs;
}
