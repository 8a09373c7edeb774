namespace Splade.Cluster.Hosting;

/// <summary>Keeps a second node out of a data folder. The operating system lets go of it with the process, however that ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    public const string FileName = "node.lock";

    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="NodeStartException">Another node uses the folder.</exception>
    public static DataFolderLock Take(string folder)
    {
        try
        {
            return new DataFolderLock(new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            throw new NodeStartException($"The data folder {folder} is in use by another node: stop that node, or name another folder with --data.", exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
