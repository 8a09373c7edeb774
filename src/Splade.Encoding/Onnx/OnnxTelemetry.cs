using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Splade.Encoding.Onnx;

/// <summary>
/// Since 1.29 the packages of ONNX Runtime report to their maker by default, from Linux too: names and hashes of models, errors, a device id
/// that is kept in the user's cache folder. What a cluster of ours encodes is nobody else's business.
/// </summary>
internal static partial class OnnxTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";
    private static readonly Lazy<bool> Off = new(() =>
    {
        // Read when the library makes its environment, which the call below does. On Unix .NET's own setter does not reach native code.
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = SetVariable(Variable, "1", 1);
        }

        OrtEnv.Instance().DisableTelemetryEvents();
        return true;
    });

    /// <summary>Before anything else is asked of ONNX Runtime.</summary>
    public static void SwitchOff() => _ = Off.Value;

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
