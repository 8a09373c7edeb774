using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Onnx;

/// <summary>An ONNX Runtime session that turns a padded batch of ids into vectors over the vocabulary.</summary>
internal sealed class SpladeSession : IDisposable
{
    private const string ExternalFolderKey = "session.model_external_initializers_file_folder_path";
    private readonly InferenceSession _session;
    private readonly string _path;
    private readonly string _output;
    private readonly bool _typeIds;

    private SpladeSession(InferenceSession session, string path, string output, string provider)
    {
        _session = session;
        _path = path;
        _output = output;
        _typeIds = session.InputMetadata.ContainsKey("token_type_ids");
        Provider = provider;
    }

    /// <summary>CPU or CUDA.</summary>
    public string Provider { get; }

    /// <param name="root">Folder of the package.</param>
    /// <param name="vocabulary">Pieces of the tokenizer.</param>
    /// <param name="pooling">Of a graph that gives raw logits.</param>
    /// <exception cref="ModelPackageException">The file is no model that we can run.</exception>
    public static SpladeSession Open(string path, string root, int vocabulary, Pooling pooling, EncoderOptions options)
    {
        var graph = ModelGraph.Read(path, root, vocabulary);
        try
        {
            if (graph is { Pooled: true, Half: false })
            {
                var (pooled, provider) = Create(o => new InferenceSession(path, o), options);
                return new SpladeSession(pooled, path, graph.Output, provider);
            }

            if (graph.Pooled)
            {
                throw new ModelPackageException(path, $"The vectors [{graph.Output}] are float16, which is supported for raw logits only.");
            }

            SpladeHead.Append(graph.Model, graph.Output, graph.Half, "attention_mask", pooling);
            var bytes = graph.Model.ToByteArray();
            var (grafted, effective) = Create(
                o =>
                {
                    o.AddSessionConfigEntry(ExternalFolderKey, Path.GetDirectoryName(Path.GetFullPath(path))!);
                    return new InferenceSession(bytes, o);
                },
                options);
            return new SpladeSession(grafted, path, SpladeHead.Output, effective);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelPackageException(path, $"ONNX Runtime can't load it: {exception.Message}", exception);
        }
    }

    /// <param name="read">Gets the vectors, [batch, vocabulary].</param>
    /// <exception cref="ModelPackageException">The graph fails on these ids.</exception>
    public void Run(ModelInputBatch batch, RowReader read)
    {
        var shape = batch.Shape;
        var memory = OrtMemoryInfo.DefaultInstance;
        using var idValue = OrtValue.CreateTensorValueFromMemory(memory, batch.Ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(memory, batch.Mask, shape);
        var inputs = new Dictionary<string, OrtValue> { ["input_ids"] = idValue, ["attention_mask"] = maskValue };
        using var typeValue = _typeIds ? OrtValue.CreateTensorValueFromMemory(new long[batch.Ids.Length], shape) : null;
        if (typeValue is not null)
        {
            inputs.Add("token_type_ids", typeValue);
        }

        using var runOptions = new RunOptions();
        using var results = Run(runOptions, inputs);
        var values = results[0].GetTensorDataAsSpan<float>();
        var vocabulary = values.Length / batch.Batch;
        for (var row = 0; row < batch.Batch; row++)
        {
            read(row, values.Slice(row * vocabulary, vocabulary));
        }
    }

    public void Dispose() => _session.Dispose();

    private IDisposableReadOnlyCollection<OrtValue> Run(RunOptions options, Dictionary<string, OrtValue> inputs)
    {
        try
        {
            return _session.Run(options, inputs, [_output]);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelPackageException(_path, $"The model can't be run: {exception.Message}", exception);
        }
    }

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
            catch (Exception exception) when (exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
            {
                if (options.Provider == ExecutionProvider.Cuda)
                {
                    throw new OnnxRuntimeUnavailableException(
                        $"The CUDA provider was asked for, but it can't be used: {exception.Message} Mend the driver, or set the provider to auto.", exception);
                }

                options.OnWarning?.Invoke($"CUDA can't be used, models run on the CPU: {exception.Message.ReplaceLineEndings(" ")}");
            }
        }
        else if (options.Provider == ExecutionProvider.Cuda)
        {
            throw new OnnxRuntimeUnavailableException(
                "The CUDA provider was asked for, but this build has none: build with -p:OnnxRuntime=Gpu, or set the provider to auto.");
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
