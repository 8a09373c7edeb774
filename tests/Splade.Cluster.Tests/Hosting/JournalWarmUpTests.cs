using Akka.Actor;
using Akka.Configuration;
using Splade.Cluster.Hosting;

namespace Splade.Cluster.Tests.Hosting;

/// <summary>A node starts whether or not its journal could be warmed up.</summary>
public sealed class JournalWarmUpTests
{
    [Theory]
    [InlineData("akka.persistence.journal.inmem")]
    [InlineData("akka.persistence.no-such-journal")]
    public async Task Ends_with_and_without_a_journal(string plugin)
    {
        using var system = ActorSystem.Create("warm-up", ConfigurationFactory.ParseString(
            $"akka.persistence.journal.plugin = \"{plugin}\", akka.loglevel = OFF, akka.stdout-loglevel = OFF"));
        await JournalWarmUp.RunAsync(system, default).WaitAsync(TimeSpan.FromSeconds(30));
        await Should.ThrowAsync<ActorNotFoundException>(system.ActorSelection("/user/journal-warm-up").ResolveOne(TimeSpan.FromSeconds(3)));
    }
}
