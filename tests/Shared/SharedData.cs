namespace Splade.Tests;

/// <summary>The data folder beside a checkout, which only some machines have.</summary>
internal static class SharedData
{
    /// <summary>Full path of a file or folder of the data folder; skips the test when it is not there.</summary>
    public static string Require(string relative)
    {
        var path = Find(relative);
        Skip.If(path is null, $"../shared/data/{relative} is not on this machine.");
        return path!;
    }

    private static string? Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Splade.Cluster.sln")))
            {
                var path = Path.Combine(folder.Parent!.FullName, "shared", "data", relative);
                return Path.Exists(path) ? path : null;
            }
        }

        return null;
    }
}
