using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Persistence;
using Akka.Persistence.Sql;

namespace Splade.Cluster.Tests.Hosting;

public sealed class ClusterConfigurationTests
{
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "cluster-config"), "*.conf").Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_key_of_a_file_exists_in_the_reference_configuration(string file)
    {
        var config = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster-config", file)));
        var bare = ActorSystem.Create("reference", ConfigurationFactory.ParseString("akka.actor.provider = cluster, akka.remote.dot-netty.tcp.port = 0"));
        try
        {
            Persistence.Instance.Apply(bare);
            var reference = bare.Settings.Config
                .WithFallback(ClusterSharding.DefaultConfig())
                .WithFallback(ClusterSingleton.DefaultConfig())
                .WithFallback(DistributedData.DefaultConfig())
                .WithFallback(SqlPersistence.DefaultConfiguration);
            var unknown = Leaves(config.Root.GetObject(), "")
                .Where(key => key.StartsWith("akka.", StringComparison.Ordinal) && !key.StartsWith("akka.actor.serializ", StringComparison.Ordinal) && !reference.HasPath(key));
            unknown.ShouldBeEmpty();
        }
        finally
        {
            await bare.Terminate();
        }
    }

    private static IEnumerable<string> Leaves(Akka.Configuration.Hocon.HoconObject section, string prefix) => section.Items.SelectMany(item =>
        item.Value.IsObject() ? Leaves(item.Value.GetObject(), $"{prefix}{item.Key}.") : [prefix + item.Key]);
}
