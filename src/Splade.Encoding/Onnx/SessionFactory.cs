using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace Splade.Encoding.Onnx;

/// <summary>Makes ONNX Runtime sessions on the device that the options ask for, and says on which one they really are.</summary>
internal static class SessionFactory
{
    public const string Cpu = "CPU";
    public const string Cuda = "CUDA";
    private const string CudaProvider = "CUDAExecutionProvider";

    static SessionFactory() => OnnxTelemetry.SwitchOff();

    /// <param name="create">Makes the session; called a second time for the CPU when CUDA fails and need not be had.</param>
    /// <exception cref="OnnxRuntimeUnavailableException">CUDA was demanded and can't be had.</exception>
    public static (InferenceSession Session, string Provider) Create(Func<SessionOptions, InferenceSession> create, EncoderOptions options)
    {
        if (options.Provider != ExecutionProvider.Cpu && HasCuda)
        {
            try
            {
                return (OnCuda(create, options), Cuda);
            }
            catch (Exception exception) when (IsMissing(exception))
            {
                if (options.DemandsCuda)
                {
                    throw Unusable(options, exception);
                }

                options.OnWarning?.Invoke($"CUDA can't be used, models run on the CPU: {Reason(exception.Message)}");
            }
        }
        else if (options.DemandsCuda)
        {
            throw NotInThisBuild(options);
        }

        using var cpu = Options(options);
        return (create(cpu), Cpu);
    }

    /// <summary>Loads the provider, without a model.</summary>
    /// <exception cref="OnnxRuntimeUnavailableException">It is not there.</exception>
    public static void RequireCuda(EncoderOptions options)
    {
        if (!HasCuda)
        {
            throw NotInThisBuild(options);
        }

        try
        {
            using var session = CudaOptions(options);
        }
        catch (Exception exception) when (IsMissing(exception))
        {
            throw Unusable(options, exception);
        }
    }

    private static bool HasCuda => OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider);

    private static bool IsMissing(Exception exception) => exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException;

    private static OnnxRuntimeUnavailableException NotInThisBuild(EncoderOptions options) =>
        new($"{Demand(options)}, but this build has none: build with -p:OnnxRuntime=Gpu, or {Escape(options)}.");

    private static OnnxRuntimeUnavailableException Unusable(EncoderOptions options, Exception cause) => new(
        $"{Demand(options)}, but it can't be used: {Reason(cause.Message)} Mend driver, CUDA and cuDNN, or {Escape(options)}.", cause);

    private static string Demand(EncoderOptions options) => options.Provider == ExecutionProvider.Cuda ? "CUDA was asked for" : "CUDA was asked for by --device-strict";

    private static string Escape(EncoderOptions options) => options.StrictDevice ? "set the device to cpu, or to auto without --device-strict" : "set the device to auto";

    /// <summary>What the runtime says without its place in the source: <c>[ErrorCode:Fail] /src/...cc:2043 ... [ONNXRuntimeError] : 1 : FAIL : reason</c>.</summary>
    internal static string Reason(string message)
    {
        const string mark = "[ONNXRuntimeError]";
        var line = message.ReplaceLineEndings(" ").Trim();
        var start = line.IndexOf(mark, StringComparison.Ordinal);
        var reason = start < 0 ? line : line[start..].Split(" : ", 4)[^1];
        return reason.EndsWith('.') ? reason : reason + ".";
    }

    private static SessionOptions CudaOptions(EncoderOptions options)
    {
        using var cuda = new OrtCUDAProviderOptions();
        var settings = new Dictionary<string, string>
        {
            ["device_id"] = options.DeviceId.ToString(CultureInfo.InvariantCulture),

            // Batches vary in shape: doubling would soon hold twice what is needed.
            ["arena_extend_strategy"] = "kSameAsRequested",
        };
        if (options.DeviceMemoryBytes > 0)
        {
            settings.Add("gpu_mem_limit", options.DeviceMemoryBytes.ToString(CultureInfo.InvariantCulture));
        }

        cuda.UpdateOptions(settings);
        var session = Options(options);
        try
        {
            session.AppendExecutionProvider_CUDA(cuda);
            if (options.StrictDevice)
            {
                session.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
            }

            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static InferenceSession OnCuda(Func<SessionOptions, InferenceSession> create, EncoderOptions options)
    {
        using var session = CudaOptions(options);
        var created = create(session);
        try
        {
            // A provider whose libraries do not load may be left out with no more than a line in a log. Its allocator is then not there.
            using var memory = new OrtMemoryInfo("Cuda", OrtAllocatorType.DeviceAllocator, options.DeviceId, OrtMemType.Default);
            using var allocator = new OrtAllocator(created, memory);
            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    private static SessionOptions Options(EncoderOptions options)
    {
        var session = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,

            // Plans memory by shape, and every batch has another.
            EnableMemoryPattern = false,
        };
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", options.Spin ? "1" : "0");
        return session;
    }
}
