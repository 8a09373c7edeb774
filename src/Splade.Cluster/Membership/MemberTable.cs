using Npgsql;

namespace Splade.Cluster.Membership;

/// <summary>
/// Where the nodes of a cluster find each other again: a table in the database of their journal. Akka keeps members in memory only, so a founder
/// that was killed and started again would found a second cluster beside the first.
/// </summary>
internal sealed class MemberTable(string connectionString)
{
    /// <summary>A member that was not seen for so long is taken for dead. Members write each 5 s; a busy machine makes more of that.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);

    /// <summary>Any numbers that nothing else in the database locks.</summary>
    private const long FoundingKey = 0x53504C414445;
    private const long SchemaKey = FoundingKey + 1;

    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);

        // Two sessions that create a table at once fail, IF NOT EXISTS or not.
        await using var alone = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction);
        alone.Parameters.AddWithValue(SchemaKey);
        await alone.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await using var create = new NpgsqlCommand(
            "CREATE TABLE IF NOT EXISTS splade_members (address text PRIMARY KEY, seen_at timestamptz NOT NULL)", connection, transaction);
        await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The lock of who founds a cluster, freed with its connection; null while another node has it.</summary>
    public async Task<IAsyncDisposable?> TryLockAsync(CancellationToken cancellationToken)
    {
        // Not pooled: the lock belongs to the session and must end with it.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
            command.Parameters.AddWithValue(FoundingKey);
            if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true)
            {
                return connection;
            }
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await connection.DisposeAsync().ConfigureAwait(false);
        return null;
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

    private async Task ExecuteAsync(string sql, string parameter, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(parameter);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
