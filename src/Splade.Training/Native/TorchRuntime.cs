using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Splade.Training.Native;

/// <summary>
/// Loads libtorch before its first use, so that a machine where it can't run gets one clear error instead of TorchSharp's, which speaks of a
/// missing package whatever the cause.
/// </summary>
/// <remarks>
/// libLibTorchSharp.so is built with GCC 13 and so asks for the version GLIBCXX_3.4.32 of libstdc++, which Debian 12 and Ubuntu 22.04
/// lack. The only symbol of that version, <c>std::ios_base_library_init</c>, is named but never called (the library has no relocation for it),
/// so where the C++ runtime is older a private copy with that need marked optional is loaded. Other missing versions stay errors.
/// </remarks>
internal static class TorchRuntime
{
    private const string Bridge = "LibTorchSharp";
    private const string OptionalVersion = "GLIBCXX_3.4.32";
    private const string WhereItRuns =
        "The trainer runs on Linux x64 with glibc 2.34 or newer and libstdc++ of GCC 12 or newer (Debian 12, Ubuntu 22.04 and later), on Windows x64 and on macOS arm64. "
        + "Models that were trained elsewhere run on every platform: copy the package and use `splade model import`.";

    private static readonly Lazy<bool> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <exception cref="TorchUnavailableException">libtorch can't be loaded.</exception>
    public static void Require() => _ = Loaded.Value;

    /// <summary>What to tell a user whose machine can't load the library.</summary>
    /// <param name="cause">The loader's message.</param>
    internal static string Explain(string cause)
    {
        var line = cause.Split('\n').LastOrDefault(l => l.Contains("not found", StringComparison.Ordinal) || l.Contains("cannot open", StringComparison.Ordinal))
            ?? cause;
        var reason = cause switch
        {
            _ when cause.Contains("GLIBCXX_", StringComparison.Ordinal) => "The C++ runtime of this machine (libstdc++) is too old for libtorch.",
            _ when cause.Contains("GLIBC_", StringComparison.Ordinal) => "The C library of this machine (glibc) is too old for libtorch.",
            _ when cause.Contains("cannot open", StringComparison.Ordinal) => "A library that libtorch needs is missing.",
            _ => "libtorch can't be loaded on this machine.",
        };
        return $"{reason} {WhereItRuns} (Loader: {line.Trim()})";
    }

    private static bool Load()
    {
        var older = false;
        if (OperatingSystem.IsLinux())
        {
            if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            {
                throw new TorchUnavailableException($"There is no libtorch for Linux on {RuntimeInformation.ProcessArchitecture}. {WhereItRuns}");
            }

            older = LoadOnLinux();
        }

        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception exception) when (exception is NotSupportedException or DllNotFoundException or TypeInitializationException)
        {
            throw new TorchUnavailableException(Explain(exception.GetBaseException().Message), exception);
        }

        // The code base has its own parallelism above this; more threads than cores make small models slower.
        torch.set_num_threads(Math.Max(1, Environment.ProcessorCount));
        return older;
    }

    private static bool LoadOnLinux()
    {
        var folder = NativeFolder();
        try
        {
            // By full path and first: the bridge finds them in the process, wherever its own copy lies.
            NativeLibrary.Load(Path.Combine(folder, "libtorch.so"));
            NativeLibrary.Load(Path.Combine(folder, "libtorch_cpu.so"));
            NativeLibrary.Load(Path.Combine(folder, $"lib{Bridge}.so"));
            return false;
        }
        catch (DllNotFoundException exception) when (exception.Message.Contains($"`{OptionalVersion}'", StringComparison.Ordinal))
        {
            var handle = LoadForOlderRuntime(Path.Combine(folder, $"lib{Bridge}.so"));
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name.Contains(Bridge, StringComparison.Ordinal) ? handle : 0;
            return true;
        }
        catch (DllNotFoundException exception)
        {
            throw new TorchUnavailableException(Explain(exception.Message), exception);
        }
    }

    private static string NativeFolder()
    {
        string[] folders = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native")];
        return folders.FirstOrDefault(f => File.Exists(Path.Combine(f, $"lib{Bridge}.so")) && File.Exists(Path.Combine(f, "libtorch.so")))
            ?? throw new TorchUnavailableException(
                $"libtorch is not beside the program ({AppContext.BaseDirectory}). Publish the trainer again: dotnet publish src/Splade.Training -c Release -o DIR.");
    }

    private static nint LoadForOlderRuntime(string path)
    {
        var library = File.ReadAllBytes(path);
        VersionNeeds.MakeOptional(library, OptionalVersion);
        var copy = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(copy, library);
            return NativeLibrary.Load(copy);
        }
        catch (DllNotFoundException exception)
        {
            throw new TorchUnavailableException(Explain(exception.Message), exception);
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
