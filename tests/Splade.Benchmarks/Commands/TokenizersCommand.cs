using System.CommandLine;
using System.Globalization;
using Splade.Benchmarks.Corpora;
using Splade.Encoding.Tokenizing;

namespace Splade.Benchmarks.Commands;

/// <summary>
/// <c>tokenizers</c>: speed of tokenizers on one thread, in processor time, so that a crowded machine tells the same; and in how many texts the ids of
/// Microsoft.ML.Tokenizers' own tokenizers differ from ours.
/// </summary>
internal static class TokenizersCommand
{
    public static Command Create()
    {
        var tokenizers = new Argument<string[]>("tokenizers") { Description = "Model folders, tokenizer.json or .model files.", Arity = ArgumentArity.OneOrMore }.NotEmpty("a folder or file");
        var texts = new Option<string>("--texts") { Description = "Text file with a text a line, or a corpus.jsonl; gzipped or not.", Required = true }.NotEmpty("a file");
        var limit = new Option<int>("--limit") { Description = "Texts at most.", DefaultValueFactory = _ => 20_000 }.Between(1, int.MaxValue);
        var passes = new Option<int>("--passes") { Description = "Measured passes after the first; the fastest counts.", DefaultValueFactory = _ => 3 }.Between(1, 1000);
        var command = new Command("tokenizers", "Megabytes of UTF-8 a second, texts a second, and bytes allocated a text; the first pass meets every word for the first time. Then Microsoft.ML.Tokenizers' "
                + "own tokenizer: texts with other ids or an exception, and its speed.")
        {
            tokenizers, texts, limit, passes,
        };
        command.Run((ParseResult parsed, CancellationToken cancellationToken) =>
        {
            string[] lines = [.. TextLines.In(parsed.GetValue(texts)!).Take(parsed.GetValue(limit)).Until(cancellationToken)];
            var megabytes = lines.Sum(l => (long)System.Text.Encoding.UTF8.GetByteCount(l)) / 1e6;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lines.Length:N0} texts, {megabytes:N1} MB"));
            Console.WriteLine("tokenizer                        load ms  first MB/s   MB/s  texts/s  pieces/text  bytes/text  ms.differ  ms.MB/s");
            foreach (var path in parsed.GetValue(tokenizers)!)
            {
                Measure(path, lines, megabytes, parsed.GetValue(passes), cancellationToken);
            }
        });
        return command;
    }

    private static void Measure(string path, string[] lines, double megabytes, int passes, CancellationToken cancellationToken)
    {
        var before = Environment.CpuUsage.TotalTime;
        var tokenizer = Tokenizers.Open(path);
        var load = Environment.CpuUsage.TotalTime - before;
        var pieces = new List<PieceOccurrence>();
        var count = 0L;
        var first = Pass();
        var best = TimeSpan.MaxValue;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var pass = 0; pass < passes; pass++)
        {
            count = 0;
            var time = Pass();
            best = time < best ? time : best;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(path.TrimEnd('/')),-30} {load.TotalMilliseconds,9:0} {megabytes / first.TotalSeconds,11:0.0} {megabytes / best.TotalSeconds,6:0.0} {lines.Length / best.TotalSeconds,8:0} {count / (double)lines.Length,12:0.0} {allocated / (double)lines.Length / passes,11:0} {Microsoft(path, tokenizer, lines.Until(cancellationToken), megabytes),18}"));

        TimeSpan Pass()
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = Environment.CpuUsage.TotalTime;
            foreach (var line in lines)
            {
                pieces.Clear();
                tokenizer.Encode(line, pieces);
                count += pieces.Count;
            }

            return Environment.CpuUsage.TotalTime - start;
        }
    }

    private static string Microsoft(string path, ITokenizer own, IEnumerable<string> lines, double megabytes)
    {
        if (MicrosoftTokenizers.Open(path) is not { } encode)
        {
            return "-        -";
        }

        var (differ, time, pieces) = (0, TimeSpan.Zero, new List<PieceOccurrence>());
        foreach (var line in lines)
        {
            pieces.Clear();
            own.Encode(line, pieces);
            var start = Environment.CpuUsage.TotalTime;
            int[]? ids = null;
            try
            {
                ids = [.. encode(line)];
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IndexOutOfRangeException or KeyNotFoundException)
            {
                // No ids: the text counts as different.
            }

            time += Environment.CpuUsage.TotalTime - start;
            differ += ids is not null && ids.AsSpan().SequenceEqual([.. pieces.Select(p => p.Id)]) ? 0 : 1;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{differ,9} {megabytes / time.TotalSeconds,8:0.0}");
    }
}
