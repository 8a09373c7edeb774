using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed unsafe class HugePagesTests
{
    [Fact]
    public void Files_larger_than_half_of_memory_keep_small_pages_and_leave_room_for_others()
    {
        HugePages.Ask(null, long.MaxValue / 2).ShouldBe(0);
        HugePages.Asked.ShouldBeLessThan(long.MaxValue / 4);
    }

    [Fact]
    public void Small_files_keep_small_pages() => HugePages.Ask(null, 100_000).ShouldBe(0);

    [Fact]
    public void A_mapped_file_asks_where_the_system_has_huge_pages_and_gives_back_what_it_asked_for()
    {
        var path = Path.GetTempFileName();
        try
        {
            var bytes = new byte[9 * 1024 * 1024];
            Random.Shared.NextBytes(bytes);
            File.WriteAllBytes(path, bytes);
            using var memory = SegmentMemory.Map(path);
            memory.Slice(0, bytes.Length).SequenceEqual(bytes).ShouldBeTrue();
            memory.HugeBytes.ShouldBe(File.Exists("/sys/kernel/mm/transparent_hugepage/enabled") ? bytes.Length : 0);
            memory.Dispose();
            memory.HugeBytes.ShouldBe(0);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
