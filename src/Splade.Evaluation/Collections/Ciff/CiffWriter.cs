using System.IO.Compression;
using System.Text;
using Google.Protobuf;
using Splade.Evaluation.Collections.Ciff.Wire;

namespace Splade.Evaluation.Collections.Ciff;

/// <summary>
/// Writes a collection as CIFF, gzipped when the name ends in <c>.gz</c>; lists in ascending order of their terms' bytes. All postings are held in memory, 8 bytes each,
/// until <see cref="Complete"/>. Weights must be positive integers: quantise others first.
/// </summary>
public sealed class CiffWriter(Vocabulary vocabulary, string description = "")
{
    private readonly Dictionary<int, (List<int> Documents, List<int> Impacts)> _lists = [];
    private readonly List<(string Id, int Length)> _documents = [];
    private long _length;

    /// <summary>Integers up to here are exact as 32-bit floats, which rows are made of when the file is read again.</summary>
    internal const int LargestImpact = 1 << 24;

    /// <exception cref="ArgumentException">A weight is no integer from 1 to 2^24 (0 is left out). The message says which.</exception>
    public void Add(SparseVector vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        var length = 0L;
        for (var i = 0; i < vector.Terms.Length; i++)
        {
            var weight = vector.Weights[i];
            if (weight == 0)
            {
                continue;
            }

            if (!(weight > 0 && weight <= LargestImpact && weight == MathF.Floor(weight)))
            {
                throw new ArgumentException($"CIFF holds positive integers, here up to {LargestImpact}, but '{vocabulary.Name(vector.Terms[i])}' of document '{vector.Id}' has the weight {weight:R}: scale and round weights first (splade convert has --scale; a scale below 1 makes them smaller).", nameof(vector));
            }

            var (documents, impacts) = ListOf(vector.Terms[i]);
            documents.Add(_documents.Count);
            impacts.Add((int)weight);
            length += (int)weight;
        }

        _documents.Add((vector.Id, (int)Math.Min(length, int.MaxValue)));
        _length += length;
    }

    public void Complete(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 17);
        using var stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : (Stream)file;
        var terms = _lists.Select(l => (Term: vocabulary.Name(l.Key), List: l.Value)).ToArray();
        Array.Sort(Array.ConvertAll(terms, t => Encoding.UTF8.GetBytes(t.Term)), terms, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        new Header
        {
            Version = 1,
            NumPostingsLists = terms.Length,
            TotalPostingsLists = terms.Length,
            NumDocs = _documents.Count,
            TotalDocs = _documents.Count,
            TotalTermsInCollection = _length,
            AverageDoclength = _documents.Count == 0 ? 0 : (double)_length / _documents.Count,
            Description = description,
        }.WriteDelimitedTo(stream);
        foreach (var (term, (documents, impacts)) in terms)
        {
            ListOf(term, documents, impacts).WriteDelimitedTo(stream);
        }

        for (var i = 0; i < _documents.Count; i++)
        {
            new DocRecord { Docid = i, CollectionDocid = _documents[i].Id, Doclength = _documents[i].Length }.WriteDelimitedTo(stream);
        }
    }

    private static PostingsList ListOf(string term, List<int> documents, List<int> impacts)
    {
        var list = new PostingsList { Term = term, Df = documents.Count, Cf = impacts.Sum(i => (long)i) };
        for (var i = 0; i < documents.Count; i++)
        {
            list.Postings.Add(new Posting { Docid = i == 0 ? documents[0] : documents[i] - documents[i - 1], Tf = impacts[i] });
        }

        return list;
    }

    private (List<int> Documents, List<int> Impacts) ListOf(int term)
    {
        if (!_lists.TryGetValue(term, out var list))
        {
            _lists.Add(term, list = ([], []));
        }

        return list;
    }
}
