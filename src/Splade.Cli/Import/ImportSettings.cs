namespace Splade.Cli.Import;

/// <summary>How an import loads.</summary>
internal sealed record ImportSettings
{
    /// <summary>Bytes of one bulk request at most; a slow node gets smaller ones (<see cref="RequestSize"/>).</summary>
    public int BatchBytes { get; init; } = 2 << 20;

    /// <summary>Bulk requests at a time.</summary>
    public int Parallel { get; init; } = 2;

    /// <summary>How long the node may take for one bulk request; what it has not done by then is sent again.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often in a row documents of which the node could take none at the moment, or while it did not answer, are sent again.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>Skip documents whose ids are in the index already.</summary>
    public bool Resume { get; init; }

    /// <summary>Model of the semantic field, where the index has to be made; null for the node's default.</summary>
    public string? Model { get; init; }
}

/// <summary>How far an import is.</summary>
/// <param name="Trouble">Why some documents are sent again at the moment; null where none are.</param>
internal sealed record ImportProgress(long BytesRead, long Succeeded, long Failed, long Skipped, string? Trouble);

/// <summary>What became of an import. <see cref="Reasons"/> counts failures by their reason and says where the first was.</summary>
internal sealed record ImportSummary(long Succeeded, long Failed, long Skipped, IReadOnlyDictionary<string, (long Count, string First)> Reasons);
