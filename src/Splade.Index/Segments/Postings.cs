using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>A posting list that grows by ascending documents.</summary>
internal sealed class Postings
{
    private readonly List<int> _documents = [];
    private readonly List<byte> _impacts = [];

    public ReadOnlySpan<int> Documents => CollectionsMarshal.AsSpan(_documents);

    public ReadOnlySpan<byte> Impacts => CollectionsMarshal.AsSpan(_impacts);

    /// <summary>The same document again keeps its larger impact.</summary>
    public void Add(int document, byte impact)
    {
        if (_documents.Count > 0 && _documents[^1] == document)
        {
            _impacts[^1] = Math.Max(_impacts[^1], impact);
            return;
        }

        _documents.Add(document);
        _impacts.Add(impact);
    }
}
