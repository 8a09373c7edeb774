using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Splade.Encoding;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;
using Splade.Training.Data;

namespace Splade.Training.Teachers;

/// <summary>
/// A cross-encoder as ONNX (onnx/model.onnx or model.onnx) with a BERT tokenizer beside it: reads query and document together,
/// <c>[CLS] query [SEP] document [SEP]</c>, and gives one logit.
/// </summary>
internal sealed class CrossEncoderTeacher : ITeacher
{
    private const int DefaultMaxTokens = 512;
    private const int BatchSize = 16;

    private static readonly string[] ModelFiles = ["onnx/model.onnx", "model.onnx"];

    private readonly InferenceSession _session;
    private readonly ITokenizer _tokenizer;
    private readonly int _maxTokens;

    private CrossEncoderTeacher(InferenceSession session, ITokenizer tokenizer, int maxTokens)
    {
        (_session, _tokenizer, _maxTokens) = (session, tokenizer, maxTokens);
    }

    /// <exception cref="TrainingDataException">The folder is no cross-encoder that can be run.</exception>
    public static CrossEncoderTeacher Open(string folder, int threads)
    {
        try
        {
            var files = new PackageFiles(folder);
            var model = ModelFiles.FirstOrDefault(files.Has)
                ?? throw new TrainingDataException($"The cross-encoder {folder} has no onnx/model.onnx.");
            var tokenizer = TokenizerReader.Read(files, "");
            if (tokenizer.Template is not { Prefix.Length: 1, Suffix.Length: 1 })
            {
                throw new TrainingDataException($"The cross-encoder {folder} has a tokenizer whose pairs can't be built, only BERT's are.");
            }

            OnnxTelemetry.SwitchOff();
            using var settings = new SessionOptions { IntraOpNumThreads = threads };
            var max = JsonFields.Number(files.ReadObject("tokenizer_config.json"), "model_max_length") ?? DefaultMaxTokens;
            return new CrossEncoderTeacher(new InferenceSession(files.PathOf(model), settings), tokenizer, Math.Min(max, DefaultMaxTokens));
        }
        catch (Exception exception) when (exception is ModelPackageException or OnnxRuntimeException)
        {
            throw new TrainingDataException($"The cross-encoder {folder} can't be used: {exception.Message}", exception);
        }
    }

    public float[] Score(string query, IReadOnlyList<string> documents)
    {
        var asked = Ids(query);
        return [.. documents.Chunk(BatchSize).SelectMany(batch => Run([.. batch.Select(d => Pair(asked, Ids(d)))]))];
    }

    public void Dispose() => _session.Dispose();

    /// <summary>The longer part gives way first, as Hugging Face's <c>longest_first</c> does.</summary>
    private (int[] Ids, int FirstOfSecond) Pair(List<int> query, List<int> document)
    {
        var (first, second) = (query.Count, document.Count);
        while (first + second > _maxTokens - 3)
        {
            _ = second >= first ? second-- : first--;
        }

        int start = _tokenizer.Template.Prefix[0], end = _tokenizer.Template.Suffix[0];
        return ([start, .. query.Take(first), end, .. document.Take(second), end], first + 2);
    }

    private float[] Run((int[] Ids, int FirstOfSecond)[] rows)
    {
        var length = rows.Max(r => r.Ids.Length);
        int[] shape = [rows.Length, length];
        var (ids, mask, types) = (new DenseTensor<long>(shape), new DenseTensor<long>(shape), new DenseTensor<long>(shape));
        ids.Fill(_tokenizer.PaddingId);
        for (var row = 0; row < rows.Length; row++)
        {
            for (var i = 0; i < rows[row].Ids.Length; i++)
            {
                ids[row, i] = rows[row].Ids[i];
                mask[row, i] = 1;
                types[row, i] = i >= rows[row].FirstOfSecond ? 1 : 0;
            }
        }

        var inputs = new List<NamedOnnxValue> { NamedOnnxValue.CreateFromTensor("input_ids", ids), NamedOnnxValue.CreateFromTensor("attention_mask", mask) };
        if (_session.InputMetadata.ContainsKey("token_type_ids"))
        {
            inputs.Add(NamedOnnxValue.CreateFromTensor("token_type_ids", types));
        }

        using var outputs = _session.Run(inputs);
        var logits = outputs[0].AsTensor<float>();
        return logits.Length == rows.Length
            ? [.. logits]
            : throw new TrainingDataException($"The cross-encoder gives {logits.Length / rows.Length} values a pair; expected one score.");
    }

    private List<int> Ids(string text)
    {
        var pieces = new List<PieceOccurrence>();
        _tokenizer.Encode(text, pieces);
        return [.. pieces.Select(p => p.Id)];
    }
}
