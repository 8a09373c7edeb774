using System.Text.Json;
using System.Text.Json.Serialization;
using Splade.Encoding;
using Splade.Encoding.Safetensors;
using Splade.Training.Data;
using Splade.Training.Networks;
using Splade.Training.Optimization;
using static TorchSharp.torch;

namespace Splade.Training.Checkpoints;

/// <summary>
/// Weights, optimiser and place of a run. Data order, masking and dropout follow from seed and step, so this is all that a resumed run needs to
/// go on as if nothing had happened.
/// </summary>
internal static class Checkpoint
{
    private const string Weights = "model.safetensors";
    private const string Moments = "optimizer.safetensors";
    private const string State = "state.json";
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) } };

    /// <summary>Replaces the checkpoint; a kill at any point leaves the old or the new one.</summary>
    public static void Write(string folder, CheckpointState state, ParameterSet parameters, AdamW optimizer)
    {
        var (next, old) = (folder + ".next", folder + ".old");
        Delete(next);
        Directory.CreateDirectory(next);
        SafetensorsWriter.Write(Path.Combine(next, Weights), parameters.Select(p => Entry(p.Key, p.Value)));
        SafetensorsWriter.Write(Path.Combine(next, Moments), optimizer.State.Select(s => Entry(s.Name, s.Value)));
        File.WriteAllBytes(Path.Combine(next, State), JsonSerializer.SerializeToUtf8Bytes(state, Json));
        Delete(old);
        if (Directory.Exists(folder))
        {
            Directory.Move(folder, old);
        }

        Directory.Move(next, folder);
        Delete(old);
    }

    /// <summary>The newest whole checkpoint; null when there is none.</summary>
    /// <exception cref="TrainingDataException">It is damaged.</exception>
    public static CheckpointState? Find(string folder, out string found)
    {
        // Between two moves only the old one has its name.
        found = Directory.Exists(folder) ? folder : folder + ".old";
        if (!Directory.Exists(found))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<CheckpointState>(File.ReadAllBytes(Path.Combine(found, State)), Json);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new TrainingDataException($"The checkpoint in {found} is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>Weights of a checkpoint, for the network's loader.</summary>
    public static Func<string, long[], float[]> Reader(ModelWeights weights) => (name, shape) => weights.Read(name, shape);

    public static ModelWeights OpenWeights(string folder) => ModelWeights.Open(Path.Combine(folder, Weights));

    /// <exception cref="TrainingDataException">The optimiser's state is damaged or of another network.</exception>
    public static void ReadOptimizer(string folder, AdamW optimizer, int steps)
    {
        try
        {
            using var file = ModelWeights.Open(Path.Combine(folder, Moments));
            using var still = no_grad();
            foreach (var (name, value) in optimizer.State)
            {
                value.copy_(tensor(file.Read(name, value.shape)).reshape(value.shape));
            }
        }
        catch (ModelPackageException exception)
        {
            throw new TrainingDataException($"The checkpoint can't be resumed: {exception.Message}", exception);
        }

        optimizer.Steps = steps;
    }

    public static (string, long[], Func<float[]>) Entry(string name, Tensor value) =>
        (name, value.shape, () => value.detach().contiguous().data<float>().ToArray());

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
