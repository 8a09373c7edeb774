using Microsoft.ML.OnnxRuntime;

namespace Splade.Encoding.Onnx;

/// <summary>An ONNX Runtime session that turns a padded batch of ids into vectors over the vocabulary.</summary>
internal sealed class SpladeSession : IDisposable
{
    private const string ExternalFolderKey = "session.model_external_initializers_file_folder_path";
    private readonly InferenceSession _session;
    private readonly string _output;
    private readonly bool _typeIds;

    private SpladeSession(InferenceSession session, string output, string provider)
    {
        _session = session;
        _output = output;
        _typeIds = session.InputMetadata.ContainsKey("token_type_ids");
        Provider = provider;
    }

    /// <summary>CPU or CUDA.</summary>
    public string Provider { get; }

    /// <exception cref="ModelPackageException">The file is no model that we can run.</exception>
    public static SpladeSession Open(string path, EncoderOptions options)
    {
        try
        {
            var (session, provider) = Create(o => new InferenceSession(path, o), options);
            foreach (var input in session.InputMetadata.Keys)
            {
                if (input is not ("input_ids" or "attention_mask" or "token_type_ids"))
                {
                    session.Dispose();
                    throw new ModelPackageException(path, $"The graph asks for an input [{input}]; known are input_ids, attention_mask and token_type_ids.");
                }
            }

            if (session.OutputMetadata.FirstOrDefault(o => o.Value.ElementType == typeof(float) && o.Value.Dimensions.Length == 2) is { Key: { } pooled })
            {
                return new SpladeSession(session, pooled, provider);
            }

            var logits = session.OutputMetadata.FirstOrDefault(o => o.Value.ElementType == typeof(float) && o.Value.Dimensions.Length == 3).Key;
            session.Dispose();
            if (logits is null)
            {
                throw new ModelPackageException(
                    path, "The graph has neither a vector output [batch, vocabulary] nor raw logits [batch, sequence, vocabulary].");
            }

            var bytes = SpladeHead.Append(File.ReadAllBytes(path), logits, "attention_mask");
            var (grafted, effective) = Create(
                o =>
                {
                    o.AddSessionConfigEntry(ExternalFolderKey, Path.GetDirectoryName(Path.GetFullPath(path))!);
                    return new InferenceSession(bytes, o);
                },
                options);
            return new SpladeSession(grafted, SpladeHead.Output, effective);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or Google.Protobuf.InvalidProtocolBufferException or IOException)
        {
            throw new ModelPackageException(path, $"ONNX Runtime can't load it: {exception.Message}", exception);
        }
    }

    /// <param name="ids">Row by row, padded.</param>
    /// <param name="mask">1 for a token, 0 for padding.</param>
    /// <param name="read">Gets the vectors, [batch, vocabulary].</param>
    public void Run(long[] ids, long[] mask, int batch, int length, RowReader read)
    {
        long[] shape = [batch, length];
        using var idValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var typeValue = OrtValue.CreateTensorValueFromMemory(_typeIds ? new long[ids.Length] : [], _typeIds ? shape : [0, 0]);
        var inputs = new Dictionary<string, OrtValue> { ["input_ids"] = idValue };
        if (_session.InputMetadata.ContainsKey("attention_mask"))
        {
            inputs.Add("attention_mask", maskValue);
        }

        if (_typeIds)
        {
            inputs.Add("token_type_ids", typeValue);
        }

        using var runOptions = new RunOptions();
        using var results = _session.Run(runOptions, inputs, [_output]);
        var values = results[0].GetTensorDataAsSpan<float>();
        var vocabulary = values.Length / batch;
        for (var row = 0; row < batch; row++)
        {
            read(row, values.Slice(row * vocabulary, vocabulary));
        }
    }

    public void Dispose() => _session.Dispose();

    private static (InferenceSession Session, string Provider) Create(Func<SessionOptions, InferenceSession> create, EncoderOptions options)
    {
        if (options.Provider != ExecutionProvider.Cpu && OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            try
            {
                using var cuda = Options(options);
                cuda.AppendExecutionProvider_CUDA(0);
                return (create(cuda), "CUDA");
            }
            catch (Exception exception) when (options.Provider == ExecutionProvider.Auto
                && exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
            {
                // No usable device: the CPU, and the description of the model says so.
            }
        }
        else if (options.Provider == ExecutionProvider.Cuda)
        {
            throw new OnnxRuntimeUnavailableException();
        }

        using var cpu = Options(options);
        return (create(cpu), "CPU");
    }

    private static SessionOptions Options(EncoderOptions options) => new()
    {
        IntraOpNumThreads = options.Threads,
        InterOpNumThreads = 1,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };
}

/// <summary>Gets one row of a batch: weights over the vocabulary, valid during the call.</summary>
internal delegate void RowReader(int row, ReadOnlySpan<float> weights);

/// <summary>CUDA was demanded, but this build has no CUDA provider.</summary>
public sealed class OnnxRuntimeUnavailableException()
    : InvalidOperationException("The CUDA provider was asked for, but this build has none: build with -p:OnnxRuntime=Gpu, or set the provider to auto.");
