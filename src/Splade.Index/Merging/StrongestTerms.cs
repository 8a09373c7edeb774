using Splade.Index.Segments;

namespace Splade.Index.Merging;

/// <summary>The strongest terms of each document of a merge, in one field: what a document is about, in at most 32 terms.</summary>
internal sealed class StrongestTerms
{
    public const int PerDocument = 32;

    /// <summary>Terms in a larger share of the documents say nothing about what is alike.</summary>
    private const double MaxShare = 0.1;

    private readonly int[] _terms;
    private readonly byte[] _impacts;
    private readonly byte[] _counts;

    /// <summary>The smallest impact of a document that has all its terms; 0 before.</summary>
    private readonly byte[] _least;

    private StrongestTerms(int documents)
    {
        _terms = new int[documents * (long)PerDocument];
        _impacts = new byte[documents * (long)PerDocument];
        _counts = new byte[documents];
        _least = new byte[documents];
    }

    public int Documents => _counts.Length;

    /// <summary>Distinct terms; they are numbered from 0.</summary>
    public int TermCount { get; private set; }

    public ReadOnlySpan<int> Terms(int document) => new(_terms, document * PerDocument, _counts[document]);

    public ReadOnlySpan<byte> Impacts(int document) => new(_impacts, document * PerDocument, _counts[document]);

    /// <param name="fields">The field in each source; null where a source lacks it.</param>
    /// <param name="numbers">Number of each document of each source; -1 for deleted ones.</param>
    /// <param name="documents">Numbers in use.</param>
    /// <param name="cancellationToken">Stops the work between terms.</param>
    public static StrongestTerms Of(FieldPostings?[] fields, int[][] numbers, int documents, CancellationToken cancellationToken)
    {
        var result = new StrongestTerms(documents);
        var cursors = new TermCursors(fields);
        int[] read = [];
        byte[] impacts = [];
        while (cursors.Next(out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var frequency = cursors.Current.Sum(c => (long)fields[c.Source]!.Entry(c.Term).Frequency);
            if (frequency < 2 || frequency > documents * MaxShare)
            {
                continue;
            }

            var term = result.TermCount++;
            foreach (var (source, position) in cursors.Current)
            {
                if (read.Length < frequency)
                {
                    read = new int[frequency * 2];
                    impacts = new byte[frequency * 2];
                }

                var count = fields[source]!.Read(position, read, impacts);
                for (var i = 0; i < count; i++)
                {
                    if (numbers[source][read[i]] is >= 0 and var document)
                    {
                        result.Add(document, term, impacts[i]);
                    }
                }
            }
        }

        return result;
    }

    private void Add(int document, int term, byte impact)
    {
        // Most postings of long documents end here, with one byte read.
        if (impact <= _least[document])
        {
            return;
        }

        var start = document * (long)PerDocument;
        ref var count = ref _counts[document];
        var place = start + count;
        if (count < PerDocument)
        {
            count++;
        }
        else
        {
            place = Weakest(start);
        }

        (_terms[place], _impacts[place]) = (term, impact);
        if (count == PerDocument)
        {
            _least[document] = _impacts[Weakest(start)];
        }
    }

    private long Weakest(long start)
    {
        var weakest = start;
        for (var i = start + 1; i < start + PerDocument; i++)
        {
            if (_impacts[i] < _impacts[weakest])
            {
                weakest = i;
            }
        }

        return weakest;
    }
}
