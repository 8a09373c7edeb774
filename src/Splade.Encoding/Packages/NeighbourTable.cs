using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>The nearest pieces of a piece, for queries that run without a model.</summary>
internal sealed class NeighbourTable
{
    private readonly Dictionary<int, (int Id, float Cosine)[]> _nearest = [];
    private readonly float _weight;

    private NeighbourTable(float weight) => _weight = weight;

    /// <param name="ids">Vocabulary id of a piece.</param>
    /// <exception cref="ModelPackageException">The file is missing, or a cosine is none.</exception>
    public static NeighbourTable Read(PackageFiles files, NeighbourSettings settings, IReadOnlyDictionary<string, int> ids)
    {
        if (!files.Contains(settings.File))
        {
            throw files.Error(PackageSettings.File, $"It names the table of neighbours [{settings.File}], which leads out of the package.");
        }

        var json = files.ReadObject(settings.File)
            ?? throw files.Error(settings.File, $"{PackageSettings.File} names this table of neighbours, but it is not there.");
        var table = new NeighbourTable(settings.Weight);
        foreach (var piece in json.EnumerateObject())
        {
            if (piece.Value.ValueKind != JsonValueKind.Object)
            {
                throw files.Error(settings.File, $"The neighbours of [{piece.Name}] must be an object of piece and cosine.");
            }

            if (!ids.TryGetValue(piece.Name, out var id))
            {
                continue;
            }

            table._nearest[id] =
            [
                .. piece.Value.EnumerateObject()
                    .Select(n => (Name: n.Name, Cosine: Cosine(files, settings.File, piece.Name, n)))
                    .Where(n => n.Cosine > 0f && n.Name != piece.Name && ids.ContainsKey(n.Name))
                    .Select(n => (Id: ids[n.Name], n.Cosine))
                    .OrderByDescending(n => n.Cosine).ThenBy(n => n.Id)
                    .Take(settings.Count),
            ];
        }

        return table;
    }

    /// <summary>Adds what the neighbours of a query's pieces weigh.</summary>
    /// <param name="weights">Weights by id; neighbours of pieces that are there at the start are added.</param>
    public void Expand(SortedDictionary<int, float> weights)
    {
        foreach (var (id, weight) in weights.ToArray())
        {
            foreach (var (neighbour, cosine) in _nearest.GetValueOrDefault(id) ?? [])
            {
                weights[neighbour] = weights.GetValueOrDefault(neighbour) + (weight * _weight * cosine);
            }
        }
    }

    private static float Cosine(PackageFiles files, string file, string piece, JsonProperty neighbour) =>
        neighbour.Value.ValueKind == JsonValueKind.Number && neighbour.Value.TryGetSingle(out var cosine) && cosine is >= -1.001f and <= 1.001f
            ? cosine
            : throw files.Error(file, $"The cosine of [{piece}] and [{neighbour.Name}] must be a number from -1 to 1.");
}
