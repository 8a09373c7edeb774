using System.Buffers;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>Our tokenizers behind the abstract type of Microsoft.ML.Tokenizers.</summary>
public sealed class MicrosoftTokenizerTests
{
    [Fact]
    public void It_gives_our_ids_and_places_in_the_given_text() => 
        Same(TokenizerFile.Open(TokenizerFile.ByteLevel(normalizer: """{"type": "NFC"}""")), "hello <mask>  world wor\u0301 😀é");

    [SkippableTheory]
    [InlineData("bert-base-uncased")]
    [InlineData("roberta-base")]
    [InlineData("xlnet-base-cased")]
    [InlineData("laser-100k/laser_100k.model")]
    public void Real_vocabularies_too(string name)
    {
        var tokenizer = TokenizerUnderTest.Open(name);
        foreach (var text in CorpusTexts.Read(SharedData.Require("xquad-ru/queries.jsonl")).Take(50).Append("Crème\tbrûlée, naïve\ncafé 中文 [MASK] 👩‍👩‍👧 \u202E\u0085"))
        {
            Same(tokenizer, text);
        }
    }

    [Fact]
    public void A_limit_cuts_between_characters_only()
    {
        // An emoji is four bytes and pieces here.
        var tokenizer = TokenizerFile.Open(TokenizerFile.ByteLevel()).AsMicrosoftTokenizer();
        var ids = tokenizer.EncodeToIds("hello😀h", 3, out var normalized, out var consumed);
        (ids.Count, consumed, normalized).ShouldBe((1, 5, null));
        tokenizer.EncodeToIds("hello😀h", 5, out _, out consumed).Count.ShouldBe(5);
        consumed.ShouldBe(7);
        tokenizer.EncodeToIds("hello😀h", 6, out _, out consumed).Count.ShouldBe(6);
        consumed.ShouldBe(8);
        tokenizer.GetIndexByTokenCount("hello😀h", 3, out _, out var count).ShouldBe(5);
        count.ShouldBe(1);
        tokenizer.GetIndexByTokenCountFromEnd("hello😀h", 3, out _, out count).ShouldBe(7);
        count.ShouldBe(1);
        tokenizer.GetIndexByTokenCountFromEnd("hello😀h", 5, out _, out count).ShouldBe(5);
        count.ShouldBe(5);
        tokenizer.GetIndexByTokenCountFromEnd("hello😀h", 100, out _, out count).ShouldBe(0);
        count.ShouldBe(6);
    }

    [Fact]
    public void Ids_become_text_again_without_special_tokens()
    {
        var own = TokenizerFile.Open(TokenizerFile.ByteLevel().Replace("\"model\":", "\"decoder\": {\"type\": \"ByteLevel\"}, \"model\":", StringComparison.Ordinal));
        var tokenizer = own.AsMicrosoftTokenizer();
        var ids = tokenizer.EncodeToIds("hello 😀<mask>");
        tokenizer.Decode(ids).ShouldBe("hello 😀");
        var buffer = new char[8];
        tokenizer.Decode(ids, buffer, out var consumed, out var written).ShouldBe(OperationStatus.Done);
        (consumed, new string(buffer, 0, written)).ShouldBe((ids.Count, "hello 😀"));
        tokenizer.Decode(ids, buffer.AsSpan(0, 7), out consumed, out written).ShouldBe(OperationStatus.DestinationTooSmall);
        (consumed, written).ShouldBe((0, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => tokenizer.Decode([own.VocabularySize]));
        Should.Throw<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
    }

    [Fact]
    public void What_it_can_not_do_is_refused()
    {
        var tokenizer = TokenizerFile.Open(TokenizerFile.ByteLevel()).AsMicrosoftTokenizer();
        Should.Throw<NotSupportedException>(() => tokenizer.EncodeToIds("hello", considerNormalization: false));
        Should.Throw<NotSupportedException>(() => tokenizer.CountTokens("hello", considerPreTokenization: false));
        Should.Throw<ArgumentOutOfRangeException>(() => tokenizer.EncodeToIds("hello", 0, out _, out _));
    }

    private static void Same(ITokenizer own, string text)
    {
        var expected = new List<PieceOccurrence>();
        own.Encode(text, expected);
        var tokenizer = own.AsMicrosoftTokenizer();
        var tokens = tokenizer.EncodeToTokens(text, out var normalized);
        normalized.ShouldBeNull();
        tokens.Select(t => new PieceOccurrence(t.Id, t.Offset.Start.Value, t.Offset.End.Value)).ShouldBe(expected);
        tokens.Select(t => t.Value).ShouldBe(expected.Select(p => own.Piece(p.Id)));
        int[] ids = [.. expected.Select(p => p.Id)];
        tokenizer.EncodeToIds(text).ShouldBe(ids);
        tokenizer.EncodeToIds(text.AsSpan()).ShouldBe(ids);
        tokenizer.CountTokens(text).ShouldBe(ids.Length);
    }
}
