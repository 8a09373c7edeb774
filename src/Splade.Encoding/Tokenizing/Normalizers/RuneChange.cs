using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>A character of the normalised text and what it does to the old one: <see cref="Alignment"/>.</summary>
internal record struct RuneChange(Rune Rune, int Change);
