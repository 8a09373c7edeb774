namespace Splade.Encoding.Tokenizing.Decoders;

/// <summary>A step from pieces back to text, by the decoders of Hugging Face's "tokenizers" library. The results of the last one are joined.</summary>
internal delegate IEnumerable<string> DecodeStep(IReadOnlyList<string> pieces);
