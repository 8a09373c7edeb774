using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using Akka.Configuration;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Protocol.Tests;

public sealed class ProtocolSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("protocol", ConfigurationFactory.ParseString("akka.loglevel = OFF"));
    private readonly ProtocolSerializer _serializer;

    public ProtocolSerializerTests() => _serializer = new ProtocolSerializer((ExtendedActorSystem)_system);

    public static TheoryData<Type> Messages => [.. AllMessages()];

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_round_trips(Type type)
    {
        var sample = new Samples(new Random(type.Name.Length));
        for (var i = 0; i < 5; i++)
        {
            var message = sample.Make(type);
            var manifest = _serializer.Manifest(message);
            manifest.Length.ShouldBeLessThanOrEqualTo(4);
            var copy = _serializer.FromBinary(_serializer.ToBinary(message), manifest);
            copy.GetType().ShouldBe(type);
            Describe(copy).ShouldBe(Describe(message));
        }
    }

    [Fact]
    public void Manifests_are_unique() =>
        AllMessages().Select(t => _serializer.Manifest(new Samples(new Random(1)).Make(t))).ShouldBeUnique();

    [Fact]
    public void Unknown_manifests_and_damaged_bytes_are_clear_errors()
    {
        Should.Throw<InvalidDataException>(() => _serializer.FromBinary([], "zzz")).Message.ShouldContain("zzz");
        Should.Throw<InvalidDataException>(() => _serializer.FromBinary([255, 255, 255], "sib")).Message.ShouldContain("sib");
        Should.Throw<ArgumentException>(() => _serializer.ToBinary("text")).Message.ShouldContain("System.String");
    }

    /// <summary>Bytes written by version 0.1 of this program: journals must stay readable.</summary>
    [Fact]
    public void Old_journal_bytes_are_still_read()
    {
        var indexed = (DocumentsIndexed)_serializer.FromBinary(
            Convert.FromBase64String(Golden.DocumentsIndexed), "edi");
        indexed.Operations.ShouldHaveSingleItem().Id.ShouldBe("d1");
        indexed.Operations[0].Fields[0].Features.ShouldBe([new FeatureWeight("cat", 1.5f), new FeatureWeight("the", 0.25f)]);
        var manifest = (ManifestPublished)_serializer.FromBinary(Convert.FromBase64String(Golden.ManifestPublished), "emp");
        manifest.CoveredSequenceNr.ShouldBe(42);
        manifest.Segments.ShouldBe([new SegmentKeys("0a", "u/mul.000/0a.seg", null), new SegmentKeys("0b", "u/mul.000/0b.seg", "u/mul.000/0b.1.live")]);
        var created = (IndexCreated)_serializer.FromBinary(Convert.FromBase64String(Golden.IndexCreated), "eic");
        created.Index.Name.ShouldBe("wiki");
        created.Index.Mapping.Fields["body"].InferenceId.ShouldBe("m");
    }

    [Fact]
    public void Digests_of_any_value_come_back_and_so_does_their_absence()
    {
        SegmentKeys[] segments =
        [
            new("0a", "u/mul.000/0a.seg", null),
            new("0b", "u/mul.000/0b.seg", null, 0),
            new("0c", "u/mul.000/0c.seg", "u/mul.000/0c.1.live", ulong.MaxValue, 0x8000_0000_0000_0001),
        ];
        var bytes = _serializer.ToBinary(new ManifestPublished(1, 2, [.. segments], []));
        ((ManifestPublished)_serializer.FromBinary(bytes, "emp")).Segments.ShouldBe(segments);
    }

    private static IEnumerable<Type> AllMessages() => typeof(ISpladeProtocol).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && typeof(ISpladeProtocol).IsAssignableFrom(t));

    /// <summary>All values of an object graph as text: records with arrays don't compare by value.</summary>
    private static string Describe(object? value) => value switch
    {
        null => "null",
        string text => text,
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        IEnumerable items => "[" + string.Join(",", items.Cast<object?>().Select(Describe)) + "]",
        _ when value.GetType().Namespace!.StartsWith("Splade", StringComparison.Ordinal) && !value.GetType().IsEnum => value.GetType().Name + "{" + string.Join(
            ",",
            value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0)
                .Select(p => p.Name + "=" + Describe(p.GetValue(value)))) + "}",
        _ when value.GetType().IsGenericType && value.GetType().Name.StartsWith("KeyValuePair", StringComparison.Ordinal) =>
            Describe(((dynamic)value).Key) + ":" + Describe(((dynamic)value).Value),
        _ => value.ToString()!,
    };

    /// <summary>Random instances of any message, every part filled now and then left out where it may be.</summary>
    private sealed class Samples(Random random)
    {
        private static readonly NullabilityInfoContext Nullability = new();

        public object Make(Type type, int depth = 0)
        {
            if (type == typeof(Query))
            {
                var vector = new SparseVectorQuery("f", [new FeatureWeight("a", 1f)], 3f);
                Query[] queries = [new MatchAllQuery(2f), new MatchNoneQuery(), vector, new SumQuery([vector, vector with { Field = "g", Boost = 0.5f }], 2f), new BestPassageQuery(vector, ["f"])];
                return queries[random.Next(queries.Length)];
            }

            if (type == typeof(string))
            {
                return $"s{random.Next(1000)}é";
            }

            if (type == typeof(Guid))
            {
                return Guid.NewGuid();
            }

            if (type == typeof(DateTimeOffset))
            {
                return new DateTimeOffset(2026, 11, random.Next(1, 28), 1, 2, 3, TimeSpan.Zero);
            }

            if (type == typeof(TimeSpan))
            {
                return TimeSpan.FromMilliseconds(random.Next(100_000));
            }

            if (type == typeof(ReadOnlyMemory<byte>))
            {
                return new ReadOnlyMemory<byte>([1, 2, (byte)random.Next(256)]);
            }

            if (type.IsEnum)
            {
                var values = Enum.GetValues(type);
                return values.GetValue(random.Next(values.Length))!;
            }

            if (type == typeof(float) || type == typeof(double) || type == typeof(int) || type == typeof(long) || type == typeof(ulong) || type == typeof(bool))
            {
                return Convert.ChangeType(type == typeof(bool) ? random.Next(2) : random.Next(1, 1000), type, System.Globalization.CultureInfo.InvariantCulture);
            }

            if (Nullable.GetUnderlyingType(type) is { } inner)
            {
                return Make(inner, depth);
            }

            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            {
                var element = type.GetGenericArguments()[0];
                var items = Array.CreateInstance(element, random.Next(4));
                for (var i = 0; i < items.Length; i++)
                {
                    items.SetValue(Make(element, depth + 1), i);
                }

                return typeof(ImmutableArray).GetMethods().First(m => m.Name == "Create" && m.GetParameters() is [{ ParameterType.IsArray: true }])
                    .MakeGenericMethod(element).Invoke(null, [items])!;
            }

            if (type == typeof(ImmutableSortedDictionary<string, FieldMapping>))
            {
                var fields = FieldMapping.EmptyFields;
                return depth > 4 ? fields : fields.Add("a.b", (FieldMapping)Make(typeof(FieldMapping), depth + 1)).Add("c", new FieldMapping(FieldType.Date) { Index = false });
            }

            var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
            var made = constructor.Invoke([.. constructor.GetParameters().Select(p =>
                IsNullable(p) && random.Next(3) == 0 ? null : Make(p.ParameterType, depth + 1))]);
            foreach (var property in type.GetProperties().Where(p => p.SetMethod is not null && constructor.GetParameters().All(c => c.Name != p.Name)))
            {
                property.SetValue(made, Make(property.PropertyType, depth + 1));
            }

            return made;
        }

        private static bool IsNullable(ParameterInfo parameter) =>
            Nullable.GetUnderlyingType(parameter.ParameterType) is not null
            || (!parameter.ParameterType.IsValueType && Nullability.Create(parameter).WriteState == NullabilityState.Nullable);
    }
}
