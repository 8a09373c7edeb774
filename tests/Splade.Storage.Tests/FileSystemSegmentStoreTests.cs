namespace Splade.Storage.Tests;

public sealed class FileSystemSegmentStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("splade-store-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Every_store_object_over_a_folder_has_its_identity()
    {
        var identities = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new FileSystemSegmentStore(_root).GetIdentityAsync(default)));
        identities.Distinct().ShouldHaveSingleItem().Length.ShouldBe(32);
        Directory.GetFiles(_root).ShouldHaveSingleItem();
        (await new FileSystemSegmentStore(Path.Combine(_root, "other")).GetIdentityAsync(default)).ShouldNotBe(identities[0]);
    }

    [Fact]
    public async Task A_published_file_is_found_listed_and_deleted()
    {
        var store = new FileSystemSegmentStore(_root);
        var staged = Stage(store, "a.seg", [1, 2, 3]);
        await store.PublishAsync("index/mul.000/a.seg", staged, default);
        File.Exists(staged).ShouldBeFalse();
        (await File.ReadAllBytesAsync(await store.GetLocalPathAsync("index/mul.000/a.seg", default))).ShouldBe([1, 2, 3]);
        var listed = (await store.ListAsync("index", default)).ShouldHaveSingleItem();
        listed.Key.ShouldBe("index/mul.000/a.seg");
        listed.Length.ShouldBe(3);
        await store.DeleteAsync("index/mul.000/a.seg", default);
        await store.DeleteAsync("index/mul.000/a.seg", default);
        (await store.ListAsync("index", default)).ShouldBeEmpty();
        Directory.Exists(Path.Combine(_root, "index")).ShouldBeFalse();
        await Should.ThrowAsync<FileNotFoundException>(() => store.GetLocalPathAsync("index/mul.000/a.seg", default));
    }

    [Fact]
    public async Task Publishing_again_is_fine_and_another_content_under_the_same_key_is_refused()
    {
        var store = new FileSystemSegmentStore(_root);
        await store.PublishAsync("k/a.seg", Stage(store, "a.seg", [1]), default);
        await store.PublishAsync("k/a.seg", Stage(store, "a.seg", [1]), default);
        await Should.ThrowAsync<IOException>(() => store.PublishAsync("k/a.seg", Stage(store, "a.seg", [2]), default));
    }

    [Fact]
    public async Task An_accepted_repetition_leaves_nothing_in_the_staging_folder()
    {
        var store = new FileSystemSegmentStore(_root);
        var staged = Stage(store, "a.seg", [1]);
        await store.PublishAsync("k/a.seg", staged, default);
        await store.PublishAsync("k/a.seg", staged, default);
        await store.PublishAsync("k/a.seg", Stage(store, "a.seg", [1]), default);
        Directory.GetFiles(store.GetStagingFolder("index/mul.000")).ShouldBeEmpty();
        await Should.ThrowAsync<FileNotFoundException>(() => store.PublishAsync("k/b.seg", staged, default));
    }

    [Fact]
    public async Task Of_publishers_with_different_contents_one_wins_and_the_others_are_told()
    {
        var store = new FileSystemSegmentStore(_root);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            var staged = Stage(store, $"{i}.seg", [(byte)i]);
            try
            {
                await store.PublishAsync("k/a.seg", staged, default);
                return i;
            }
            catch (IOException)
            {
                return -1;
            }
        }));
        var winner = results.Where(i => i >= 0).ShouldHaveSingleItem();
        (await File.ReadAllBytesAsync(await store.GetLocalPathAsync("k/a.seg", default))).ShouldBe([(byte)winner]);
    }

    /// <summary>Looking whether the name is taken and then renaming would let both have it now and then.</summary>
    [Fact]
    public void Of_two_that_want_a_new_name_at_once_one_gets_it()
    {
        const int Rounds = 2000;
        var folder = Directory.CreateDirectory(Path.Combine(_root, "names")).FullName;
        var got = new bool[2][];
        using var together = new Barrier(2);
        var threads = Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            got[i] = new bool[Rounds];
            for (var round = 0; round < Rounds; round++)
            {
                var mine = Path.Combine(folder, $"{round}.{i}");
                File.WriteAllBytes(mine, [(byte)i]);
                together.SignalAndWait();
                got[i][round] = DurableFile.TryMoveNew(mine, Path.Combine(folder, $"{round}"));
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        for (var round = 0; round < Rounds; round++)
        {
            (got[0][round] ^ got[1][round]).ShouldBeTrue($"round {round}");
            File.ReadAllBytes(Path.Combine(folder, $"{round}")).ShouldBe([(byte)(got[1][round] ? 1 : 0)]);
            File.Exists(Path.Combine(folder, $"{round}.0")).ShouldBe(got[1][round]);
        }
    }

    [Fact]
    public void A_root_that_is_a_file_is_a_clear_error()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllBytes(file, []);
        Should.Throw<IOException>(() => new FileSystemSegmentStore(Path.Combine(file, "store"))).Message.ShouldContain(file);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("store-identity")]
    [InlineData(".staging/index/a.seg")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("")]
    public async Task Keys_stay_inside_the_store(string key)
    {
        var store = new FileSystemSegmentStore(_root);
        await Should.ThrowAsync<ArgumentException>(() => store.DeleteAsync(key, default));
        await Should.ThrowAsync<ArgumentException>(() => store.PublishAsync(key, Stage(store, "x", [1]), default));
    }

    [Fact]
    public void A_write_that_fails_leaves_nothing()
    {
        var path = Path.Combine(_root, "file");
        Should.Throw<InvalidOperationException>(() => DurableFile.Write(path, _ => throw new InvalidOperationException()));
        DurableFile.Write(path, _ => false).ShouldBeFalse();
        Directory.GetFiles(_root).ShouldBeEmpty();
    }

    private static string Stage(FileSystemSegmentStore store, string name, byte[] content)
    {
        var path = Path.Combine(store.GetStagingFolder("index/mul.000"), name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
