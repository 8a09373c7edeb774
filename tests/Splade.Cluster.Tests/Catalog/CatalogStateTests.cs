using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Tests.Catalog;

/// <summary>A command whose answer was lost is sent again, perhaps to a catalog that has moved and remembers no answers.</summary>
public sealed class CatalogStateTests
{
    private static readonly CreateIndex Create = new(Guid.NewGuid(), "wiki", 2, 0, null, Mapping.Empty);
    [Fact]
    public void An_index_is_no_conflict_with_its_own_creation_but_with_any_other()
    {
        var state = CatalogState.Empty.Apply(CatalogState.Empty.Decide(Create, TimeProvider.System)!);
        state.Decide(Create, TimeProvider.System).ShouldBeNull();
        Should.Throw<SearchClusterException>(() => state.Decide(Create with { RequestId = Guid.NewGuid() }, TimeProvider.System))
            .Error.Type.ShouldBe("resource_already_exists_exception");
    }
}
