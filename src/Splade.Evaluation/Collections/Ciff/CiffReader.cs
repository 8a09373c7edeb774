using Splade.Evaluation.Collections.Ciff.Wire;

namespace Splade.Evaluation.Collections.Ciff;

/// <summary>
/// Reads a CIFF file, gzipped or not. It holds lists of postings, so rows are made by turning all of it around in memory: 8 bytes a posting, in two
/// passes over the file. Ids are the collection's own; weights are the impacts or term frequencies of the file.
/// </summary>
public sealed class CiffReader : VectorReader
{
    /// <summary>Deflate packs no better than this.</summary>
    private const int LargestPacking = 1032;

    private readonly Header _header;

    /// <exception cref="VectorFileException">The header is malformed.</exception>
    public CiffReader(string path)
        : base(path, Vocabulary.OfWords())
    {
        using var messages = new MessageStream(path);
        _header = ReadHeader(messages);
    }

    public override long? RowCount => _header.NumDocs;

    /// <summary>What the file says of itself.</summary>
    public string Description => _header.Description;

    public override IEnumerable<SparseVector> Rows()
    {
        var (ids, starts) = Count();
        var terms = new int[starts[^1]];
        var impacts = new int[starts[^1]];
        Fill(starts, terms, impacts);
        for (var row = 0; row < ids.Length; row++)
        {
            var (start, end) = (starts[row], starts[row + 1]);
            yield return new SparseVector(ids[row], terms[start..end], Array.ConvertAll(impacts[start..end], i => (float)i));
        }
    }

    /// <summary>First pass: ids, and where each document's postings will start.</summary>
    private (string[] Ids, int[] Starts) Count()
    {
        using var messages = new MessageStream(Path);
        ReadHeader(messages);
        var starts = new int[_header.NumDocs + 1];
        var total = 0L;
        var terms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in Lists(messages))
        {
            if (!terms.Add(list.Term))
            {
                throw VectorFileException.AtOffset(Path, messages.MessageOffset, $"a second list of the term '{list.Term}'.");
            }

            foreach (var document in list.Documents)
            {
                starts[document + 1]++;
            }

            total += list.Count;
        }

        if (total > Array.MaxLength)
        {
            throw VectorFileException.AtOffset(Path, 0, $"{total} postings are more than can be turned around in memory: split the collection.");
        }

        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }

        return (ReadIds(messages), starts);
    }

    private string[] ReadIds(MessageStream messages)
    {
        var ids = new string?[_header.NumDocs];
        for (var i = 0; i < ids.Length; i++)
        {
            var record = messages.Read(DocRecord.Parser, "document record");
            if (record.Docid < 0 || record.Docid >= ids.Length || ids[record.Docid] is not null || record.CollectionDocid.Length == 0)
            {
                throw VectorFileException.AtOffset(
                    Path, messages.MessageOffset, $"document record {i} has number {record.Docid} and id '{record.CollectionDocid}': numbers are 0 to {ids.Length - 1}, each once, ids not empty.");
            }

            ids[record.Docid] = record.CollectionDocid;
        }

        return messages.Ends()
            ? ids.Select(id => id!).ToArray()
            : throw VectorFileException.AtOffset(Path, messages.Offset - 1, "bytes follow the last document record.");
    }

    /// <summary>Second pass. Terms of a document come in the order of the lists.</summary>
    private void Fill(int[] starts, int[] terms, int[] impacts)
    {
        using var messages = new MessageStream(Path);
        ReadHeader(messages);
        var next = starts[..^1];
        foreach (var list in Lists(messages))
        {
            var term = Vocabulary.Number(list.Term);
            var documents = list.Documents;
            for (var i = 0; i < documents.Length; i++)
            {
                var position = next[documents[i]]++;
                terms[position] = term;
                impacts[position] = list.Impacts[i];
            }
        }
    }

    private IEnumerable<CiffPostings> Lists(MessageStream messages)
    {
        var list = new CiffPostings();
        for (var i = 0; i < _header.NumPostingsLists; i++)
        {
            var problem = list.Parse(messages.Read("postings list"), _header.NumDocs) ?? ImpactProblem(list);
            if (problem is not null)
            {
                throw VectorFileException.AtOffset(Path, messages.MessageOffset, problem);
            }

            yield return list;
        }
    }

    private static string? ImpactProblem(CiffPostings list)
    {
        foreach (var impact in list.Impacts)
        {
            if (impact is < -CiffWriter.LargestImpact or > CiffWriter.LargestImpact)
            {
                return $"the list of '{list.Term}' has the impact {impact}; impacts are read up to {CiffWriter.LargestImpact}.";
            }
        }

        return null;
    }

    private Header ReadHeader(MessageStream messages)
    {
        var header = messages.Read(Header.Parser, "header");
        var largest = new FileInfo(Path).Length * (Path.EndsWith(".gz", StringComparison.Ordinal) ? LargestPacking : 1);
        return header.NumDocs >= 0 && header.NumPostingsLists >= 0 && header.NumDocs <= largest && header.NumPostingsLists <= largest
            ? header
            : throw VectorFileException.AtOffset(
                Path, messages.MessageOffset, $"the header counts {header.NumPostingsLists} postings lists and {header.NumDocs} documents, which does not fit the file's size.");
    }
}
