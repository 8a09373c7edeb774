using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Splade.Evaluation.Collections.Json;

/// <summary>Whose property names a file of JSON vectors has.</summary>
public enum JsonVectorDialect
{
    /// <summary>Anserini's JsonVectorCollection: <c>id</c>, <c>contents</c>, <c>vector</c>.</summary>
    Anserini,

    /// <summary>Seismic: <c>id</c>, <c>content</c>, <c>vector</c>.</summary>
    Seismic,
}

/// <summary>Writes vectors as JSON, one object a line; gzipped when the name ends in <c>.gz</c>. Weights that are integers are written without a point.</summary>
public sealed class JsonVectorWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly Utf8JsonWriter _json;
    private readonly string _contents;

    public JsonVectorWriter(string path, JsonVectorDialect dialect)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _contents = dialect == JsonVectorDialect.Anserini ? "contents" : "content";
        var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 17);
        _stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : file;
        _json = new Utf8JsonWriter(_stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <param name="vector">The row; a weight of 0 is left out.</param>
    /// <param name="vocabulary">Names its terms.</param>
    public void Add(SparseVector vector, Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentNullException.ThrowIfNull(vocabulary);
        _json.WriteStartObject();
        _json.WriteString("id", vector.Id);
        _json.WriteString(_contents, vector.Contents ?? "");
        _json.WriteStartObject("vector");
        for (var i = 0; i < vector.Terms.Length; i++)
        {
            if (vector.Weights[i] != 0)
            {
                _json.WriteNumber(vocabulary.Name(vector.Terms[i]), vector.Weights[i]);
            }
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        _stream.WriteByte((byte)'\n');
        _json.Reset();
    }

    public void Dispose()
    {
        _json.Dispose();
        _stream.Dispose();
    }
}
