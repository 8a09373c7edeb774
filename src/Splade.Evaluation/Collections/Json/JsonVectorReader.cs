using System.Text.Json;

namespace Splade.Evaluation.Collections.Json;

/// <summary>
/// Reads vectors that stand as JSON objects, one a line: Anserini's JsonVectorCollection (<c>id</c>, <c>contents</c>, <c>vector</c>) and Seismic's JSONL (<c>id</c>, <c>content</c>,
/// <c>vector</c>), in one file or several. Ids may be text or numbers (<c>_id</c> also); other properties are skipped.
/// </summary>
public sealed class JsonVectorReader : VectorReader
{
    private readonly IReadOnlyList<string> _files;

    /// <param name="path">What the user named: the file, or the folder.</param>
    /// <param name="files">Files to read one after another; those that end in <c>.gz</c> are unpacked.</param>
    public JsonVectorReader(string path, IReadOnlyList<string> files)
        : base(path, Vocabulary.OfWords())
    {
        ArgumentNullException.ThrowIfNull(files);
        _files = files;
    }

    public override IEnumerable<SparseVector> Rows()
    {
        var seen = new HashSet<int>();
        foreach (var file in _files)
        {
            using var lines = new LineReader(TextFiles.Open(file), file);
            while (lines.TryRead(out var line))
            {
                if (!line.Span.TrimStart(" \t"u8).IsEmpty)
                {
                    yield return Parse(line, file, lines.Number, seen);
                }
            }
        }
    }

    private SparseVector Parse(ReadOnlyMemory<byte> line, string file, long number, HashSet<int> seen)
    {
        try
        {
            var reader = new Utf8JsonReader(line.Span);
            Expect(ref reader, reader.Read() && reader.TokenType == JsonTokenType.StartObject, "a JSON object");
            string? id = null, contents = null;
            (int[] Terms, float[] Weights)? vector = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("_id"u8))
                {
                    reader.Read();
                    id = IdOf(ref reader);
                }
                else if (reader.ValueTextEquals("contents"u8) || reader.ValueTextEquals("content"u8))
                {
                    reader.Read();
                    Expect(ref reader, reader.TokenType is JsonTokenType.String or JsonTokenType.Null, "contents as text");
                    contents = reader.GetString();
                }
                else if (reader.ValueTextEquals("vector"u8))
                {
                    reader.Read();
                    vector = vector is null ? VectorOf(ref reader, seen) : throw new JsonException("the object has a second vector");
                }
                else
                {
                    reader.Skip();
                }
            }

            Expect(ref reader, !reader.Read(), "nothing after the object");
            return new SparseVector(
                id ?? throw new JsonException("the object has no id"),
                (vector ?? throw new JsonException("the object has no vector")).Terms,
                vector.Value.Weights,
                contents);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw VectorFileException.AtLine(file, number, exception.Message, exception);
        }
    }

    private static string IdOf(ref Utf8JsonReader reader)
    {
        var id = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
            _ => null,
        };
        return string.IsNullOrEmpty(id) ? throw new JsonException("the id must be text or a number, and not empty") : id;
    }

    private (int[] Terms, float[] Weights) VectorOf(ref Utf8JsonReader reader, HashSet<int> seen)
    {
        Expect(ref reader, reader.TokenType == JsonTokenType.StartObject, "the vector as an object of tokens and weights");
        var terms = new List<int>();
        var weights = new List<float>();
        seen.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var token = reader.GetString();
            if (string.IsNullOrEmpty(token))
            {
                throw new JsonException("a token of the vector is empty");
            }

            var term = Vocabulary.Number(token);
            reader.Read();
            Expect(ref reader, reader.TokenType == JsonTokenType.Number, $"a number as the weight of '{token}'");
            if (!seen.Add(term))
            {
                throw new JsonException($"the token '{token}' stands twice");
            }

            if (!reader.TryGetSingle(out var weight) || !float.IsFinite(weight))
            {
                throw new JsonException($"the weight of '{token}' is no number that 32 bits hold");
            }

            terms.Add(term);
            weights.Add(weight);
        }

        return ([.. terms], [.. weights]);
    }

    private static void Expect(ref Utf8JsonReader reader, bool holds, string what)
    {
        if (!holds)
        {
            throw new JsonException($"expected {what}, at byte {reader.TokenStartIndex} of the line");
        }
    }
}
