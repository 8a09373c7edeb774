using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Splade.Encoding.Tokenizing;
using Splade.Evaluation.Programs;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade tokenize</c>: ids and places of the pieces of texts.</summary>
internal static class TokenizeCommand
{
    private const int ChunkTexts = 1024;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "JSON lines with [id] and [text], or [_id], [title] and [text]; - reads standard input." };
        var tokenizer = new Option<string>("--tokenizer")
        {
            Description = "A model folder (tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece .model), or one such file.",
            Required = true,
        };
        var bare = new Option<bool>("--no-special-tokens") { Description = "Leave out the special tokens around each text." };
        var command = new Command(
            "tokenize",
            "Cut texts into the ids of a tokenizer: one JSON object a line with ids and offsets ([start, end) in UTF-16 code units, [0, 0] for special "
                + "tokens that were added), in the order of the texts. Nothing is cut off or padded.\n\nExample: splade tokenize texts.jsonl --tokenizer my-model > ids.jsonl")
        {
            file, tokenizer, bare,
        };
        command.Run((parsed, cancellationToken) =>
        {
            var reader = Tokenizers.Open(parsed.GetValue(tokenizer)!);
            return WriteAsync(parsed.GetValue(file)!, reader, !parsed.GetValue(bare), cancellationToken);
        });
        return command;
    }

    private static Task<int> WriteAsync(string file, ITokenizer tokenizer, bool template, CancellationToken cancellationToken)
    {
        return ConsoleProgress.RunAsync("0 texts", TextLines.Check(file), report => Task.Run(
            () =>
            {
                Write(file, tokenizer, template, report, cancellationToken);
                return ExitCode.Ok;
            },
            cancellationToken));
    }

    private static void Write(string file, ITokenizer tokenizer, bool template, Action<double, string?> report, CancellationToken cancellationToken)
    {
        using var output = new StandardOutputStream();
        using var buffer = new BufferedStream(output, 1 << 16);
        var done = 0;
        foreach (var chunk in TextLines.Read(file).Chunk(ChunkTexts))
        {
            foreach (var line in chunk.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(t => Line(t.Text, tokenizer, template)))
            {
                buffer.Write(line);
            }

            done += chunk.Length;
            report(done, string.Create(CultureInfo.InvariantCulture, $"{done:N0} texts"));
        }
    }

    private static byte[] Line(string text, ITokenizer tokenizer, bool template)
    {
        var pieces = new List<PieceOccurrence>();
        pieces.AddRange(template ? tokenizer.Template.Prefix.Select(Added) : []);
        tokenizer.Encode(text, pieces);
        pieces.AddRange(template ? tokenizer.Template.Suffix.Select(Added) : []);
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteStartArray("ids");
            foreach (var piece in pieces)
            {
                json.WriteNumberValue(piece.Id);
            }

            json.WriteEndArray();
            json.WriteStartArray("offsets");
            foreach (var piece in pieces)
            {
                json.WriteStartArray();
                json.WriteNumberValue(piece.Start);
                json.WriteNumberValue(piece.End);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        return line.ToArray();
    }

    private static PieceOccurrence Added(int id) => new(id, 0, 0);
}
