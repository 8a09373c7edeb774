using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Splade.Encoding;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;
using Splade.Evaluation.Programs;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade encode</c>: vectors of texts, without a node.</summary>
internal static class EncodeCommand
{
    private const int ChunkTexts = 512;
    private static readonly JsonWriterOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "JSON lines with [id] and [text], or [_id], [title] and [text]; - reads standard input." };
        var model = new Option<string>("--model") { Description = "Name of a model, or a folder with a model package.", Required = true };
        var side = CommandRunner.Option("--side", "'document' or 'query'.", "document");
        var tokens = CommandRunner.Option("--tokens", "Print input_ids and offsets, too: [start, end) in UTF-16 code units of the text (of prompt and text, where the model has a prompt), [0, 0] for special tokens that were added.", false);
        var prune = CommandRunner.Option("--prune", "'default' prunes as the package says, 'none' not at all.", "default");
        var data = ModelOptions.Data();
        var passages = new PassageOptions("none");
        var device = new DeviceOptions();
        var command = new Command(
            "encode",
            "Encode texts into vectors: one JSON object a line, in the order of the texts; [vector] has indices and weights, or the numbers of a dense vector. Texts over the model's limit are cut off, or with --passages into passages, whose number is printed, too.\n\nExample: splade encode texts.jsonl --model splade-small-v1 > vectors.jsonl")
        {
            file, model, side, tokens, prune, data,
        };
        passages.AddTo(command);
        device.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            var asQuery = Choice(parsed, side, "--side", "document", "query") == "query";
            var none = Choice(parsed, prune, "--prune", "default", "none") == "none";
            var settings = none ? new EncodingSettings { Pruning = PruneSettings.None, QueryPruning = PruneSettings.None } : EncodingSettings.Default;
            settings = settings with { Chunking = passages.Read(parsed) };
            var texts = parsed.GetValue(file)!;
            var count = TextLines.Check(texts);
            using var registry = new ModelRegistry(parsed.GetValue(data)!, device.Read(parsed));
            using var encoder = VectorWriter.Open(registry, parsed.GetValue(model)!);
            return await ConsoleProgress.RunAsync("0 texts", count, report => Task.Run(
                () =>
                {
                    Encode(encoder, TextLines.Read(texts), asQuery, settings, parsed.GetValue(tokens), report, cancellationToken);
                    return ExitCode.Ok;
                },
                cancellationToken)).ConfigureAwait(false);
        });
        return command;
    }

    private static void Encode(
        VectorWriter encoder,
        IEnumerable<(JsonElement? Id, string Text)> lines,
        bool asQuery,
        EncodingSettings settings,
        bool withTokens,
        Action<double, string?> report,
        CancellationToken cancellationToken)
    {
        using var output = new StandardOutputStream();
        using var buffer = new BufferedStream(output, 1 << 16);
        var done = 0;
        foreach (var chunk in lines.Chunk(ChunkTexts))
        {
            var i = 0;
            foreach (var (passages, write) in encoder.Encode([.. chunk.Select(l => l.Text)], asQuery, settings, cancellationToken))
            {
                var tokens = withTokens ? encoder.ModelInput(chunk[i].Text, asQuery) : null;
                Write(buffer, chunk[i++].Id, settings.Chunking.Strategy == ChunkingStrategy.None ? null : passages, write, tokens);
            }

            done += chunk.Length;
            report(done, string.Create(CultureInfo.InvariantCulture, $"{done:N0} texts"));
        }
    }

    private static void Write(Stream output, JsonElement? id, int? passages, Action<Utf8JsonWriter> writeVector, IReadOnlyList<TextToken>? tokens)
    {
        using (var json = new Utf8JsonWriter(output, Lines))
        {
            json.WriteStartObject();
            json.WritePropertyName("id");
            if (id is { } value)
            {
                value.WriteTo(json);
            }
            else
            {
                json.WriteNullValue();
            }

            if (tokens is not null)
            {
                json.WriteStartArray("input_ids");
                foreach (var token in tokens)
                {
                    json.WriteNumberValue(token.Id);
                }

                json.WriteEndArray();
                json.WriteStartArray("offsets");
                foreach (var token in tokens)
                {
                    json.WriteStartArray();
                    json.WriteNumberValue(token.Start);
                    json.WriteNumberValue(token.End);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
            }

            if (passages is { } count)
            {
                json.WriteNumber("passages", count);
            }

            json.WritePropertyName("vector");
            writeVector(json);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static string Choice(ParseResult parsed, Option<string> option, string name, params string[] known)
    {
        var value = parsed.GetValue(option)!;
        return known.Contains(value) ? value : throw new CliException($"{name} {value} is unknown: give {string.Join(" or ", known)}.");
    }
}
