using System.Numerics;
using System.Runtime.InteropServices;

namespace Splade.Index.Merging;

/// <summary>A sample of documents as an inverted index over their strongest terms, each of length 1.</summary>
internal sealed class Pivots
{
    private readonly StrongestTerms _documents;
    private readonly int[] _sample;
    private readonly int[] _starts;
    private readonly int[] _pivots;
    private readonly float[] _weights;

    /// <param name="documents">All documents.</param>
    /// <param name="sample">Those that are pivots.</param>
    public Pivots(StrongestTerms documents, int[] sample)
    {
        _documents = documents;
        _sample = sample;
        _starts = new int[documents.TermCount + 1];
        for (var p = 0; p < Count; p++)
        {
            foreach (var term in documents.Terms(_sample[p]))
            {
                _starts[term + 1]++;
            }
        }

        for (var term = 0; term < documents.TermCount; term++)
        {
            _starts[term + 1] += _starts[term];
        }

        _pivots = new int[_starts[^1]];
        _weights = new float[_starts[^1]];
        var next = _starts.AsSpan(0, documents.TermCount).ToArray();
        for (var p = 0; p < Count; p++)
        {
            var terms = documents.Terms(_sample[p]);
            var impacts = documents.Impacts(_sample[p]);
            var norm = Norm(impacts);
            for (var i = 0; i < terms.Length; i++)
            {
                _pivots[next[terms[i]]] = p;
                _weights[next[terms[i]]++] = impacts[i] / norm;
            }
        }
    }

    public int Count => _sample.Length;

    /// <summary>The pivot with the largest cosine; the first of equals.</summary>
    /// <param name="document">A document.</param>
    /// <param name="scores">Room for a number a pivot.</param>
    public (int Pivot, float Cosine) MostSimilar(int document, float[] scores)
    {
        var impacts = _documents.Impacts(document);
        Score(_documents.Terms(document), impacts, scores);

        // Floats that are not negative are in the order of their bits.
        var bits = MemoryMarshal.Cast<float, int>(scores);
        var best = bits.IndexOf(Largest(bits));
        return (best, impacts.IsEmpty ? 0 : scores[best] / Norm(impacts));
    }

    private static float Norm(ReadOnlySpan<byte> impacts)
    {
        var sum = 0f;
        foreach (var impact in impacts)
        {
            sum += (float)impact * impact;
        }

        return MathF.Sqrt(sum);
    }

    private static int Largest(ReadOnlySpan<int> numbers)
    {
        var vectors = MemoryMarshal.Cast<int, Vector<int>>(numbers);
        var lanes = Vector<int>.Zero;
        foreach (ref readonly var vector in vectors)
        {
            lanes = Vector.Max(lanes, vector);
        }

        var largest = 0;
        for (var i = 0; i < Vector<int>.Count; i++)
        {
            largest = Math.Max(largest, lanes[i]);
        }

        foreach (var number in numbers[(vectors.Length * Vector<int>.Count)..])
        {
            largest = Math.Max(largest, number);
        }

        return largest;
    }

    /// <summary>Place of each pivot in a chain in which each is followed by the most similar one that is left.</summary>
    public int[] Chain()
    {
        var places = new int[Count];
        Array.Fill(places, -1);
        var scores = new float[Count];
        var pivot = 0;
        for (var place = 0; place < Count; place++)
        {
            places[pivot] = place;
            Score(_documents.Terms(_sample[pivot]), _documents.Impacts(_sample[pivot]), scores);
            var best = -1;
            for (var p = 0; p < Count; p++)
            {
                if (places[p] < 0 && (best < 0 || scores[p] > scores[best]))
                {
                    best = p;
                }
            }

            pivot = best;
        }

        return places;
    }

    private void Score(ReadOnlySpan<int> terms, ReadOnlySpan<byte> impacts, float[] scores)
    {
        Array.Clear(scores);
        for (var t = 0; t < terms.Length; t++)
        {
            for (var i = _starts[terms[t]]; i < _starts[terms[t] + 1]; i++)
            {
                scores[_pivots[i]] += impacts[t] * _weights[i];
            }
        }
    }
}
