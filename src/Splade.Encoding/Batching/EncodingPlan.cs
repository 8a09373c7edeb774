namespace Splade.Encoding.Batching;

/// <summary>How the inferences of documents are sized and spread over threads.</summary>
/// <param name="Workers">
/// Threads that each tokenize, run the model and read its vectors. On the CPU each inference has one core to itself, which takes 15 to 20 % less processor
/// time than one inference on all cores (measured: MiniLM's size, two cores), and reads a vector while it is in the core's cache.
/// </param>
/// <param name="SessionThreads">Threads of ONNX Runtime, those of the workers included.</param>
/// <param name="BatchTokens">
/// Tokens of one inference, padding included. Processor time a document on one core: MiniLM's size 217 ms with 512 tokens and 230 with 1,024; the session of
/// splade-small-v1, whose product with the vocabulary is one for all documents of a batch, 0.18 ms with 1,024, 0.14 with 2,048 and 0.13 with 4,096.
/// </param>
/// <param name="BatchTexts">Passages of one inference.</param>
/// <param name="Volume">Tokens of all inferences at a time; one that is larger goes alone.</param>
internal sealed record EncodingPlan(int Workers, int SessionThreads, int BatchTokens, int BatchTexts, long Volume)
{
    private const long LogitBytes = 1L << 30;

    /// <summary>Tokens of a long text, for knowing how many of them fit in memory at a time.</summary>
    private const int LongText = 512;

    // Two others tokenize and read while one waits for the device.
    private const int CudaWorkers = 3;

    /// <summary>
    /// Wide logits mean fewer tokens at a time, because those of all of them, [tokens, vocabulary], are in memory: XLM-R's 250,002 pieces take 1 MB a token.
    /// </summary>
    /// <param name="logits">See <see cref="Onnx.RunnableGraph.LogitColumns"/>.</param>
    /// <param name="small">See <see cref="Onnx.RunnableGraph.IsSmall"/>.</param>
    public static EncodingPlan For(EncoderOptions options, bool cuda, int logits, bool small)
    {
        var most = LogitBytes / (sizeof(float) * Math.Max(logits, 1));
        if (cuda)
        {
            var tokens = options.BatchTokens > 0 ? options.BatchTokens : (int)Math.Min(8192, most);
            return new EncodingPlan(CudaWorkers, 1, tokens, options.BatchTexts > 0 ? options.BatchTexts : 64, 1);
        }

        var cores = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var workers = (int)Math.Clamp(most / LongText, 1, cores);
        return new EncodingPlan(
            workers,
            cores - workers + 1,
            options.BatchTokens > 0 ? options.BatchTokens : (int)Math.Min(small ? 2048 : 1024, most / workers),
            options.BatchTexts > 0 ? options.BatchTexts : small ? 16 : 8,
            Math.Max(most, options.BatchTokens));
    }
}
