using System.Buffers;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace Splade.Encoding.Onnx;

/// <summary>An ONNX Runtime session that turns a padded batch of ids into vectors, over the vocabulary or of a dense model.</summary>
internal sealed class SpladeSession : IDisposable
{
    private const string ExternalFolderKey = "session.model_external_initializers_file_folder_path";
    private readonly InferenceSession _session;
    private readonly string _path;
    private readonly GraphOutput _output;
    private readonly int _vocabulary;
    private readonly bool _typeIds;
    private readonly object _gate = new();
    private int _running;
    private bool _disposed;

    private SpladeSession(InferenceSession session, string path, GraphOutput output, int vocabulary, string provider)
    {
        _session = session;
        _path = path;
        _output = output;
        _vocabulary = vocabulary;
        _typeIds = session.InputMetadata.ContainsKey("token_type_ids");
        Provider = provider;
    }

    /// <summary>CPU or CUDA.</summary>
    public string Provider { get; }

    /// <param name="vocabulary">Length of the vectors that are made from weights and their indices.</param>
    /// <exception cref="ModelPackageException">The file is no model that we can run.</exception>
    public static SpladeSession Open(RunnableGraph graph, int vocabulary, EncoderOptions options)
    {
        try
        {
            var (session, provider) = graph.Model is null
                ? Create(o => new InferenceSession(graph.Path, o), graph, options)
                : OpenModel(graph, options);
            return new SpladeSession(session, graph.Path, graph.Output, vocabulary, provider);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelPackageException(graph.Path, $"ONNX Runtime can't load it: {exception.Message}", exception);
        }
    }

    /// <summary>Runs the model; several threads may at once.</summary>
    /// <returns>The answers, which outlive the session; dispose of them soon, as vectors take 4 bytes x rows x vocabulary.</returns>
    /// <exception cref="ModelPackageException">The graph fails on these ids.</exception>
    /// <exception cref="ObjectDisposedException">The session is closed.</exception>
    public SessionOutput Infer(ModelInputBatch batch)
    {
        Enter();
        try
        {
            var indexed = _output.Indices is not null;
            return _output.Form == OutputForm.Pairs && batch.Batch > 1
                ? new SessionOutput(InferOneByOne(batch), 1, indexed)
                : new SessionOutput([InferAll(batch)], batch.Batch, indexed);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Runs the model and reads whole vectors, one after the other, whatever form it gives them in.</summary>
    /// <exception cref="ModelPackageException">The graph fails on these ids, or gives a weight outside the vocabulary.</exception>
    public void Run(ModelInputBatch batch, VectorReader read)
    {
        using var output = Infer(batch);
        var rented = _output.Indices is null ? [] : ArrayPool<float>.Shared.Rent(_vocabulary);
        try
        {
            output.Read((row, answer) =>
            {
                if (answer.IsVector)
                {
                    read(row, answer.Weights);
                    return;
                }

                var vector = rented.AsSpan(0, _vocabulary);
                answer.Spread(vector, _path);
                read(row, vector);
            });
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>Waits for inferences that are under way: native memory must not go while they use it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            while (_running > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        _session.Dispose();
    }

    private void Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _running++;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_running == 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    private IDisposableReadOnlyCollection<OrtValue> InferAll(ModelInputBatch batch)
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
        try
        {
            return _session.Run(runOptions, inputs, _output.Indices is null ? [_output.Values] : [_output.Values, _output.Indices]);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelPackageException(_path, $"The model can't be run: {exception.Message}", exception);
        }
    }

    private IDisposableReadOnlyCollection<OrtValue>[] InferOneByOne(ModelInputBatch batch)
    {
        var runs = new List<IDisposableReadOnlyCollection<OrtValue>>(batch.Batch);
        try
        {
            for (var row = 0; row < batch.Batch; row++)
            {
                var start = row * batch.Length;
                var tokens = batch.Mask.Span.Slice(start, batch.Length).Count(1L);
                using var one = new ModelInputBatch(1, tokens, 0);
                one.Fill(0, batch.Ids.Span.Slice(start, tokens));
                runs.Add(InferAll(one));
            }

            return [.. runs];
        }
        catch
        {
            runs.ForEach(r => r.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Without an arena where the model is small: threads share it, so that each gets memory that is in the cache of another's core. Inferences of splade-small-v1 on two threads
    /// take a third less processor time without. Large tensors would be mapped anew each time.
    /// </summary>
    private static (InferenceSession Session, string Provider) Create(Func<SessionOptions, InferenceSession> create, RunnableGraph graph, EncoderOptions options) =>
        SessionFactory.Create(
            o =>
            {
                o.EnableCpuMemArena = !graph.IsSmall;
                return create(o);
            },
            options);

    private static (InferenceSession Session, string Provider) OpenModel(RunnableGraph graph, EncoderOptions options)
    {
        var model = graph.Model!;
        if (OnnxWriter.FitsInMemory(model))
        {
            var bytes = model.ToByteArray();
            return Create(
                o =>
                {
                    o.AddSessionConfigEntry(ExternalFolderKey, Path.GetDirectoryName(Path.GetFullPath(graph.Path))!);
                    return new InferenceSession(bytes, o);
                },
                graph,
                options);
        }

        // Too large for one protobuf message: ONNX Runtime reads the weights from a file of their own.
        var folder = Directory.CreateTempSubdirectory("splade-model-").FullName;
        try
        {
            var file = Path.Combine(folder, "model.onnx");
            OnnxWriter.Write(model, graph.Path, file);
            return Create(o => new InferenceSession(file, o), graph, options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>Gets the vector of one row of a batch, valid during the call.</summary>
internal delegate void VectorReader(int row, ReadOnlySpan<float> vector);
