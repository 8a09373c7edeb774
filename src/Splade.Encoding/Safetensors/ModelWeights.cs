using System.Text.Json;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Safetensors;

/// <summary>The tensors of a model: of model.safetensors, or of the shards that model.safetensors.index.json names.</summary>
internal sealed class ModelWeights : IDisposable
{
    private readonly string _path;
    private readonly List<SafetensorsFile> _files;
    private readonly Dictionary<string, SafetensorsFile> _byTensor;

    private ModelWeights(string path, List<SafetensorsFile> files, Dictionary<string, SafetensorsFile> byTensor)
    {
        _path = path;
        _files = files;
        _byTensor = byTensor;
    }

    /// <summary>Full paths of the files with the tensors.</summary>
    public IEnumerable<string> Paths => _files.Select(f => f.Path);

    public IEnumerable<string> Names => _byTensor.Keys;

    /// <param name="path">model.safetensors, or the index of shards in the same folder.</param>
    /// <exception cref="ModelPackageException">A file is missing or broken, or lies outside of the folder.</exception>
    public static ModelWeights Open(string path)
    {
        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            if (!path.EndsWith(".json", StringComparison.Ordinal))
            {
                var file = shards[path] = SafetensorsFile.Open(path);
                return new ModelWeights(path, [file], file.Tensors.Keys.ToDictionary(n => n, _ => file, StringComparer.Ordinal));
            }

            var byTensor = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
            foreach (var (tensor, name) in ReadIndex(path))
            {
                if (!shards.TryGetValue(name, out var file))
                {
                    file = shards[name] = SafetensorsFile.Open(ShardPath(path, name));
                }

                byTensor[tensor] = file.Tensors.ContainsKey(tensor)
                    ? file
                    : throw new ModelPackageException(path, $"The tensor {tensor} should be in {name}, but it is not there.");
            }

            return new ModelWeights(path, [.. shards.Values], byTensor);
        }
        catch
        {
            foreach (var file in shards.Values)
            {
                file.Dispose();
            }

            throw;
        }
    }

    public bool Has(string name) => _byTensor.ContainsKey(name);

    /// <exception cref="ModelPackageException">There is no such tensor.</exception>
    public TensorEntry Entry(string name) => _byTensor.TryGetValue(name, out var file)
        ? file.Tensors[name]
        : throw new ModelPackageException(_path, $"The tensor {name} is missing.");

    /// <summary>A tensor as float32, row by row.</summary>
    /// <exception cref="ModelPackageException">It is missing, or of another shape or type.</exception>
    public float[] Read(string name, params ReadOnlySpan<long> shape)
    {
        var entry = Entry(name);
        return shape.SequenceEqual(entry.Shape)
            ? _byTensor[name].ReadFloats(entry)
            : throw new ModelPackageException(
                _byTensor[name].Path,
                $"The tensor {name} has the shape [{Dimensions(entry.Shape)}], but config.json asks for [{string.Join(", ", shape.ToArray())}].");
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private static string Dimensions(long[] shape)
    {
        const int shown = 8;
        return string.Join(", ", shape.Take(shown)) + (shape.Length > shown ? $", ... {shape.Length} dimensions" : "");
    }

    private static IEnumerable<(string Tensor, string File)> ReadIndex(string path)
    {
        var files = new PackageFiles(Path.GetDirectoryName(path)!);
        var name = Path.GetFileName(path);
        if (files.ReadObject(name) is not { } index || !index.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
        {
            throw files.Error(name, "The index has no weight_map.");
        }

        foreach (var entry in map.EnumerateObject())
        {
            yield return entry.Value.ValueKind == JsonValueKind.String
                ? (entry.Name, entry.Value.GetString()!)
                : throw files.Error(name, $"The weight_map of {entry.Name} is no file name.");
        }
    }

    private static string ShardPath(string index, string name)
    {
        var folder = new PackageFiles(Path.GetDirectoryName(index)!);
        return Path.GetFileName(name) == name && name.EndsWith(".safetensors", StringComparison.Ordinal)
            ? folder.Has(name) ? folder.PathOf(name) : throw new ModelPackageException(index, $"It names the file [{name}], which is not there.")
            : throw new ModelPackageException(index, $"It names [{name}], which is no safetensors file of the same folder.");
    }
}
