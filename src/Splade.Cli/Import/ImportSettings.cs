namespace Splade.Cli.Import;

/// <summary>How an import loads.</summary>
internal sealed record ImportSettings
{
    /// <summary>Bytes of one bulk request.</summary>
    public int BatchBytes { get; init; } = 2 << 20;

    /// <summary>Bulk requests at a time.</summary>
    public int Parallel { get; init; } = 2;

    /// <summary>How often in a row documents of which the node could take none at the moment, or while it did not answer, are sent again.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>Skip documents whose ids are in the index already.</summary>
    public bool Resume { get; init; }

    /// <summary>Model of the semantic field, where the index has to be made; null for the node's default.</summary>
    public string? Model { get; init; }
}

/// <summary>How far an import is.</summary>
internal sealed record ImportProgress(long BytesRead, long Succeeded, long Failed, long Skipped);

/// <summary>What became of an import. <see cref="Reasons"/> counts failures by their reason and says where the first was.</summary>
internal sealed record ImportSummary(long Succeeded, long Failed, long Skipped, IReadOnlyDictionary<string, (long Count, string First)> Reasons);
