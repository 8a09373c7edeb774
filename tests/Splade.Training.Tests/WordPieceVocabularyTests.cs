using Splade.Encoding.Tokenizing;
using Splade.Training.Vocabulary;

namespace Splade.Training.Tests;

public sealed class WordPieceVocabularyTests
{
    [Fact]
    public void The_most_frequent_neighbours_are_joined_first()
    {
        var counts = new Dictionary<string, long> { ["hug"] = 10, ["pug"] = 5, ["pun"] = 12, ["bun"] = 4, ["hugs"] = 5 };

        // Pairs: (##u ##g) 20, (##u ##n) 16, (p ##u) 17, (h ##u) 15: joined are ##ug, then ##un, then h ##ug (15), p ##un (12), hug ##s (5), p ##ug (5), b ##un (4).
        var pieces = WordPieceVocabulary.Learn(counts, 1000);
        pieces[..5].ShouldBe(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
        pieces[^7..].ShouldBe(["##ug", "##un", "hug", "pun", "pug", "hugs", "bun"], ignoreOrder: true);
        Array.IndexOf(pieces, "##ug").ShouldBeLessThan(Array.IndexOf(pieces, "##un"));
        Array.IndexOf(pieces, "hug").ShouldBeLessThan(Array.IndexOf(pieces, "pun"));
    }

    [Fact]
    public void Every_word_can_be_written_and_the_same_text_gives_the_same_pieces()
    {
        var counts = WordPieceVocabulary.CountWords(TinyTexts.Passages, new WordPieceOptions());
        var pieces = WordPieceVocabulary.Learn(counts, 120);
        pieces.Length.ShouldBe(120);
        pieces.ShouldBe(WordPieceVocabulary.Learn(counts, 120));
        var tokenizer = new WordPieceTokenizer(pieces, new WordPieceOptions());
        var occurrences = new List<PieceOccurrence>();
        foreach (var passage in TinyTexts.Passages)
        {
            tokenizer.Encode(passage, occurrences);
        }

        occurrences.ShouldAllBe(p => tokenizer.Piece(p.Id) != "[UNK]");
    }
}
