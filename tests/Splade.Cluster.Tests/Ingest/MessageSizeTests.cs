using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using CsCheck;
using Splade.Cluster.Api;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Tests.Ingest;

public sealed class MessageSizeTests : TestKit
{
    private static readonly ShardId Shard = new(new string('i', 255), new string('u', 22), ShardId.AllLanguages, 0);
    private static readonly Gen<ShardOperation> Operations =
        from id in Gen.String[Gen.Char['a', 'ж'], 1, 40]
        from source in Gen.Byte.Array[0, 300]
        from fields in (from name in Gen.String[Gen.Char['a', 'z'], 1, 5]
                        from features in Gen.String[Gen.Char['a', 'ж'], 0, 6].Array[0, 400]
                        select new SparseField(name, [.. features.Distinct().Select(f => new FeatureWeight(f, 1.5f))])).Array[0, 4]
        select new ShardOperation(OperationKind.Index, id, source, [.. fields]);

    [Fact]
    public void The_size_is_never_less_than_that_of_the_message_and_of_the_journals_event() => Operations.Sample(
        operation => Serialized(operation) <= MessageSize.Of(operation) + 1024, iter: 300, threads: 1);

    [Fact]
    public void A_document_of_very_many_short_features_is_refused_and_what_is_not_refused_fits_a_frame()
    {
        var frame = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster-config", "base.conf")))
            .GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size")!.Value;
        MessageSize.Largest.ShouldBeLessThanOrEqualTo(frame - (32 * 1024));

        // The densest that JSON can be: names of three characters.
        var mapping = new Mapping(DynamicMapping.True, FieldMapping.EmptyFields.Add("v", new FieldMapping(FieldType.SparseVector)));
        var (fits, fitting) = Map(Features(500_000), mapping);
        fits.Error.ShouldBeNull();
        Serialized(fitting).ShouldBeLessThan(frame - (32 * 1024));
        var (refused, _) = Map(Features(524_000), mapping);
        (refused.Error!.Status, refused.Error.Type).ShouldBe((413, "illegal_argument_exception"));
        refused.Error.Reason.ShouldContain("524000 features");
    }

    [Fact]
    public void Values_copied_to_many_fields_are_refused_when_they_become_too_many()
    {
        var targets = Enumerable.Range(0, 20).Select(i => $"copy{i}").ToArray();
        var mapping = new Mapping(DynamicMapping.True, targets.Aggregate(
            FieldMapping.EmptyFields.Add("k", new FieldMapping(FieldType.Keyword) { CopyTo = [.. targets] }),
            (fields, name) => fields.Add(name, new FieldMapping(FieldType.Keyword))));
        Map(Keywords(10_000), mapping).Item.Error.ShouldBeNull();
        Map(Keywords(100_000), mapping).Item.Error!.Status.ShouldBe(413);
    }

    private static (WriteItem Item, ShardOperation Operation) Map(string json, Mapping mapping)
    {
        var source = System.Text.Encoding.UTF8.GetBytes(json);
        source.Length.ShouldBeLessThanOrEqualTo(IngestOptions.LargestDocument);
        var item = new WriteItem(new WriteOperation(WriteKind.Index, "i", "1", source), TimeProvider.System) { Source = source };
        item.Map(mapping, IngestOptions.LargestDocument);
        item.Error.ShouldBeNull();
        item.CheckSize();
        return (item, item.ToShardOperation());
    }

    private static string Features(int count) => $"{{\"v\":{{{string.Join(',', Names(count).Select(n => $"\"{n}\":1"))}}}}}";

    private static string Keywords(int count) => $"{{\"k\":[{string.Join(',', Names(count).Select(n => $"\"{n}\""))}]}}";

    private static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(i => $"{Sign(i)}{Sign(i / 85)}{Sign(i / 85 / 85)}");

    /// <summary>One of the 85 printable characters from # on that JSON does not escape.</summary>
    private static char Sign(int i) => (char)('#' + (i % 85)) is '\\' ? '~' : (char)('#' + (i % 85));

    /// <summary>The larger of the two forms in which an operation is sent and kept.</summary>
    private long Serialized(ShardOperation operation)
    {
        var serializer = new ProtocolSerializer((ExtendedActorSystem)Sys);
        var applied = new AppliedOperation(OperationOutcome.Created, operation.Id, long.MaxValue, long.MaxValue, operation.Source, operation.Fields);
        return Math.Max(
            serializer.ToBinary(new IndexBatch(Shard, Guid.NewGuid(), DateTimeOffset.MaxValue, [operation])).Length,
            serializer.ToBinary(new DocumentsIndexed(Guid.NewGuid(), DateTimeOffset.MaxValue, [applied])).Length);
    }
}
