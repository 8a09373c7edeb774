using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Cluster.Tests.Membership;

/// <summary>Encoders with different packages under one name.</summary>
public sealed class ModelConflictTests
{
    [Fact]
    public void Different_packages_of_one_name_are_named_with_their_nodes()
    {
        var conflict = new ClusterView([Encoder("e1", ("m", "aaaaaaaaaa"), ("same", "s")), Encoder("e2", ("m", "bbbbbbbbbb"), ("same", "s")), Encoder("e3", ("m", "aaaaaaaaaa"))])
            .ModelConflicts.ShouldHaveSingleItem();
        conflict.Model.ShouldBe("m");
        conflict.ToString().ShouldBe("model [m] is not the same on all encoder nodes (package aaaaaaaa on e1, e3; package bbbbbbbb on e2): import one package on all of them");
    }

    [Fact]
    public void Nodes_that_are_not_there_do_not_count()
    {
        var gone = Encoder("e2", ("m", "b")) with { Reachable = false };
        new ClusterView([Encoder("e1", ("m", "a")), gone]).ModelConflicts.ShouldBeEmpty();
        new ClusterView([]).ModelConflicts.ShouldBeEmpty();
    }

    private static NodeView Encoder(string name, params (string Name, string Fingerprint)[] models) => new(
        new NodeReport(
            new NodeInfo(name, $"akka.tcp://splade@{name}:1", "", ["encoder"], "1", DateTimeOffset.UnixEpoch),
            1,
            [],
            [.. models.Select(m => new ModelInfo(m.Name, 1, 1, false, "CPU", m.Fingerprint))],
            0,
            0,
            0),
        true,
        false);
}
