using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Batching;

/// <summary>How one side of a model makes vectors of texts.</summary>
/// <param name="Prompt">Put before every passage.</param>
/// <param name="ExpansionWeight">Factor for terms that the text does not have.</param>
internal sealed record PipelineSettings(string Prompt, ChunkingSettings Chunking, float ExpansionWeight, PruneSettings Pruning);
