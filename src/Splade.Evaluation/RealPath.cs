namespace Splade.Evaluation;

/// <summary>Where a path leads to by links.</summary>
internal static class RealPath
{
    /// <summary>By its full path: the target of a link by a relative one is resolved wrongly.</summary>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        return Path.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }
}
