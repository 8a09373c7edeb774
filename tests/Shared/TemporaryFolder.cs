namespace Splade.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("splade-test-").FullName;

    public string Path { get; }

    /// <summary>What the test has started may still delete its own files meanwhile: those that have gone already are no failure.</summary>
    public void Dispose()
    {
        while (Directory.Exists(Path))
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
            {
                // The next try no longer finds them.
            }
        }
    }
}
