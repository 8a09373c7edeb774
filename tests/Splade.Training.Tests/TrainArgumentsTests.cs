using System.CommandLine;
using Splade.Training.Commands;

namespace Splade.Training.Tests;

public sealed class TrainArgumentsTests
{
    [Theory]
    [InlineData("--text t", 0, 0)]
    [InlineData("--text t --from bert", 0, 0)]
    [InlineData("--text t --hard-negatives 5", 1, 5)]
    [InlineData("--text t --negatives 2", 2, 10)]
    [InlineData("--text t --beir b", 1, 10)]
    [InlineData("--examples e", 1, 10)]
    [InlineData("--text t --dense-teacher d", 1, 10)]
    public void From_text_alone_no_negatives_are_mined_unless_asked_for(string line, int negatives, int hardNegatives)
    {
        var arguments = new TrainArguments();
        var command = new RootCommand();
        arguments.AddTo(command);
        var options = arguments.Read(command.Parse(line));
        options.Negatives.ShouldBe(negatives);
        options.HardNegatives.ShouldBe(hardNegatives);
    }
}
