using Splade.Tests;
using Splade.Training.Data;
using Splade.Training.Runs;
using Splade.Training.Steps;
using Splade.Training.Tuning;

namespace Splade.Training.Tests;

[Collection(TorchTests.Name)]
public sealed class LambdaSweepTests
{
    [Fact]
    public void Models_of_a_sweep_share_what_comes_before_training_and_a_sweep_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        var options = new TrainOptions
        {
            Text = [TinyTexts.WritePassages(folder.Path)], VocabularySize = 300, MlmSteps = 2, MlmBatch = 8, Steps = 12, Batch = 8, MaxLength = 48, Threads = 1, RegularizerColumns = 0,
        };
        var first = new CountingProgress();
        var models = new LambdaSweep(folder.Path, options, first).Train([0, 30], CancellationToken.None);
        models.Select(m => m.Lambda).ShouldBe([0, 30]);
        first.Steps.ShouldBe(2 + 12 + 12);
        Terms(models[1].Package).ShouldBeLessThan(Terms(models[0].Package));
        File.ReadAllText(Path.Combine(models[1].Package, "README.md")).ShouldContain("| LambdaDocuments | `30` |");

        var second = new CountingProgress();
        new LambdaSweep(folder.Path, options, second).Train([0, 30, 5], CancellationToken.None).Count.ShouldBe(3);
        second.Steps.ShouldBe(12);
        Should.Throw<TrainingDataException>(() => new LambdaSweep(folder.Path, options with { Steps = 13 }, second).Train([0], CancellationToken.None))
            .Message.ShouldContain("other options");
    }

    private static double Terms(string package) =>
        MetricsFile.Read(new RunFolder(package).MetricsFile).Last().Values.GetProperty("document_terms").GetDouble();

    private sealed class CountingProgress : IRunProgress
    {
        public int Steps { get; private set; }

        public void Message(string text)
        {
        }

        public void Begin(string name, int done, int total)
        {
        }

        public void Advance(int done, StepReport? report) => Steps += report is null ? 0 : 1;

        public void End()
        {
        }
    }
}
