using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Splade.Cli.Hub;

/// <summary>
/// Downloads the files of a model into a folder. A file is complete when it has its name: until then, and until its size and hash are right, it ends
/// in <c>.partial</c>, from which a later try goes on. Files that an earlier try completed are checked again: disks and people change them.
/// </summary>
internal sealed class HubDownload(HubClient client, HubModel model, string folder, TimeProvider time)
{
    private const string Partial = ".partial";

    /// <summary>ENOSPC, EDQUOT; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL.</summary>
    private static readonly int[] DiskFull = [28, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <param name="report">Gets the bytes that are there, of all files together, and a word on what is going on.</param>
    /// <exception cref="CliException">A file can't be had, or is not what the hub says it is.</exception>
    public async Task RunAsync(IReadOnlyList<HubFile> files, Action<double, string?> report, CancellationToken cancellationToken)
    {
        CheckSpace(files);
        var done = 0L;
        foreach (var file in files)
        {
            var path = Path.Combine(folder, file.Path.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var before = done;
            if (!await IsThereAsync(file, path, word => report(before, word), cancellationToken).ConfigureAwait(false))
            {
                await DownloadAsync(file, path, bytes => report(before + bytes, $"{file.Path} ({ConsoleProgress.Bytes(before + bytes)})"), cancellationToken).ConfigureAwait(false);
            }

            done += new FileInfo(path).Length;
            report(done, $"{file.Path} ({ConsoleProgress.Bytes(done)})");
        }
    }

    /// <summary>Whether an earlier try completed the file and it is still what the hub says it is; one that is not is deleted.</summary>
    private async Task<bool> IsThereAsync(HubFile file, string path, Action<string> report, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        report($"checking {file.Path}");
        var hash = file.Sha256 is null && file.BlobId is null ? await LinkedHashAsync(file, cancellationToken).ConfigureAwait(false) : null;
        if (await VerifyAsync(file, hash, path, cancellationToken).ConfigureAwait(false) is not { } problem)
        {
            return true;
        }

        await Console.Error.WriteLineAsync($"splade: {file.Path} of an earlier try is downloaded again: {problem}.").ConfigureAwait(false);
        File.Delete(path);
        return false;
    }

    /// <summary>The hash that comes with the file itself, from a hub whose list names none.</summary>
    private async Task<string?> LinkedHashAsync(HubFile file, CancellationToken cancellationToken)
    {
        var (response, hash) = await HubRetry.RunAsync(() => client.OpenAsync(model, file, 0, cancellationToken), time, cancellationToken).ConfigureAwait(false);
        response.Dispose();
        return hash;
    }

    private async Task DownloadAsync(HubFile file, string path, Action<long> report, CancellationToken cancellationToken)
    {
        var partial = path + Partial;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var hash = await FetchAsync(file, partial, report, cancellationToken).ConfigureAwait(false);
                var problem = await VerifyAsync(file, hash, partial, cancellationToken).ConfigureAwait(false);
                if (problem is null)
                {
                    File.Move(partial, path);
                    return;
                }

                // What came before may be of another try: once more from the start, then it is the hub's fault.
                File.Delete(partial);
                if (attempt >= 2)
                {
                    throw new CliException($"{file.Path} of {model.Id} is not what the hub says it is: {problem}. It was downloaded twice and deleted.");
                }
            }
            catch (IOException exception) when (DiskFull.Contains(exception.HResult))
            {
                throw new CliException(
                    $"The disk is full at {folder}: {file.Path} of {model.Id} has {ConsoleProgress.Bytes(file.Size ?? 0)}. Make room, then try again: what came is kept.", exception);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
            {
                if (attempt >= HubRetry.Attempts)
                {
                    throw new CliException($"{file.Path} of {model.Id} could not be downloaded in {HubRetry.Attempts} tries: {exception.Message} What came is kept; try again to go on.", exception);
                }

                await HubRetry.PauseAsync(exception, attempt, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string?> FetchAsync(HubFile file, string partial, Action<long> report, CancellationToken cancellationToken)
    {
        var there = File.Exists(partial) ? new FileInfo(partial).Length : 0;
        if (file.Size is { } size && there >= size && there > 0)
        {
            if (there == size)
            {
                return null;
            }

            File.Delete(partial);
            there = 0;
        }

        var (response, hash) = await client.OpenAsync(model, file, there, cancellationToken).ConfigureAwait(false);
        using (response)
        {
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                File.Delete(partial);
                throw new IOException("The hub has fewer bytes than were downloaded.");
            }

            if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != there)
            {
                there = 0;
            }

            await using var target = new FileStream(partial, there == 0 ? FileMode.Create : FileMode.Append, FileAccess.Write, FileShare.None);
            await using var source = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var buffer = new byte[1 << 17];
            for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                there += read;
                if (there > file.Size)
                {
                    break;
                }

                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                report(there);
            }

            if (there < file.Size && response.Content.Headers.ContentLength is null)
            {
                throw new IOException("The connection ended early.");
            }
        }

        return hash;
    }

    /// <returns>What is wrong; null when all is right.</returns>
    private static async Task<string?> VerifyAsync(HubFile file, string? linkedHash, string path, CancellationToken cancellationToken)
    {
        var size = new FileInfo(path).Length;
        if (file.Size is { } expected && size != expected)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it has {size} bytes instead of {expected}");
        }

        var sha256 = file.Sha256 ?? (linkedHash?.Length == 64 ? linkedHash : null);
        if (sha256 is not null)
        {
            await using var stream = File.OpenRead(path);
            var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
            return Same(found, sha256) ? null : $"its SHA-256 is {found} instead of {sha256}";
        }

        var blob = file.BlobId ?? (linkedHash?.Length == 40 ? linkedHash : null);
        if (blob is not null)
        {
            var found = await GitHashAsync(path, size, cancellationToken).ConfigureAwait(false);
            return Same(found, blob) ? null : $"its git hash is {found} instead of {blob}";
        }

        return file.Size is null ? "the hub names neither its size nor its hash" : null;
    }

#pragma warning disable CA5350 // Git names ordinary files by SHA-1; weights have a SHA-256.
    private static async Task<string> GitHashAsync(string path, long size, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")));
        await using var stream = File.OpenRead(path);
        var buffer = new byte[1 << 16];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
#pragma warning restore CA5350

    private static bool Same(string hash, string other) => hash.Equals(other, StringComparison.OrdinalIgnoreCase);

    private void CheckSpace(IReadOnlyList<HubFile> files)
    {
        var needed = files.Sum(f => Math.Max(0, (f.Size ?? 0) - There(f)));
        Directory.CreateDirectory(folder);
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (needed > free)
        {
            throw new CliException($"The model needs {ConsoleProgress.Bytes(needed)} more, and there are {ConsoleProgress.Bytes(free)} free at {folder}. Make room, or choose another folder with --data.");
        }

        long There(HubFile file)
        {
            var path = Path.Combine(folder, file.Path.Replace('/', Path.DirectorySeparatorChar));
            return new[] { path, path + Partial }.Where(File.Exists).Select(p => new FileInfo(p).Length).FirstOrDefault();
        }
    }
}
