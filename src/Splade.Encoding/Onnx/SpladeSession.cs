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
                ? SessionFactory.Create(o => new InferenceSession(graph.Path, o), options)
                : Open(graph.Model, graph.Path, options);
            return new SpladeSession(session, graph.Path, graph.Output, vocabulary, provider);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelPackageException(graph.Path, $"ONNX Runtime can't load it: {exception.Message}", exception);
        }
    }

    /// <param name="read">Gets the vectors of the rows; null when nobody wants them.</param>
    /// <exception cref="ModelPackageException">The graph fails on these ids.</exception>
    public void Run(ModelInputBatch batch, RowReader? read)
    {
        if (_output.Form == OutputForm.Pairs && batch.Batch > 1)
        {
            RunOneByOne(batch, read);
            return;
        }

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
        if (read is null)
        {
            return;
        }

        var values = results[0].GetTensorDataAsSpan<float>();
        var width = values.Length / batch.Batch;
        for (var row = 0; row < batch.Batch; row++)
        {
            var own = values.Slice(row * width, width);
            read(row, _output.Indices is null ? own : Spread(own, results[1], row * width));
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>Weights with their indices as a vector over the vocabulary.</summary>
    private float[] Spread(ReadOnlySpan<float> weights, OrtValue indices, int start)
    {
        var vector = new float[_vocabulary];
        for (var i = 0; i < weights.Length; i++)
        {
            var index = indices.GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int32
                ? indices.GetTensorDataAsSpan<int>()[start + i]
                : indices.GetTensorDataAsSpan<long>()[start + i];
            vector[index] = index >= 0 && index < vector.Length
                ? weights[i]
                : throw new ModelPackageException(_path, $"The model gives a weight for the piece {index} of a vocabulary of {vector.Length}.");
        }

        return vector;
    }

    private void RunOneByOne(ModelInputBatch batch, RowReader? read)
    {
        for (var row = 0; row < batch.Batch; row++)
        {
            var start = row * (int)batch.Shape[1];
            var tokens = batch.Mask.Span.Slice(start, (int)batch.Shape[1]).Count(1L);
            using var one = new ModelInputBatch(1, tokens, 0);
            one.Fill(0, batch.Ids.Span.Slice(start, tokens));
            var text = row;
            Run(one, read is null ? null : (_, weights) => read(text, weights));
        }
    }

    private static (InferenceSession Session, string Provider) Open(ModelProto model, string path, EncoderOptions options)
    {
        if (OnnxWriter.FitsInMemory(model))
        {
            var bytes = model.ToByteArray();
            return SessionFactory.Create(
                o =>
                {
                    o.AddSessionConfigEntry(ExternalFolderKey, Path.GetDirectoryName(Path.GetFullPath(path))!);
                    return new InferenceSession(bytes, o);
                },
                options);
        }

        // Too large for one protobuf message: ONNX Runtime reads the weights from a file of their own.
        var folder = Directory.CreateTempSubdirectory("splade-model-").FullName;
        try
        {
            var file = Path.Combine(folder, "model.onnx");
            OnnxWriter.Write(model, path, file);
            return SessionFactory.Create(o => new InferenceSession(file, o), options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(RunOptions options, Dictionary<string, OrtValue> inputs)
    {
        try
        {
            return _session.Run(options, inputs, _output.Indices is null ? [_output.Values] : [_output.Values, _output.Indices]);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelPackageException(_path, $"The model can't be run: {exception.Message}", exception);
        }
    }
}

/// <summary>Gets one row of a batch: weights over the vocabulary, valid during the call.</summary>
internal delegate void RowReader(int row, ReadOnlySpan<float> weights);
