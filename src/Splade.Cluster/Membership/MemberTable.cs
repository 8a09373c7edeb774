using Npgsql;

namespace Splade.Cluster.Membership;

/// <summary>
/// Where the nodes of a cluster find each other again: a table in the database of their journal. Akka keeps members in memory only, so a founder
/// that was killed and started again would found a second cluster beside the first.
/// </summary>
internal sealed class MemberTable(string connectionString)
{
    /// <summary>A member that was not seen for so long is taken for dead.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(20);

    /// <summary>Any number that nothing else in the database locks.</summary>
    private const long LockKey = 0x53504C414445;

    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        // Two sessions that create a table at once fail, IF NOT EXISTS or not.
        await using var alone = await LockAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync("CREATE TABLE IF NOT EXISTS splade_members (address text PRIMARY KEY, seen_at timestamptz NOT NULL)", null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Held while a cluster is founded, so that two founders at once become one cluster. Freed with its connection.</summary>
    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellationToken)
    {
        // Not pooled: the lock belongs to the session and must end with it.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { CommandTimeout = 90 };
            command.Parameters.AddWithValue(LockKey);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Addresses of members that were seen lately, by the clock of the database.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("SELECT address FROM splade_members WHERE seen_at > now() - $1 ORDER BY address", connection);
        command.Parameters.AddWithValue(Fresh);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var addresses = new List<string>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            addresses.Add(rows.GetString(0));
        }

        return addresses;
    }

    public Task SeenAsync(string address, CancellationToken cancellationToken) => ExecuteAsync(
        "INSERT INTO splade_members VALUES ($1, now()) ON CONFLICT (address) DO UPDATE SET seen_at = now()", address, cancellationToken);

    public Task ForgetAsync(string address, CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM splade_members WHERE address = $1", address, cancellationToken);

    private async Task ExecuteAsync(string sql, string? parameter, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(sql, connection);
        if (parameter is not null)
        {
            command.Parameters.AddWithValue(parameter);
        }

        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
