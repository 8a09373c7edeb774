using System.Text;

namespace Splade.Index.Segments;

/// <summary>Turns buffered documents into the bytes of a segment.</summary>
internal static class SegmentBuilder
{
    /// <param name="documents">Distinct ids, any order.</param>
    public static byte[] Build(IReadOnlyCollection<IndexDocument> documents)
    {
        var ordered = documents.Select(d => (Id: Encoding.UTF8.GetBytes(d.Id), Document: d)).ToArray();
        Array.Sort(ordered, static (a, b) => a.Id.AsSpan().SequenceCompareTo(b.Id));
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, ordered.Length);
        writer.WriteDocuments(
            i => (ordered[i].Id, ordered[i].Document.Version, ordered[i].Document.SeqNo), i => ordered[i].Document.Source, CancellationToken.None);
        foreach (var (field, terms) in Invert(ordered.Select(o => o.Document)))
        {
            writer.BeginField(field);
            foreach (var (_, term, postings) in terms)
            {
                writer.AddTerm(term, postings.Documents.ToArray(), postings.Codes.ToArray());
            }

            writer.EndField();
        }

        writer.Finish();
        return output.ToArray();
    }

    private static IEnumerable<(string Field, (string Name, byte[] Utf8, Postings Postings)[] Terms)> Invert(IEnumerable<IndexDocument> documents)
    {
        var fields = new SortedDictionary<string, Dictionary<string, Postings>>(StringComparer.Ordinal);
        var number = 0;
        foreach (var document in documents)
        {
            foreach (var field in document.Fields)
            {
                if (!fields.TryGetValue(field.Name, out var terms))
                {
                    fields.Add(field.Name, terms = new Dictionary<string, Postings>(StringComparer.Ordinal));
                }

                foreach (var (feature, weight) in field.Features)
                {
                    if (!terms.TryGetValue(feature, out var postings))
                    {
                        terms.Add(feature, postings = new Postings());
                    }

                    postings.Add(number, WeightCode.Encode(weight));
                }
            }

            number++;
        }

        foreach (var (field, terms) in fields)
        {
            var sorted = terms.Select(t => (t.Key, Encoding.UTF8.GetBytes(t.Key), t.Value)).ToArray();
            Array.Sort(sorted, static (a, b) => a.Item2.AsSpan().SequenceCompareTo(b.Item2));
            yield return (field, sorted);
        }
    }

    private sealed class Postings
    {
        public List<int> Documents { get; } = [];

        public List<ushort> Codes { get; } = [];

        /// <summary>A feature that a vector names twice keeps its larger weight.</summary>
        public void Add(int document, ushort code)
        {
            if (Documents.Count > 0 && Documents[^1] == document)
            {
                Codes[^1] = Math.Max(Codes[^1], code);
                return;
            }

            Documents.Add(document);
            Codes.Add(code);
        }
    }
}
