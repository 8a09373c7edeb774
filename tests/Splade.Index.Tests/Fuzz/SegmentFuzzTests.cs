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
    private static readonly Lazy<byte[]> Good = new(FuzzedSegment.Build);

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("SPLADE_FUZZ_ROUNDS"), out var rounds) ? rounds : 6;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("SPLADE_FUZZ_SEED"), out var seed) ? seed : 1;

    [Fact]
    public void The_undamaged_segment_has_every_kind_of_list_and_section()
    {
        var sections = Sections();
        sections.Keys.ShouldContain("order");
        sections.Keys.ShouldContain("scales:model");
        sections.Keys.ShouldContain("bounds:model");
        sections.Keys.ShouldContain("bounds:text");
        var segment = Segment.OfBytes(Good.Value, "good");
        segment.Fields.SelectMany(f => Enumerable.Range(0, f.TermCount).Select(t => f.Entry(t).Kind)).Distinct().Count().ShouldBe(4);
        segment.Release();
        FuzzedSegment.Use(Good.Value);
    }

    [Fact]
    public async Task Damage_in_any_section_is_survived()
    {
        var mutator = new Mutator(Seed);
        foreach (var (name, (start, end)) in Sections())
        {
            for (var round = 0; round < Rounds; round++)
            {
                await SurviveAsync(mutator.Damage(Good.Value, start, end), $"{name}, round {round}, seed {Seed}");
            }
        }
    }

    [Fact]
    public async Task Damage_in_the_table_is_survived()
    {
        var mutator = new Mutator(Seed);
        var table = (int)BinaryPrimitives.ReadInt64LittleEndian(Good.Value.AsSpan(Good.Value.Length - SegmentFormat.TailLength));
        for (var round = 0; round < Rounds * 5; round++)
        {
            var bytes = mutator.Damage(Good.Value, table, Good.Value.Length - SegmentFormat.TailLength);
            var hash = XxHash64.HashToUInt64(bytes.AsSpan(table, bytes.Length - SegmentFormat.TailLength - table));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - SegmentFormat.TailLength + 8), hash);
            await SurviveAsync(bytes, $"table, round {round}, seed {Seed}");
            await SurviveAsync(mutator.DamageOrResize(Good.Value), $"file, round {round}, seed {Seed}");
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

    private static Dictionary<string, (int Start, int End)> Sections()
    {
        var sections = new Dictionary<string, (int, int)>();
        var table = Good.Value.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(Good.Value.AsSpan(Good.Value.Length - SegmentFormat.TailLength)));
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
