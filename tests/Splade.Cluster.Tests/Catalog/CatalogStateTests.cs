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

    [Fact]
    public void A_deletion_is_done_however_often_it_comes_and_any_other_finds_no_index()
    {
        var created = CatalogState.Empty.Apply(CatalogState.Empty.Decide(Create, TimeProvider.System)!);
        var delete = new DeleteIndex(Guid.NewGuid(), "wiki", created.Indices["wiki"].Uuid);
        var deleted = CatalogState.Of(created.Apply(created.Decide(delete, TimeProvider.System)!).ToSnapshot());
        deleted.Decide(delete, TimeProvider.System).ShouldBeNull();
        Should.Throw<SearchClusterException>(() => deleted.Decide(delete with { RequestId = Guid.NewGuid() }, TimeProvider.System))
            .Error.Type.ShouldBe("index_not_found_exception");

        // The name is free, and what has it now is not what was to be deleted.
        var again = deleted.Apply(deleted.Decide(Create with { RequestId = Guid.NewGuid() }, TimeProvider.System)!);
        again.Decide(delete, TimeProvider.System).ShouldBeNull();
        again.Indices.ShouldContainKey("wiki");
    }

    [Fact]
    public void Deletions_of_old_journals_have_no_id_and_the_newest_are_remembered()
    {
        CatalogState.Empty.Apply(new IndexDeleted("old", "u", Guid.Empty)).Deletions.ShouldBeEmpty();
        var ids = Enumerable.Range(0, 60).Select(_ => Guid.NewGuid()).ToArray();
        ids.Aggregate(CatalogState.Empty, (s, id) => s.Apply(new IndexDeleted("i", "u", id))).Deletions.ShouldBe(ids[10..]);
    }
}
