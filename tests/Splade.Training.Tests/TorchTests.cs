using Splade.Training.Native;

namespace Splade.Training.Tests;

/// <summary>Tests that compute with torch: one after the other, so that seeds and threads are theirs alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchTests : ICollectionFixture<TorchTests>
{
    public const string Name = "torch";

    public TorchTests()
    {
        TorchRuntime.Require();
        TorchSharp.torch.set_num_threads(1);
    }
}
