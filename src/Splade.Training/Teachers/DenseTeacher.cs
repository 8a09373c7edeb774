using Splade.Encoding;
using Splade.Encoding.Packages;
using Splade.Training.Data;

namespace Splade.Training.Teachers;

/// <summary>A dense sentence encoder: a document's score is the dot product of its vector and the query's (the cosine, where vectors are normalised).</summary>
internal sealed class DenseTeacher : ITeacher
{
    private readonly IDenseEncoder _encoder;
    private readonly Dictionary<string, float[]> _documents = new(StringComparer.Ordinal);

    private DenseTeacher(IDenseEncoder encoder) => _encoder = encoder;

    /// <exception cref="TrainingDataException">The folder is no dense model that can be run.</exception>
    public static DenseTeacher Open(string folder, int threads)
    {
        try
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
            return new DenseTeacher(new OnnxDenseEncoder(ModelPackage.Read(folder, name), name, new EncoderOptions { Threads = threads }));
        }
        catch (Exception exception) when (exception is ModelPackageException or IOException)
        {
            throw new TrainingDataException($"The dense teacher {folder} can't be used: {exception.Message}", exception);
        }
    }

    public float[] Score(string query, IReadOnlyList<string> documents)
    {
        // Negatives are wrong for one query and wrong or right for others: each is encoded once.
        var missing = documents.Where(d => !_documents.ContainsKey(d)).Distinct(StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
        {
            foreach (var (text, vector) in missing.Zip(_encoder.EncodeDocuments(missing, CancellationToken.None)))
            {
                _documents.Add(text, vector);
            }
        }

        var asked = _encoder.EncodeQuery(query, CancellationToken.None);
        return [.. documents.Select(d => System.Numerics.Tensors.TensorPrimitives.Dot(asked, _documents[d]))];
    }

    public void Dispose() => _encoder.Dispose();
}
