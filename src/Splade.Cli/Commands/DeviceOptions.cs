using System.CommandLine;
using Splade.Encoding;

namespace Splade.Cli.Commands;

/// <summary>Options of every command that runs models.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<string> _device = CommandRunner.Option("--device", "Where models run: 'auto' takes CUDA where it works, 'cuda' takes nothing else, or 'cpu'.", "auto");
    private readonly Option<int> _id = CommandRunner.Option("--device-id", "Number of the CUDA device.", 0);
    private readonly Option<long> _memory = CommandRunner.Option("--device-memory", "Bytes of device memory that a model may take; 0 for no limit.", 0L);
    private readonly Option<bool> _strict = CommandRunner.Option("--device-strict", "Refuse to run models on the CPU, wholly or in part, except with --device cpu.", false);
    private readonly Option<int> _threads = CommandRunner.Option("--threads", "Threads that encode documents on the CPU, and of one inference of a query; 0 for one a core.", 0);

    public void AddTo(Command command)
    {
        command.Options.Add(_device);
        command.Options.Add(_id);
        command.Options.Add(_memory);
        command.Options.Add(_strict);
        command.Options.Add(_threads);
    }

    public EncoderOptions Read(ParseResult parsed)
    {
        var options = new EncoderOptions
        {
            Provider = parsed.GetValue(_device) switch
            {
                "auto" => ExecutionProvider.Auto,
                "cpu" => ExecutionProvider.Cpu,
                "cuda" => ExecutionProvider.Cuda,
                var other => throw new CliException($"--device {other} is unknown: give auto, cpu or cuda."),
            },
            DeviceId = parsed.GetValue(_id),
            DeviceMemoryBytes = parsed.GetValue(_memory),
            StrictDevice = parsed.GetValue(_strict),
            Threads = parsed.GetValue(_threads),
            OnWarning = line => Console.Error.WriteLine("splade: " + line),
        };
        try
        {
            options.Validate();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new CliException($"{exception.ParamName} of {exception.ActualValue} is out of range.", exception);
        }

        return options;
    }
}
