using System.CommandLine;
using Splade.Benchmarks.Corpora;
using Splade.Evaluation.Collections;

namespace Splade.Benchmarks.Commands;

/// <summary>Measures on real text: harder than synthetic vectors, for its structure is weak.</summary>
internal static class TextCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Data folder; ../shared/data beside the checkout by default." }.NotEmpty("a folder");
        var passages = new Option<int>("--passages") { Description = "Passages.", DefaultValueFactory = _ => 300_000 }.Between(1, int.MaxValue);
        var queries = new Option<int>("--queries") { Description = "Queries.", DefaultValueFactory = _ => 500 }.Between(1, int.MaxValue);
        var seed = new Option<int>("--seed") { Description = "Chooses and orders the passages.", DefaultValueFactory = _ => 1 };
        var encode = new Option<bool>("--encode") { Description = "Encode passages and queries by the default model, instead of BM25 impacts and SPLADE-v3's query vectors." };
        var measure = new MeasureOptions();
        var command = new Command("text", "Real passages and queries. Example: text --passages 300000 --k 10,1000") { data, passages, queries, seed, encode };
        measure.AddTo(command);
        command.Run((ParseResult parsed, CancellationToken cancellationToken) =>
        {
            var (count, asked, number, encoded) = (parsed.GetValue(passages), parsed.GetValue(queries), parsed.GetValue(seed), parsed.GetValue(encode));
            measure.Run(parsed, $"{count} passages, {asked} queries, seed {number}{(encoded ? ", encoded" : "")}", Make, cancellationToken);

            (VectorReader Documents, VectorReader Queries) Make()
            {
                var text = RealText.Find(parsed.GetValue(data));
                var chosen = text.Passages(count, number, cancellationToken);
                if (encoded)
                {
                    return EncodedVectors.Of(chosen, text.QueryTexts().Take(asked), cancellationToken);
                }

                var vectors = VectorFiles.Open(text.QueryVectors);
                var rows = vectors.Rows().Take(asked).ToArray();
                return (Bm25Impacts.Of(chosen, text.WordPieces(), cancellationToken), new GeneratedVectors(text.QueryVectors, vectors.Vocabulary, rows.Length, q => rows[q]));
            }
        });
        return command;
    }
}
