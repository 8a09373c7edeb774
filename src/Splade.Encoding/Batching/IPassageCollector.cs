using Splade.Encoding.Onnx;

namespace Splade.Encoding.Batching;

/// <summary>Makes the vectors of texts from those of their passages. Several threads call it at once, for one text, too.</summary>
internal interface IPassageCollector
{
    /// <summary>Called once for each text, before its passages.</summary>
    /// <param name="text">Position in the caller's list.</param>
    void Begin(int text, int passages, bool truncated);

    /// <summary>Takes the answer of the model for a passage. The last one of a text completes it.</summary>
    /// <param name="passage">Position among the passages of the text; they come in any order.</param>
    /// <param name="row">Valid during the call.</param>
    /// <param name="ids">Ids that the model got.</param>
    /// <exception cref="ModelPackageException">The row is no vector.</exception>
    void Add(int text, int passage, ModelRow row, ReadOnlySpan<long> ids);
}
