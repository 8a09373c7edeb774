using Splade.Evaluation.Collections;

namespace Splade.Evaluation;

/// <summary>A file that is there whole or not at all: written beside its place, which it takes at the end. Where a link is, it takes that of the link's target.</summary>
internal sealed class WholeFile : IDisposable
{
    private readonly PendingFiles _files = new();

    public WholeFile(string path)
    {
        var target = RealPath.Of(path);

        // Such as /dev/stdout: nothing can take its place.
        Written = IsDevice(Path.GetFullPath(path)) || IsDevice(target) ? path : _files.Add(target);
    }

    /// <summary>Where to write.</summary>
    public string Written { get; }

    public void Complete() => _files.Complete();

    public void Dispose() => _files.Dispose();

    private static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal);
}
