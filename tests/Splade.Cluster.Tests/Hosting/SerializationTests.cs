using System.Runtime.CompilerServices;
using Akka.Actor;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol;
using Splade.Tests;

namespace Splade.Cluster.Tests.Hosting;

public sealed class SerializationTests
{
    [Fact]
    public async Task No_message_of_the_protocol_falls_back_to_json()
    {
        using var folder = new TemporaryFolder();
        using var system = ActorSystem.Create(
            ClusterNodeOptions.SystemName, NodeConfiguration.Compose(new ClusterNodeOptions { NodeName = "test", Port = 0, DataFolder = folder.Path }));
        var types = typeof(ISpladeProtocol).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && typeof(ISpladeProtocol).IsAssignableFrom(t)).ToArray();
        types.Length.ShouldBeGreaterThan(30);
        foreach (var type in types)
        {
            system.Serialization.FindSerializerFor(RuntimeHelpers.GetUninitializedObject(type)).ShouldBeOfType<ProtocolSerializer>(type.Name);
        }

        await system.Terminate();
    }
}
