using System.CommandLine;
using Splade.Benchmarks.Corpora;
using Splade.Evaluation.Collections;

namespace Splade.Benchmarks.Commands;

/// <summary>Measures on vectors that look like those of SPLADE models, or writes them as CSR files for other engines.</summary>
internal static class SyntheticCommand
{
    public static Command Create()
    {
        var shape = new Option<string>("--shape") { Description = "splade, bm25, long, binary or wide.", DefaultValueFactory = _ => "splade" }.OneOf(CorpusShape.All.Keys);
        var documents = new Option<int>("--documents") { Description = "Documents.", DefaultValueFactory = _ => 1_000_000 }.Between(1, int.MaxValue);
        var queries = new Option<int>("--queries") { Description = "Queries.", DefaultValueFactory = _ => 500 }.Between(1, int.MaxValue);
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same vectors.", DefaultValueFactory = _ => 1 };
        var flat = new Option<bool>("--no-structure") { Description = "Without topics: nothing that pruning could use." };
        var queryTerms = new Option<int>("--query-terms") { Description = "Mean non-zeros of a query; 0 for the shape's.", DefaultValueFactory = _ => 0 }.Between(0, 5000);
        var scaled = new Option<int>("--scaled") { Description = "So many documents have weights of another scale.", DefaultValueFactory = _ => 0 }.Between(0, int.MaxValue);
        var scaledBy = new Option<float>("--scaled-by") { Description = "What their weights are multiplied by.", DefaultValueFactory = _ => 1 / 16f }.Between(1e-20f, 1e20f);
        var write = new Option<string?>("--write") { Description = "Write docs.csr and queries.csr into this folder instead of measuring." }.NotEmpty("a folder");
        var measure = new MeasureOptions();
        var command = new Command("synthetic", "Vectors with the statistics of SPLADE models. Example: synthetic --documents 200000 --k 10,1000")
        {
            shape, documents, queries, queryTerms, seed, flat, scaled, scaledBy, write,
        };
        measure.AddTo(command);
        command.Run((ParseResult parsed, CancellationToken cancellationToken) =>
        {
            var chosen = CorpusShape.All[parsed.GetValue(shape)!];
            chosen = parsed.GetValue(flat) ? chosen with { TopicShare = 0 } : chosen;
            chosen = parsed.GetValue(queryTerms) is > 0 and var terms ? chosen with { QueryTerms = terms } : chosen;
            var (count, asked, number) = (parsed.GetValue(documents), parsed.GetValue(queries), parsed.GetValue(seed));
            var (others, factor) = (parsed.GetValue(scaled), parsed.GetValue(scaledBy));
            var description = $"{chosen}, {count} documents, {asked} queries, seed {number}{(others > 0 ? FormattableString.Invariant($", {others} scaled by {factor}") : "")}";
            if (parsed.GetValue(write) is { } folder)
            {
                if (parsed.GetValue(measure.Index) is not null)
                {
                    throw new FormatException("--write and --index are both given: give --write, which measures nothing, or --index, which keeps what is measured.");
                }

                SavedCollection.In(folder, description, Make, cancellationToken);
            }
            else
            {
                measure.Run(parsed, description, Make, cancellationToken);
            }

            (VectorReader Documents, VectorReader Queries) Make()
            {
                var corpus = new SyntheticCorpus(chosen, count, number) { Scaled = others, ScaledBy = factor };
                return (corpus.Documents, corpus.Queries(asked));
            }
        });
        return command;
    }
}
