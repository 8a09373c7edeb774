using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Splade.Index.Segments;
using Splade.Tests;

namespace Splade.Index.Tests.Fuzz;

/// <summary>
/// Damaged segments whose damage no checksum tells: using them ends in a typed error or an answer, never in another exception, a crash or an endless loop. SPLADE_FUZZ_ROUNDS
/// and SPLADE_FUZZ_SEED make it a long run.
/// </summary>
public sealed class SegmentFuzzTests
{
    /// <summary>Segments with ids that are text, and with such that are numbers.</summary>
    private static readonly Dictionary<string, Lazy<byte[]>> Good = new[] { "d", "" }.ToDictionary(p => p, p => new Lazy<byte[]>(() => FuzzedSegment.Build(p)));

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("SPLADE_FUZZ_ROUNDS"), out var rounds) ? rounds : 6;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("SPLADE_FUZZ_SEED"), out var seed) ? seed : 1;

    [Theory]
    [InlineData("d")]
    [InlineData("")]
    public void The_undamaged_segment_has_every_kind_of_list_and_section(string prefix)
    {
        var good = Good[prefix].Value;
        var sections = Sections(good);
        sections.Keys.ShouldContain("order");
        sections.Keys.ShouldContain("scales:model");
        sections.Keys.ShouldContain("bounds:model");
        sections.Keys.ShouldContain("bounds:text");
        var segment = Segment.OfBytes(good, "good");
        segment.Fields.SelectMany(f => Enumerable.Range(0, f.TermCount).Select(t => f.Entry(t).Kind)).Distinct().Count().ShouldBe(4);
        var model = segment.Field("model")!;
        Enumerable.Range(0, model.TermCount).Select(t => model.Entry(t)).Count(e => e.Kind == ListKind.Celled && model.Celled(e).Pairs < e.Frequency).ShouldBeGreaterThan(5, "bitmaps");
        Enumerable.Range(0, model.TermCount).Select(t => model.Entry(t)).Count(e => e.Kind == ListKind.Sparse && model.Sparse(e).Pairs < e.Frequency).ShouldBeGreaterThan(5, "bitmaps");
        segment.Release();
        FuzzedSegment.Use(good);
    }

    [Theory]
    [InlineData("d")]
    [InlineData("")]
    public async Task Damage_in_any_section_is_survived(string prefix)
    {
        var good = Good[prefix].Value;
        var mutator = new Mutator(Seed);
        foreach (var (name, (start, end)) in Sections(good))
        {
            for (var round = 0; round < Rounds; round++)
            {
                await SurviveAsync(mutator.Damage(good, start, end), $"{name}, round {round}, seed {Seed}");
            }
        }
    }

    [Fact]
    public async Task Damage_in_the_table_is_survived()
    {
        var good = Good["d"].Value;
        var mutator = new Mutator(Seed);
        var table = (int)BinaryPrimitives.ReadInt64LittleEndian(good.AsSpan(good.Length - SegmentFormat.TailLength));
        for (var round = 0; round < Rounds * 5; round++)
        {
            var bytes = mutator.Damage(good, table, good.Length - SegmentFormat.TailLength);
            var hash = XxHash64.HashToUInt64(bytes.AsSpan(table, bytes.Length - SegmentFormat.TailLength - table));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - SegmentFormat.TailLength + 8), hash);
            await SurviveAsync(bytes, $"table, round {round}, seed {Seed}");
            await SurviveAsync(mutator.DamageOrResize(good), $"file, round {round}, seed {Seed}");
        }
    }

    private static async Task SurviveAsync(byte[] bytes, string what)
    {
        var use = Task.Run(() =>
        {
            try
            {
                FuzzedSegment.Use(bytes);
            }
            catch (SegmentCorruptException)
            {
                // The typed error.
            }
        });
        try
        {
            await use.WaitAsync(TimeSpan.FromMinutes(2));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{what}: {exception.Message}", exception);
        }
    }

    private static Dictionary<string, (int Start, int End)> Sections(byte[] segment)
    {
        var sections = new Dictionary<string, (int, int)>();
        var table = segment.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(segment.Length - SegmentFormat.TailLength)));
        var count = BinaryPrimitives.ReadUInt32LittleEndian(table);
        table = table[4..];
        for (var i = 0; i < count; i++)
        {
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(table);
            var name = Encoding.UTF8.GetString(table.Slice(2, nameLength));
            table = table[(2 + nameLength)..];
            var (start, length) = ((int)BinaryPrimitives.ReadInt64LittleEndian(table), (int)BinaryPrimitives.ReadInt64LittleEndian(table[8..]));
            table = table[24..];
            if (length > 0)
            {
                sections.Add(name, (start, start + length));
            }
        }

        return sections;
    }
}
