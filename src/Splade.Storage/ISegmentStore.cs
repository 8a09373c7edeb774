namespace Splade.Storage;

/// <summary>
/// Where published segments live: a local or shared folder, or an object store. Keys are relative paths with <c>/</c>
/// (<c>{index uuid}/{language}.{number}/{file}</c>). Files are written once and never changed.
/// </summary>
public interface ISegmentStore
{
    /// <summary>Identity of the store, the same for every node that really shares it. Created on first use.</summary>
    Task<string> GetIdentityAsync(CancellationToken cancellationToken);

    /// <summary>
    /// A local folder in which the files of a prefix may be written before <see cref="PublishAsync"/>. On the same volume as the store
    /// where the store is a folder.
    /// </summary>
    string GetStagingFolder(string prefix);

    /// <summary>Makes a staged file durable under its key and verifies its length and checksum.</summary>
    Task PublishAsync(string key, string stagedPath, CancellationToken cancellationToken);

    /// <summary>A local path under which the file can be memory-mapped; fetched first where the store is remote.</summary>
    /// <exception cref="FileNotFoundException">The store has no such file.</exception>
    Task<string> GetLocalPathAsync(string key, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredFile>> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes a file; nothing happens when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

public sealed record StoredFile(string Key, long Length, DateTimeOffset LastModified);
