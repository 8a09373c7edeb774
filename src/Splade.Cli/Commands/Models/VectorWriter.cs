using System.Text.Json;
using Splade.Encoding;

namespace Splade.Cli.Commands.Models;

/// <summary>A model of either kind that writes the vectors of texts as JSON: <c>{"indices","weights"}</c>, or the numbers of a dense vector.</summary>
internal sealed class VectorWriter : IDisposable
{
    private readonly ISparseEncoder? _sparse;
    private readonly IDenseEncoder? _dense;

    private VectorWriter(ISparseEncoder? sparse, IDenseEncoder? dense)
    {
        _sparse = sparse;
        _dense = dense;
    }

    public static VectorWriter Open(ModelRegistry registry, string model) => registry.TaskOf(model) == ModelTask.SparseEmbedding
        ? new VectorWriter(registry.Open(model), null)
        : new VectorWriter(null, registry.OpenDense(model));

    /// <returns>In the order of the texts: passages, and what writes the vector.</returns>
    public IEnumerable<(int Passages, Action<Utf8JsonWriter> Write)> Encode(
        IReadOnlyList<string> texts, bool asQuery, EncodingSettings settings, CancellationToken cancellationToken) => (_sparse, asQuery) switch
    {
        (null, true) => texts.Select(t => Dense(new EmbeddedText(_dense!.EncodeQuery(t, cancellationToken), 0, false, 1))),
        (null, false) => _dense!.EncodeDocuments(texts, settings, cancellationToken).Select(Dense),
        (_, true) => texts.Select(t => Sparse(_sparse.EncodeQuery(t, settings, cancellationToken))),
        (_, false) => _sparse.EncodeDocuments(texts, settings, cancellationToken).Select(Sparse),
    };

    public IReadOnlyList<TextToken> ModelInput(string text, bool asQuery) => _sparse?.ModelInput(text, asQuery) ?? _dense!.ModelInput(text, asQuery);

    public void Dispose()
    {
        _sparse?.Dispose();
        _dense?.Dispose();
    }

    private static (int Passages, Action<Utf8JsonWriter> Write) Sparse(EncodedText text) => (text.Passages, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("indices");
        Array.ForEach(text.Indices, json.WriteNumberValue);
        json.WriteEndArray();
        json.WriteStartArray("weights");
        Array.ForEach(text.Weights, json.WriteNumberValue);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static (int Passages, Action<Utf8JsonWriter> Write) Dense(EmbeddedText text) => (text.Passages, json =>
    {
        json.WriteStartArray();
        Array.ForEach(text.Vector, json.WriteNumberValue);
        json.WriteEndArray();
    });
}
