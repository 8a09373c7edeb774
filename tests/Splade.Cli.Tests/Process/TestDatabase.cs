using Npgsql;

namespace Splade.Cli.Tests.Process;

/// <summary>A database of its own for a test.</summary>
internal static class TestDatabase
{
    /// <returns>Its connection string.</returns>
    public static async Task<string> CreateAsync(string server)
    {
        var name = "splade_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }
}
