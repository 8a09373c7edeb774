using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Benchmarking;

/// <summary>Encoding as one would write it first: what the real encoder is measured against.</summary>
internal sealed class NaiveEncoder : IDisposable
{
    private const int BatchTexts = 8;
    private readonly EncoderSide _side;
    private readonly string _prompt;
    private readonly SpladeSession _session;
    private readonly bool _givesLogits;

    public NaiveEncoder(ModelPackage package, EncoderOptions options)
    {
        _side = package.Documents;
        _prompt = package.Prompts.Document;
        var logits = package.Dense is null ? RunnableGraph.LoadLogits(package.Files, _side) : null;
        _givesLogits = logits is not null;
        _session = SpladeSession.Open(logits ?? RunnableGraph.Load(package.Files, _side, package.Dense), _side.Tokenizer.VocabularySize, options);
    }

    public List<List<(int Id, float Weight)>> Encode(IReadOnlyList<string> texts)
    {
        var result = new List<List<(int, float)>>();
        foreach (var chunk in texts.Chunk(BatchTexts))
        {
            var ids = chunk.Select(Ids).ToArray();
            using var batch = new ModelInputBatch(ids.Length, ids.Max(i => i.Length), _side.Tokenizer.PaddingId);
            for (var row = 0; row < ids.Length; row++)
            {
                batch.Fill(row, ids[row]);
            }

            _session.Run(batch, (row, values) => result.Add(Pool(values.ToArray(), ids[row].Length, batch.Length)));
        }

        return result;
    }

    public void Dispose() => _session.Dispose();

    private long[] Ids(string text)
    {
        var pieces = new List<PieceOccurrence>();
        _side.Tokenizer.Encode(_prompt + text, pieces);
        var template = _side.Tokenizer.Template;
        return
        [
            .. template.Prefix.Select(i => (long)i),
            .. pieces.Take(_side.MaxTokens - template.Length).Select(p => (long)p.Id),
            .. template.Suffix.Select(i => (long)i),
        ];
    }

    private List<(int Id, float Weight)> Pool(float[] values, int tokens, int rows)
    {
        var vocabulary = _givesLogits ? values.Length / rows : values.Length;
        var vector = new List<(int, float)>();
        for (var id = 0; id < vocabulary; id++)
        {
            var highest = values[id];
            for (var token = 1; _givesLogits && token < tokens; token++)
            {
                highest = Math.Max(highest, values[(token * vocabulary) + id]);
            }

            if (highest > 0)
            {
                vector.Add((id, _givesLogits ? MathF.Log(1 + highest) : highest));
            }
        }

        return vector;
    }
}
