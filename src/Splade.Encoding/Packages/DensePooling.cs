namespace Splade.Encoding.Packages;

/// <summary>Which positions a dense sentence vector is made from.</summary>
internal enum DensePoolingMode
{
    Mean = 0,
    FirstToken = 1,
    Max = 2,
}

/// <summary>How the hidden states of a text become one dense vector (the Pooling and Normalize modules of sentence-transformers).</summary>
/// <param name="Normalize">Divide by the Euclidean length.</param>
internal sealed record DensePooling(DensePoolingMode Mode, bool Normalize)
{
    private static readonly (string Flag, string Name, DensePoolingMode? Mode)[] Modes =
    [
        ("pooling_mode_cls_token", "cls", DensePoolingMode.FirstToken),
        ("pooling_mode_mean_tokens", "mean", DensePoolingMode.Mean),
        ("pooling_mode_max_tokens", "max", DensePoolingMode.Max),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", null),
        ("pooling_mode_weightedmean_tokens", "weightedmean", null),
        ("pooling_mode_lasttoken", "lasttoken", null),
    ];

    /// <exception cref="ModelPackageException">No mode, two of them, or one that is not supported.</exception>
    public static DensePooling Read(PackageFiles files, string file, bool normalize)
    {
        var config = files.ReadObject(file) ?? throw files.Error(file, "The settings of the pooling are not there.");
        var chosen = Modes.Where(m => JsonFields.Flag(config, m.Flag) == true).ToList();
        if (JsonFields.Text(config, "pooling_mode") is { } name)
        {
            chosen = [.. Modes.Where(m => m.Name == name)];
            if (chosen.Count == 0)
            {
                throw files.Error(file, $"The pooling_mode [{name}] is not known.");
            }
        }

        if (JsonFields.Flag(config, "include_prompt") == false)
        {
            throw files.Error(file, "Pooling that leaves out the prompt (include_prompt false) is not supported.");
        }

        return chosen switch
        {
            [{ Mode: { } mode }] => new DensePooling(mode, normalize),
            [] => throw files.Error(file, "No pooling mode is chosen."),
            _ => throw files.Error(file, $"The pooling [{string.Join(" and ", chosen.Select(c => c.Name))}] is not supported, only one of mean, cls and max."),
        };
    }
}
