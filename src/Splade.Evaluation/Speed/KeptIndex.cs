using System.Text.Json;
using Splade.Index;

namespace Splade.Evaluation.Speed;

/// <summary>What lies beside an index that is kept for further measurements. Written last, so that a broken build is built again.</summary>
/// <param name="Documents">Documents of the collection.</param>
/// <param name="Postings">Its postings.</param>
/// <param name="BuildSeconds">What building took.</param>
/// <param name="Segments">Ids of the segments, oldest first.</param>
internal sealed record KeptIndex(long Documents, long Postings, double BuildSeconds, string[] Segments)
{
    private const string FileName = "kept.json";

    public static KeptIndex Of(BenchmarkCollection collection, double buildSeconds, IEnumerable<SegmentFiles> segments) =>
        new(collection.DocumentCount, collection.PostingCount, buildSeconds, [.. segments.Select(s => s.SegmentId)]);

    /// <returns>Null when the folder holds no whole index.</returns>
    public static KeptIndex? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? JsonSerializer.Deserialize<KeptIndex>(File.ReadAllText(path)) : null;
    }

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this));

    /// <exception cref="InvalidDataException">It is the index of other documents.</exception>
    public void Check(BenchmarkCollection collection, string folder)
    {
        if (Documents != collection.DocumentCount || Postings != collection.PostingCount)
        {
            throw new InvalidDataException(
                $"{folder} holds an index of {Documents:N0} documents and {Postings:N0} postings, but these are {collection.DocumentCount:N0} and {collection.PostingCount:N0}. Delete it or name another folder.");
        }
    }

    public IReadOnlyList<SegmentFiles> SegmentsIn(string folder) => [.. Segments.Select(s => new SegmentFiles(s, Path.Combine(folder, s + ".seg"), null))];
}
