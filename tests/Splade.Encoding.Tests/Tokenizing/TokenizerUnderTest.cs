using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>The tokenizers that the goldens are about, read as a user would have them read.</summary>
internal static class TokenizerUnderTest
{
    /// <param name="vocabulary">A folder of ../shared/data/tokenizers as Hugging Face reads it, or <c>name/file.model</c> by SentencePiece's own rules.</param>
    public static ITokenizer Open(string vocabulary)
    {
        var path = SharedData.Require($"tokenizers/{vocabulary}");
        return File.Exists(path)
            ? TokenizerReader.ReadFile(new PackageFiles(Path.GetDirectoryName(path)!), Path.GetFileName(path))
            : TokenizerReader.Read(new PackageFiles(path), "");
    }

    /// <summary>Offsets in code points for each place between UTF-16 units.</summary>
    public static int[] CodePointOffsets(string text)
    {
        var offsets = new int[text.Length + 1];
        for (int unit = 0, point = 0; unit < text.Length; unit++)
        {
            offsets[unit] = point;
            point += char.IsHighSurrogate(text[unit]) && unit + 1 < text.Length && char.IsLowSurrogate(text[unit + 1]) ? 0 : 1;
            offsets[unit + 1] = point;
        }

        return offsets;
    }

    public static (int[] Ids, (int, int)[] Offsets) Encode(ITokenizer tokenizer, string text, bool template)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        var points = CodePointOffsets(text);
        var (ids, offsets) = (pieces.Select(p => p.Id), pieces.Select(p => (points[p.Start], points[p.End])));
        return template
            ? ([.. tokenizer.Template.Prefix, .. ids, .. tokenizer.Template.Suffix],
                [.. tokenizer.Template.Prefix.Select(_ => (0, 0)), .. offsets, .. tokenizer.Template.Suffix.Select(_ => (0, 0))])
            : ([.. ids], [.. offsets]);
    }
}
