namespace Splade.Cli.Commands.Models;

/// <summary>What <c>splade model check</c> tells of every model.</summary>
internal interface IModelCheck
{
    string Model { get; }

    /// <summary>AUTO, CPU or CUDA.</summary>
    string Requested { get; }

    /// <summary>Where the model really ran: CPU or CUDA.</summary>
    string Provider { get; }

    double LoadMilliseconds { get; }

    double DocumentMilliseconds { get; }

    double QueryMilliseconds { get; }

    /// <summary>Largest difference of a value to the CPU's; null when the CPU was used.</summary>
    double? DeviceDifference { get; }

    string[] Warnings { get; }
}
