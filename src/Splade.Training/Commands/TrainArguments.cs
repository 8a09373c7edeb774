using System.CommandLine;
using System.Text.Json;

namespace Splade.Training.Commands;

/// <summary>The options of a training run on the command line.</summary>
internal sealed class TrainArguments
{
    private static readonly TrainOptions Default = new();
    private readonly List<Option> _options = [];
    private readonly List<Func<ParseResult, TrainOptions, TrainOptions>> _readers = [];

    public TrainArguments()
    {
        Many("--text", "Plain text to learn from: a folder of .txt and .md files, a file with a passage a line, or a corpus.jsonl; each may be gzipped.", (o, v) => o with { Text = v });
        Many("--beir", "BEIR folder with queries and judgements to train on (corpus.jsonl, queries.jsonl, qrels).", (o, v) => o with { Beir = v });
        Many("--examples", "Pairs or triplets: TSV (query, positive, negative; two scores in front for Margin-MSE) or JSONL (query, positive, negatives, scores or margins; ColBERT's lists of ids).", (o, v) => o with { Examples = v });
        Many("--scored", "FOLDER=FILE: a BEIR folder and a JSONL file of teacher scores for it (qid, pos, neg).", (o, v) => o with { Scored = v });
        Add<string?>("--collection", "BEIR folder, where --examples have ids of its queries and documents instead of texts.", null, (o, v) => o with { Collection = v });
        Add("--split", "Judgements of the BEIR folders to train on.", Default.Split, (o, v) => o with { Split = v });
        Add("--signal", "Which scores of --scored to learn.", Default.Signal, (o, v) => o with { Signal = v });
        Add<string?>("--cross-encoder", "Folder of a cross-encoder (ONNX) that scores the examples, to distil from.", null, (o, v) => o with { CrossEncoder = v });
        Add<string?>("--dense-teacher", "Folder of a dense sentence encoder that scores the examples, to distil from.", null, (o, v) => o with { DenseTeacher = v });
        Add("--teacher-scale", "Multiplies the teacher's scores; 20 suits cosines.", Default.TeacherScale, (o, v) => o with { TeacherScale = v });
        Add<string?>("--from", "Start from this checkpoint (BERT or DistilBERT, safetensors, with or without a masked-language head) instead of from scratch.", null, (o, v) => o with { From = v });
        Add("--preset", "Size of a network from scratch: tiny 2x128, mini 4x256, small 6x384, base 12x768.", Default.Preset, (o, v) => o with { Preset = v });
        Add("--vocabulary", "Vocabulary from scratch; with stems words of one stem share a piece.", Default.Vocabulary, (o, v) => o with { Vocabulary = v });
        Add("--vocabulary-size", "Pieces of a vocabulary from scratch.", Default.VocabularySize, (o, v) => o with { VocabularySize = v });
        Add("--language", "Language of the stems: en, de, es, fr, pt, ru, it, nl.", Default.Language, (o, v) => o with { Language = v });
        Add("--symmetric", "Queries run through the network, too. Otherwise they are inference-free: a learned weight for each of their pieces.", false, (o, v) => o with { InferenceFree = !v });
        Add("--mlm-steps", "Steps of masked-language pretraining; 0 for none.", Default.MlmSteps, (o, v) => o with { MlmSteps = v });
        Add("--mlm-batch", "Passages of a pretraining step.", Default.MlmBatch, (o, v) => o with { MlmBatch = v });
        Add("--mlm-rate", "Peak learning rate of pretraining.", Default.MlmRate, (o, v) => o with { MlmRate = v });
        Add("--steps", "Steps of SPLADE training.", Default.Steps, (o, v) => o with { Steps = v });
        Add("--batch", "Queries of a step.", Default.Batch, (o, v) => o with { Batch = v });
        Add("--accumulate", "Batches whose gradients are added up to one step, where memory does not hold one large batch.", Default.Accumulate, (o, v) => o with { Accumulate = v });
        Add("--negatives", "Negatives of each query, beside the documents of the other queries; from text alone none unless given.", Default.Negatives, (o, v) => o with { Negatives = v });
        Add("--hard-negatives", "BM25's best wrong documents to draw negatives from, where the examples have none; 0 for none, as from text alone unless given.", Default.HardNegatives, (o, v) => o with { HardNegatives = v });
        Add("--loss", "What is learned; auto is kl where there are teacher scores, else in-batch.", Default.Loss, (o, v) => o with { Loss = v });
        Add("--temperature", "Softmax temperature of kl.", Default.Temperature, (o, v) => o with { Temperature = v });
        Add("--scale", "Multiplies scores in the in-batch loss.", Default.Scale, (o, v) => o with { Scale = v });
        Add("--contrast", "What the in-batch loss tells apart: query-to-document, or all (queries and documents from each other, too; GTE).", Default.Contrast, (o, v) => o with { Contrast = v });
        Add("--in-batch-weight", "Adds the in-batch loss to a distillation loss.", Default.InBatchWeight, (o, v) => o with { InBatchWeight = v });
        Add("--rate", "Peak learning rate.", Default.Rate, (o, v) => o with { Rate = v });
        Add("--query-rate", "Peak learning rate of inference-free query weights.", Default.QueryRate, (o, v) => o with { QueryRate = v });
        Add("--warmup", "Share of the steps in which the learning rate rises.", Default.WarmupShare, (o, v) => o with { WarmupShare = v });
        Add("--weight-decay", "Decay of AdamW.", Default.WeightDecay, (o, v) => o with { WeightDecay = v });
        Add("--max-gradient-norm", "Gradients are clipped to this norm.", Default.MaxGradientNorm, (o, v) => o with { MaxGradientNorm = v });
        Add("--lambda-d", "Weight of the regulariser of documents: more means sparser.", Default.LambdaDocuments, (o, v) => o with { LambdaDocuments = v });
        Add("--lambda-q", "Weight of the regulariser of queries, with --symmetric.", Default.LambdaQueries, (o, v) => o with { LambdaQueries = v });
        Add("--regularizer", "What makes documents sparse.", Default.Regularizer, (o, v) => o with { Regularizer = v });
        Add("--query-regularizer", "What makes queries sparse, with --symmetric.", Default.QueryRegularizer, (o, v) => o with { QueryRegularizer = v });
        Add("--regularizer-warmup", "Share of the steps in which the regulariser's weight rises.", Default.RegularizerWarmupShare, (o, v) => o with { RegularizerWarmupShare = v });
        Add("--regularizer-shape", "How it rises.", Default.RegularizerWarmup, (o, v) => o with { RegularizerWarmup = v });
        Add<int?>("--document-threshold", "Documents with at most so many terms are not regularised.", null, (o, v) => o with { DocumentThreshold = v });
        Add<int?>("--query-threshold", "Queries with at most so many terms are not regularised.", null, (o, v) => o with { QueryThreshold = v });
        Add("--regularizer-columns", "Pieces of the vocabulary that the regulariser samples each step (inference-free); 0 for all.", Default.RegularizerColumns, (o, v) => o with { RegularizerColumns = v });
        Add("--double-log", "Activation log(1+log(1+relu)), as OpenSearch's v3 models have it.", false, (o, v) => o with { DoubleLog = v });
        Add("--max-length", "Longest document in tokens.", Default.MaxLength, (o, v) => o with { MaxLength = v });
        Add("--max-query-length", "Longest query in tokens.", Default.MaxQueryLength, (o, v) => o with { MaxQueryLength = v });
        Add("--passages", "Passages of --text to use at most.", Default.Passages, (o, v) => o with { Passages = v });
        Add("--seed", "Seed of everything random.", Default.Seed, (o, v) => o with { Seed = v });
        Add("--checkpoint-every", "Steps between checkpoints.", Default.CheckpointEvery, (o, v) => o with { CheckpointEvery = v });
        Add("--threads", "Threads; 0 for one a core. On a machine that is busy otherwise 1 can be faster.", Default.Threads, (o, v) => o with { Threads = v });
    }

