using System.Text;
using CsCheck;
using Splade.Encoding.Tokenizing;
using Splade.Encoding.Tokenizing.Normalizers;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>Normalization against the runtime's, over characters that both Unicode versions have.</summary>
public sealed class UnicodeNormalizerTests
{
    /// <summary>Blocks whose normalization is older than Unicode 9.</summary>
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Int[0x20, 0x24F], Gen.Int[0x300, 0x345], Gen.Int[0x591, 0x5C7], Gen.Int[0x64B, 0x655], Gen.Int[0x1E00, 0x1FFE], Gen.Int[0xAC00, 0xD7A3],
        Gen.Int[0x1100, 0x11FF], Gen.Int[0xFB00, 0xFB4F], Gen.Int[0x3300, 0x33FE], Gen.Int[0xF900, 0xFA6D], Gen.Int[0x1D15E, 0x1D164], Gen.Int[0x2100, 0x2138],
        Gen.Int[0x915, 0x960], Gen.Int[0x3041, 0x3099], Gen.Int[0xFF01, 0xFF9F])
        .Where(c => Rune.GetUnicodeCategory(new Rune(c)) != System.Globalization.UnicodeCategory.OtherNotAssigned)
        .Array[0, 12].Select(runes => string.Concat(runes.Select(c => new Rune(c).ToString())));

    [Theory]
    [InlineData(NormalizationForm.FormC)]
    [InlineData(NormalizationForm.FormD)]
    [InlineData(NormalizationForm.FormKC)]
    [InlineData(NormalizationForm.FormKD)]
    public void It_equals_the_runtime(NormalizationForm form)
    {
        var normalizer = new UnicodeNormalizer(
            form is NormalizationForm.FormC or NormalizationForm.FormKC, form is NormalizationForm.FormKC or NormalizationForm.FormKD);
        Texts.Sample(text =>
        {
            var source = new NormalizedText();
            source.Load(text, 0, text.Length);
            var target = new NormalizedText();
            var changed = normalizer.Normalize(source, target);
            (changed ? target : source).Characters.ToString().ShouldBe(text.Normalize(form));
        });
    }
}
