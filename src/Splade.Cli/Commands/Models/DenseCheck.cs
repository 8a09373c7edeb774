using System.Globalization;
using System.Numerics.Tensors;
using Splade.Encoding;
using Splade.Encoding.Passages;

namespace Splade.Cli.Commands.Models;

/// <summary>Tries a dense model on a sample.</summary>
internal static class DenseCheck
{
    private const string SomethingElse = "Interest rates are set by the central bank at its meeting in spring.";

    public static DenseModelCheck Run(string data, string model, string text, EncoderOptions options, CancellationToken cancellationToken)
    {
        using var registry = new ModelRegistry(data, options);
        var (encoder, loading) = CheckTools.Time(() => registry.OpenDense(model));
        using var _ = encoder;
        var inPassages = EncodingSettings.Default with { Chunking = ChunkingSettings.Default };
        var document = encoder.EncodeDocuments([text], inPassages, cancellationToken)[0];
        var unrelated = TensorPrimitives.CosineSimilarity<float>(document.Vector, encoder.EncodeDocuments([SomethingElse], inPassages, cancellationToken)[0].Vector);
        return new DenseModelCheck(
            encoder.Description.Name,
            options.Provider.ToString().ToUpperInvariant(),
            encoder.Description.Provider,
            encoder.Dimensions,
            document.TokenCount,
            document.Passages,
            encoder.IsNormalized,
            TensorPrimitives.Norm<float>(document.Vector),
            unrelated,
            loading,
            CheckTools.Median(() => encoder.EncodeDocuments([text], inPassages, cancellationToken)),
            CheckTools.Median(() => encoder.EncodeQuery(text, cancellationToken)),
            encoder.Description.Provider == "CPU" ? null : Difference(data, model, text, options, document.Vector),
            [.. Warnings(encoder, document, unrelated)]);
    }

    public static IEnumerable<(string Name, string Value)> Rows(DenseModelCheck check) =>
    [
        ("document", Format($"{check.Tokens} tokens, special ones included{CheckTools.InPassages(check.Passages)}")),
        ("vector", Format($"{check.Dimensions} dimensions, length {check.Length:0.000}{(check.Normalized ? ", normalised" : "")}")),
        ("unrelated text", Format($"cosine {check.Unrelated:0.000}")),
    ];

    /// <summary>The largest difference between the device's values and the CPU's.</summary>
    private static double Difference(string data, string model, string text, EncoderOptions options, float[] onDevice)
    {
        using var registry = new ModelRegistry(data, options with { Provider = ExecutionProvider.Cpu });
        using var encoder = registry.OpenDense(model);
        var onCpu = encoder.EncodeDocuments([text], EncodingSettings.Default with { Chunking = ChunkingSettings.Default }, CancellationToken.None)[0].Vector;
        return onCpu.Zip(onDevice, (a, b) => Math.Abs(a - b)).Max();
    }

    private static IEnumerable<string> Warnings(IDenseEncoder encoder, EmbeddedText document, float unrelated)
    {
        if (document.Vector.All(v => v == 0f))
        {
            yield return "The vector is empty: nothing will be found with this model.";
        }

        if (unrelated > 0.95f)
        {
            yield return $"A text about something else has nearly the same vector (cosine {unrelated.ToString("0.000", CultureInfo.InvariantCulture)}): tokenizer, pooling and weights may not belong together.";
        }

        if (!encoder.IsNormalized)
        {
            yield return "Vectors are not normalised: compare them by cosine, not by dot product, unless the model's authors say otherwise.";
        }

        if (document.Truncated)
        {
            yield return "The text has more passages than are taken; its end was left out.";
        }
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
