using Splade.Training.Native;

namespace Splade.Training.Tests;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void A_version_that_a_library_needs_is_made_optional_and_nothing_else_changes()
    {
        // Section headers at 64: null, the needs at 256, their strings at 320.
        var library = new byte[400];
        "\u007FELF"u8.CopyTo(library);
        (library[4], library[5]) = (2, 1);
        Write(0x28, 64L);
        Write(0x3A, (short)64);
        Write(0x3C, (short)3);
        Write(128 + 4, 0x6ffffffe);
        Write(128 + 0x18, 256L);
        Write(128 + 0x28, 2);
        Write(192 + 0x18, 320L);
        Write(256 + 2, (short)2);
        Write(256 + 8, 16);
        Write(272 + 8, 1);
        Write(272 + 12, 16);
        Write(288 + 8, 9);
        "GLIBC_2"u8.CopyTo(library.AsSpan(321));
        "NEW_1.0"u8.CopyTo(library.AsSpan(329));
        var before = (byte[])library.Clone();

        VersionNeeds.MakeOptional(library, "OLD_1.0").ShouldBeFalse();
        library.ShouldBe(before);
        VersionNeeds.MakeOptional(library, "NEW_1.0").ShouldBeTrue();
        before[288 + 4] = 2;
        library.ShouldBe(before);

        void Write<T>(int at, T value)
            where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.Write(library.AsSpan(at), value);
    }

    [Fact]
    public void What_is_no_library_is_refused()
    {
        Should.Throw<InvalidDataException>(() => VersionNeeds.MakeOptional(new byte[10], "X"));
        var cut = new byte[64];
        "\u007FELF"u8.CopyTo(cut);
        (cut[4], cut[5], cut[0x28], cut[0x3A], cut[0x3C]) = (2, 1, 200, 64, 3);
        Should.Throw<InvalidDataException>(() => VersionNeeds.MakeOptional(cut, "X"));
    }

    [Theory]
    [InlineData("/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.40' not found (required by libLibTorchSharp.so)", "C++ runtime")]
    [InlineData("/lib/libc.so.6: version `GLIBC_2.34' not found (required by libtorch_cpu.so)", "C library")]
    [InlineData("libgomp.so.1: cannot open shared object file: No such file or directory", "is missing")]
    public void A_machine_that_cannot_load_torch_is_told_why_and_where_it_runs(string cause, string reason)
    {
        var message = TorchRuntime.Explain("Unable to load shared library.\n" + cause);
        message.ShouldContain(reason);
        message.ShouldContain("Debian 12");
        message.ShouldContain(cause);
        message.ShouldNotContain("\n");
    }
}
