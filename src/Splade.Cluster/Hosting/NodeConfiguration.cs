using Akka.Configuration;
using Akka.Persistence.Sql;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.DistributedData;
using Npgsql;

namespace Splade.Cluster.Hosting;

/// <summary>
/// Joins a node's configuration, most specific first: options, role files, persistence file, base.conf, defaults. In code because Akka.NET's
/// HOCON has neither include nor environment variables.
/// </summary>
internal static class NodeConfiguration
{
    private const int ConnectSeconds = 60;

    /// <exception cref="NodeStartException">A file is missing or is no HOCON; the message names it.</exception>
    public static Config Compose(ClusterNodeOptions options)
    {
        var folder = options.ConfigFolder ?? Path.Combine(AppContext.BaseDirectory, "cluster-config");
        var config = Render(options);
        foreach (var role in options.Roles)
        {
            config = config.WithFallback(Read(folder, role + ".conf"));
        }

        return config
            .WithFallback(Read(folder, IsSqlite(options) ? "persistence.sqlite.conf" : "persistence.postgres.conf"))
            .WithFallback(Read(folder, "base.conf"))
            .WithFallback(SqlPersistence.DefaultConfiguration)
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig());
    }

    public static bool IsSqlite(ClusterNodeOptions options) => string.Equals(options.Journal, "sqlite", StringComparison.OrdinalIgnoreCase);

    public static string SqliteConnection(ClusterNodeOptions options, string file) =>
        $"Data Source={Path.Combine(Path.GetFullPath(options.DataFolder), file)};Default Timeout=30";

    /// <summary>
    /// 15 s for a connection, Npgsql's default, is too short for a busy machine, and a journal that fails once when it opens stays closed. What
    /// the connection string says itself is kept.
    /// </summary>
    /// <exception cref="ArgumentException">It is no connection string.</exception>
    public static string PostgresConnection(ClusterNodeOptions options)
    {
        var given = new NpgsqlConnectionStringBuilder(options.Journal);
        var patient = new NpgsqlConnectionStringBuilder(options.Journal);
        if (!given.ShouldSerialize("Timeout"))
        {
            patient.Timeout = ConnectSeconds;
        }

        if (!given.ShouldSerialize("Command Timeout"))
        {
            patient.CommandTimeout = ConnectSeconds;
        }

        return patient.ConnectionString;
    }

    private static Config Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        try
        {
            return ConfigurationFactory.ParseString(File.ReadAllText(path));
        }
        catch (Exception exception)
        {
            throw new NodeStartException($"The configuration file {path} can't be read: {exception.Message}", exception);
        }
    }

    private static Config Render(ClusterNodeOptions options)
    {
        var (journal, snapshots) = IsSqlite(options)
            ? (SqliteConnection(options, "journal.db"), SqliteConnection(options, "snapshots.db"))
            : (PostgresConnection(options), PostgresConnection(options));
        return ConfigurationFactory.ParseString($$"""
            akka {
              remote.dot-netty.tcp {
                hostname = {{Quote(options.Host)}}
                port = {{options.Port}}
              }
              cluster.roles = [{{string.Join(", ", options.Roles.Select(Quote))}}]
              persistence {
                journal.sql.connection-string = {{Quote(journal)}}
                snapshot-store.sql.connection-string = {{Quote(snapshots)}}
              }
            }
            """);
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
