using System.Collections.Immutable;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Ingest;

/// <summary>A document's JSON seen through a mapping: vectors, texts that a model must encode, and fields that the mapping lacked.</summary>
/// <param name="Mapping">The mapping with the document's new fields; the same object when there are none.</param>
internal sealed record MappedDocument(ImmutableArray<SparseField> Fields, ImmutableArray<SemanticText> Texts, Mapping Mapping);

/// <summary>The text of a semantic field.</summary>
internal sealed record SemanticText(string Field, string Model, EncodingSettings Settings, string Text);