    public void AddTo(Command command) => _options.ForEach(command.Options.Add);

    /// <summary>Names of the options that the command line gives.</summary>
    public IEnumerable<string> Given(ParseResult parsed) => _options.Where(o => parsed.GetResult(o) is { Implicit: false }).Select(o => o.Name);

    /// <summary>What the command line says; from text alone no negatives are mined unless it asks for them, because they do harm there.</summary>
    public TrainOptions Read(ParseResult parsed)
    {
        var options = _readers.Aggregate(Default, (options, read) => read(parsed, options));
        return !options.IsFromTextAlone || Given(parsed).Any(o => o is "--negatives" or "--hard-negatives")
            ? options
            : options with { Negatives = 0, HardNegatives = 0 };
    }

    private void Many(string name, string description, Func<TrainOptions, string[], TrainOptions> set)
    {
        var option = new Option<string[]>(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = "path" };
        _options.Add(option);
        _readers.Add((parsed, options) => set(options, parsed.GetValue(option) ?? []));
    }

    private void Add<T>(string name, string description, T absent, Func<TrainOptions, T, TrainOptions> set)
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => absent };
        if (typeof(T).IsEnum)
        {
            var values = Enum.GetValues(typeof(T)).Cast<T>().ToDictionary(v => JsonNamingPolicy.KebabCaseLower.ConvertName(v!.ToString()!), StringComparer.OrdinalIgnoreCase);
            option.HelpName = string.Join('|', values.Keys);
            option.Description = $"{description} [default: {values.First(v => Equals(v.Value, absent)).Key}]";
            option.DefaultValueFactory = null;
            option.CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (values.TryGetValue(text, out var value))
                {
                    return value;
                }

                result.AddError($"{name} can't be '{text}': expected {string.Join(", ", values.Keys)}.");
                return absent;
            };
            _options.Add(option);
            _readers.Add((parsed, options) => parsed.GetResult(option) is null ? options : set(options, parsed.GetValue(option)!));
            return;
        }

        _options.Add(option);
        _readers.Add((parsed, options) => set(options, parsed.GetValue(option)!));
    }
}
