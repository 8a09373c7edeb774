namespace Splade.Encoding.Passages;

/// <summary>How a long text is cut into passages (<c>chunking_settings</c> of a field).</summary>
/// <param name="MaxChunkSize">Tokens of a passage, special tokens left out; null for the model's limit, which is never exceeded.</param>
/// <param name="Overlap">What a passage repeats of the one before: tokens with <see cref="ChunkingStrategy.Word"/>, else sentences.</param>
/// <param name="MaxChunks">Passages of one text; what is left after them is left out, and the text counts as truncated.</param>
public sealed record ChunkingSettings(ChunkingStrategy Strategy, int? MaxChunkSize, int Overlap, int MaxChunks)
{
    /// <summary>Passages of a text, where nothing is said.</summary>
    public const int DefaultMaxChunks = 100;

    private const int SmallestChunk = 16;
    private static readonly string[] Strategies = ["none", "sentence", "word"];
    private static readonly string[] Scorings = ["document", "passage"];

    /// <summary>What becomes of the passages' vectors.</summary>
    public PassageScoring Scoring { get; init; }

    public static ChunkingSettings None { get; } = new(ChunkingStrategy.None, null, 0, DefaultMaxChunks);

    /// <summary>Of a field without settings: sentences up to the model's limit, one of them repeated.</summary>
    public static ChunkingSettings Default { get; } = new(ChunkingStrategy.Sentence, null, 1, DefaultMaxChunks);

    /// <summary>The strategy as it is written in settings.</summary>
    public string StrategyName => Strategies[(int)Strategy];

    /// <summary>The scoring as it is written in settings.</summary>
    public string ScoringName => Scorings[(int)Scoring];

    /// <summary>Checks settings as a user gives them; null for what is not given.</summary>
    /// <exception cref="FormatException">A value that does not work; the message names the setting.</exception>
    public static ChunkingSettings Parse(string? strategy, int? maxChunkSize, int? overlap, int? sentenceOverlap, int? maxChunks, string? scoring = null)
    {
        var known = Array.IndexOf(Strategies, strategy);
        if (known < 0)
        {
            throw new FormatException(strategy is null
                ? $"[strategy] is missing: give one of [{string.Join(", ", Strategies)}]"
                : $"[strategy] of [{strategy}] is unknown: give one of [{string.Join(", ", Strategies)}]");
        }

        var chosen = (ChunkingStrategy)known;
        if (chosen == ChunkingStrategy.None && ((maxChunkSize ?? overlap ?? sentenceOverlap ?? maxChunks) is not null || scoring is not null))
        {
            throw new FormatException("[strategy] of [none] takes no other settings");
        }

        if (overlap is not null && chosen != ChunkingStrategy.Word)
        {
            throw new FormatException("[overlap] is a setting of the strategy [word]: the strategy [sentence] has [sentence_overlap]");
        }

        if (sentenceOverlap is not null && chosen != ChunkingStrategy.Sentence)
        {
            throw new FormatException("[sentence_overlap] is a setting of the strategy [sentence]: the strategy [word] has [overlap]");
        }

        if (maxChunkSize < SmallestChunk)
        {
            throw new FormatException($"[max_chunk_size] of [{maxChunkSize}] must be a number of tokens, {SmallestChunk} or more");
        }

        if (overlap < 0 || overlap > (maxChunkSize ?? int.MaxValue) / 2)
        {
            throw new FormatException($"[overlap] of [{overlap}] must be a number of tokens, and not above half of [max_chunk_size]");
        }

        if (sentenceOverlap is < 0 or > 10)
        {
            throw new FormatException($"[sentence_overlap] of [{sentenceOverlap}] must be a number of sentences from 0 to 10");
        }

        var scored = scoring is null ? 0 : Array.IndexOf(Scorings, scoring);
        if (scored < 0)
        {
            throw new FormatException($"[scoring] of [{scoring}] is unknown: give one of [{string.Join(", ", Scorings)}]");
        }

        return maxChunks is < 1 or > 10_000
            ? throw new FormatException($"[max_chunk_limit] of [{maxChunks}] must be a number of passages from 1 to 10000")
            : new ChunkingSettings(chosen, maxChunkSize, chosen switch
            {
                ChunkingStrategy.Word => overlap ?? 0,
                ChunkingStrategy.Sentence => sentenceOverlap ?? 1,
                _ => 0,
            }, maxChunks ?? DefaultMaxChunks)
            {
                Scoring = (PassageScoring)scored,
            };
    }
}
