using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using Splade.Cluster.Membership;
using Splade.Cluster.Sharding;
using Splade.Encoding;

namespace Splade.Cluster.Hosting;

/// <summary>Checks what a node needs before it starts, so that a mistake is one clear line and not a log full of retries.</summary>
internal static class NodePreflight
{
    /// <returns>The lock of the data folder, where the journal lies in it.</returns>
    /// <exception cref="NodeStartException">Something is missing; the message says what to do.</exception>
    public static async Task<DataFolderLock?> CheckAsync(ClusterNodeOptions options, CancellationToken cancellationToken)
    {
        foreach (var role in options.Roles)
        {
            if (!NodeRoles.All.Contains(role))
            {
                throw new NodeStartException($"There is no role '{role}': roles are {string.Join(", ", NodeRoles.All)}.");
            }
        }

        if (!IndexShardOptions.IsMergeRate(options.MergeBytesPerSecond))
        {
            throw new NodeStartException(string.Create(
                CultureInfo.InvariantCulture,
                $"A merge rate of {options.MergeBytesPerSecond} bytes a second is out of range: give at least {IndexShardOptions.LeastMergeBytesPerSecond} with --merge-rate, or 0 for no limit."));
        }

        if (options.SeedNodes.Count > 0 && NodeConfiguration.IsSqlite(options) && options.UsesJournal)
        {
            throw new NodeStartException(
                "Several nodes can't share an SQLite journal: give every node the same PostgreSQL connection string (--journal), and one segment folder (--segments).");
        }

        if (options.Roles.Contains(NodeRoles.Encoder))
        {
            CheckDevice(options.Encoder);
        }

        CheckDataFolder(options.DataFolder);
        CheckPort(options.Host, options.Port);
        var folder = NodeConfiguration.IsSqlite(options) && options.UsesJournal ? DataFolderLock.Take(options.DataFolder) : null;
        try
        {
            await CheckJournalAsync(options, cancellationToken).ConfigureAwait(false);
            return folder;
        }
        catch
        {
            folder?.Dispose();
            throw;
        }
    }

    private static void CheckDevice(EncoderOptions encoder)
    {
        try
        {
            encoder.CheckDevice();
        }
        catch (OnnxRuntimeUnavailableException exception)
        {
            throw new NodeStartException(exception.Message, exception);
        }
    }

    private static void CheckDataFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new NodeStartException($"The data folder {folder} can't be used: {exception.Message} Name another with --data.", exception);
        }
    }

    private static void CheckPort(string host, int port)
    {
        if (port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new NodeStartException($"The Akka port {port} is out of range: give one from 1 to {IPEndPoint.MaxPort}, or 0 for a free one.");
        }

        if (port == 0)
        {
            return;
        }

        try
        {
            var address = IPAddress.TryParse(host, out var parsed) ? parsed : Dns.GetHostAddresses(host)[0];
            using var listener = new TcpListener(address, port);
            listener.Start();
        }
        catch (SocketException exception)
        {
            throw new NodeStartException($"The Akka address {host}:{port} can't be used: {exception.Message}. Choose another with --akka-port (0 takes a free one).", exception);
        }
    }

    private static async Task CheckJournalAsync(ClusterNodeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (NodeConfiguration.IsSqlite(options))
            {
                foreach (var file in (string[])["journal.db", "snapshots.db"])
                {
                    await using var sqlite = new SqliteConnection(NodeConfiguration.SqliteConnection(options, file));
                    await sqlite.OpenAsync(cancellationToken).ConfigureAwait(false);
                    await using var wal = sqlite.CreateCommand();

                    // Write-ahead logging is a property of the file; the commits of the journal still reach the disk (synchronous = FULL).
                    wal.CommandText = "PRAGMA journal_mode = WAL";
                    await wal.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
                }

                return;
            }

            await using var postgres = new NpgsqlConnection(NodeConfiguration.PostgresConnection(options));
            await postgres.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SqliteException or NpgsqlException or ArgumentException or SocketException or TimeoutException)
        {
            throw new NodeStartException(
                NodeConfiguration.IsSqlite(options)
                    ? $"The SQLite journal in {options.DataFolder} can't be opened: {exception.Message}"
                    : $"The PostgreSQL journal can't be reached: check the connection string of --journal. {exception.Message}",
                exception);
        }
    }
}
