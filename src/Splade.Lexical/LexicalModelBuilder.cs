using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Encoding.Tokenizing;

namespace Splade.Lexical;

/// <summary>
/// Makes a lexical sparse model from plain text: a vocabulary of stems and endings, query weights from document frequencies, a document side
/// without learnt parameters. The same inputs give the same bytes.
/// </summary>
public sealed class LexicalModelBuilder
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly LexicalModelOptions _options;

    public LexicalModelBuilder(LexicalModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Writes a model package. The language of the first source is the main one.</summary>
    public void Build(IReadOnlyList<TextSource> sources, string folder, Action<string> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(report);
        var counts = CountWords(sources, report, cancellationToken);
        var vocabulary = StemVocabulary.Learn(counts, _options);
        report(string.Create(CultureInfo.InvariantCulture, $"{vocabulary.Pieces.Length} pieces"));
        var tokenizer = new WordPieceTokenizer(vocabulary.Pieces, new WordPieceOptions());
        report("counting document frequencies");
        var idf = TermStatistics.InverseDocumentFrequencies(sources, tokenizer, _options.PassagesPerFile, cancellationToken);
        var hasWeight = vocabulary.Pieces.Select((piece, id) => HasWeight(piece, id, tokenizer, vocabulary)).ToArray();
        Write(folder, vocabulary.Pieces, idf, hasWeight);
        report($"package written to {folder}");
    }

    private static bool HasWeight(string piece, int id, WordPieceTokenizer tokenizer, StemVocabulary vocabulary) =>
        !tokenizer.SpecialIds.Contains(id)
        && !vocabulary.Endings.Contains(piece)
        && !StopWords.All.Contains(piece)
        && piece.Any(char.IsLetterOrDigit)
        && !(piece.StartsWith("##", StringComparison.Ordinal) && piece.Length == 3 && !StemVocabulary.IsIdeograph(piece[2]));

    private List<(string Language, Dictionary<string, int> Words)> CountWords(
        IReadOnlyList<TextSource> sources, Action<string> report, CancellationToken cancellationToken)
    {
        var counts = new List<(string, Dictionary<string, int>)>();
        var splitter = new BertWords(new WordPieceOptions());
        var words = new List<string>();
        foreach (var language in sources.GroupBy(s => s.Language))
        {
            var counted = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var source in language)
            {
                report($"reading {source.Name} ({source.Language})");
                foreach (var passage in source.Passages(_options.PassagesPerFile))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    words.Clear();
                    splitter.Split(passage, words);
                    foreach (var word in words)
                    {
                        counted[word] = counted.GetValueOrDefault(word) + 1;
                    }
                }
            }

            counts.Add((language.Key, counted));
        }

        return counts;
    }

    private void Write(string folder, string[] pieces, float[] idf, bool[] hasWeight)
    {
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        Directory.CreateDirectory(Path.Combine(folder, "query_0_SparseStaticEmbedding"));
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', pieces) + "\n");
        File.WriteAllBytes(Path.Combine(folder, "onnx", "model.onnx"), LexicalGraph.Build(hasWeight, _options));
        var weights = new JsonObject();
        for (var id = 0; id < pieces.Length; id++)
        {
            if (hasWeight[id])
            {
                weights[pieces[id]] = Math.Round((double)idf[id], 4);
            }
        }

        File.WriteAllText(
            Path.Combine(folder, "query_0_SparseStaticEmbedding", "idf.json"),
            weights.ToJsonString(new JsonSerializerOptions(Indented) { WriteIndented = false }) + "\n");
        WriteJson("query_0_SparseStaticEmbedding/config.json", """{"frozen": true}""");
        WriteJson("modules.json", """[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Router"}]""");
        WriteJson("router_config.json", """
            {
              "types": {"query_0_SparseStaticEmbedding": "sentence_transformers.sparse_encoder.models.SparseStaticEmbedding.SparseStaticEmbedding"},
              "structure": {"query": ["query_0_SparseStaticEmbedding"], "document": ["onnx"]},
              "parameters": {"default_route": "document", "allow_empty_key": true}
            }
            """);
        WriteJson("config.json", $$"""{"model_type": "splade-lexical", "vocab_size": {{pieces.Length}}}""");
        WriteJson("tokenizer_config.json", $$"""
            {
              "tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true,
              "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
              "model_max_length": {{_options.MaxTokens}}
            }
            """);
        WriteJson("splade.json", $$"""
            {
              "description": "Lexical sparse model: stems weighted by term statistics. No expansion.",
              "query": {"term_counts": true, "collection_idf": true},
              "max_tokens": {{_options.MaxTokens}}
            }
            """);

        void WriteJson(string file, string json) =>
            File.WriteAllText(Path.Combine(folder, file.Replace('/', Path.DirectorySeparatorChar)), JsonNode.Parse(json)!.ToJsonString(Indented) + "\n");
    }
}
