using System.Collections.Immutable;
using System.Text;
using Splade.Index.Codecs;

namespace Splade.Index.Segments;

/// <summary>Turns buffered documents into the bytes of a segment, in the order of their ids.</summary>
internal static class SegmentBuilder
{
    /// <param name="documents">Distinct ids, any order.</param>
    /// <param name="smallestExponent">See <see cref="IndexWriterOptions.SmallestImpactExponent"/>.</param>
    public static byte[] Build(IReadOnlyCollection<IndexDocument> documents, int smallestExponent)
    {
        var ordered = documents.Select(d => (Id: Encoding.UTF8.GetBytes(d.Id), Document: d)).ToArray();
        Array.Sort(ordered, static (a, b) => a.Id.AsSpan().SequenceCompareTo(b.Id));
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, ordered.Length);
        writer.WriteDocuments(
            (int i, Span<byte> _, out long version, out long seqNo) =>
            {
                (version, seqNo) = (ordered[i].Document.Version, ordered[i].Document.SeqNo);
                return ordered[i].Id;
            },
            i => ordered[i].Document.Source,
            null,
            CancellationToken.None);
        foreach (var (name, field) in Invert([.. ordered.Select(o => o.Document)], smallestExponent))
        {
            var fieldWriter = new FieldWriter(writer, name, field.Exponents, new FieldLayout(ordered.Length));
            foreach (var (term, postings) in field.Sorted())
            {
                fieldWriter.AddTerm(term, postings.Documents, postings.Impacts);
            }

            fieldWriter.Finish();
        }

        writer.Finish();
        return output.ToArray();
    }

    private static SortedDictionary<string, InvertedField> Invert(IndexDocument[] documents, int smallestExponent)
    {
        var fields = new SortedDictionary<string, InvertedField>(StringComparer.Ordinal);
        for (var number = 0; number < documents.Length; number++)
        {
            foreach (var field in documents[number].Fields)
            {
                if (!fields.TryGetValue(field.Name, out var inverted))
                {
                    fields.Add(field.Name, inverted = new InvertedField(documents.Length));
                }

                inverted.Add(number, field.Features, smallestExponent);
            }
        }

        return fields;
    }

    private sealed class InvertedField
    {
        private readonly Dictionary<string, Postings> _terms = new(StringComparer.Ordinal);

        public InvertedField(int documents)
        {
            Exponents = new sbyte[documents];
            Array.Fill(Exponents, FieldWriter.NoExponent);
        }

        public sbyte[] Exponents { get; }

        /// <summary>A feature that a vector names twice keeps its larger weight.</summary>
        public void Add(int document, ImmutableArray<FeatureWeight> features, int smallestExponent)
        {
            if (features.IsEmpty)
            {
                return;
            }

            var largest = 0f;
            foreach (var (_, weight) in features)
            {
                largest = Math.Max(largest, weight);
            }

            var exponent = Impact.Exponent(largest, smallestExponent);
            Exponents[document] = (sbyte)exponent;
            foreach (var (feature, weight) in features)
            {
                if (!_terms.TryGetValue(feature, out var postings))
                {
                    _terms.Add(feature, postings = new Postings());
                }

                postings.Add(document, Impact.Encode(weight, exponent));
            }
        }

        public (byte[] Term, Postings Postings)[] Sorted()
        {
            var sorted = _terms.Select(t => (Term: Encoding.UTF8.GetBytes(t.Key), Postings: t.Value)).ToArray();
            Array.Sort(sorted, static (a, b) => a.Term.AsSpan().SequenceCompareTo(b.Term));
            return sorted;
        }
    }
}
