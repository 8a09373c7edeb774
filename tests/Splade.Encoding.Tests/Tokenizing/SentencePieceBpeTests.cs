using CsCheck;
using Google.Protobuf;
using Splade.Encoding.Tokenizing;
using Splade.Encoding.Tokenizing.SentencePiece;
using Splade.Tests;
using PieceType = Splade.Encoding.Tokenizing.SentencePiece.SentencePieceModel.Types.Piece.Types.Type;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>No golden data has a BPE model: the algorithm is checked against a plain one written from its description.</summary>
public sealed class SentencePieceBpeTests : IDisposable
{
    private const string Letters = "abcd";
    private static readonly Gen<string> Words = Gen.Char[Letters].Array[2, 5].Select(c => new string(c));
    private static readonly Gen<string> Texts = Gen.Char[Letters + " é"].Array[0, 40].Select(c => new string(c));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pieces_are_those_of_a_plain_merging_loop() =>
        Gen.Select(Words.Array[0, 40], Gen.Int[0, 4].Array[40], Gen.Bool.Array[40], Texts.Array[1, 10]).Sample((words, scores, unused, texts) =>
        {
            var model = Model(words, scores, unused);
            var tokenizer = new SentencePieceTokenizer(model);
            foreach (var text in texts)
            {
                var pieces = new List<PieceOccurrence>();
                tokenizer.Encode(text, pieces);
                pieces.Select(p => p.Id).ShouldBe(Plain(model, text), text);
            }
        });

    [Fact]
    public void Pieces_of_the_user_stand_and_unused_ones_fall_apart()
    {
        var model = Model(["ab", "abc"], [-1, 0], [false, true]);
        model.Pieces.Add(new SentencePieceModel.Types.Piece { Text = "dcd", Type = PieceType.UserDefined });
        Cut(model, "abcdcd").ShouldBe(["\u2581", "ab", "c", "dcd"]);
        Cut(model, "dcdab").ShouldBe(["\u2581", "dcd", "ab"]);
    }

    [Theory]
    [InlineData("LlamaTokenizer", "byte-pair")]
    [InlineData("AlbertTokenizer", "AlbertTokenizer")]
    public void A_class_whose_fast_tokenizer_the_model_does_not_tell_is_refused_with_the_reason(string type, string reason)
    {
        File.WriteAllBytes(Path.Combine(_folder.Path, "tokenizer.model"), Model(["ab"], [0], [false]).ToByteArray());
        Tokenizers.Open(_folder.Path).VocabularySize.ShouldBe(9);
        File.WriteAllText(Path.Combine(_folder.Path, "tokenizer_config.json"), $$"""{"tokenizer_class": "{{type}}"}""");
        var fault = Should.Throw<ModelPackageException>(() => Tokenizers.Open(_folder.Path));
        fault.Message.ShouldContain(reason);
        fault.Message.ShouldContain("tokenizer.json");
    }

    private static SentencePieceModel Model(string[] words, int[] scores, bool[] unused)
    {
        var model = new SentencePieceModel
        {
            Trainer = new SentencePieceModel.Types.Trainer { Algorithm = SentencePieceModel.Types.Trainer.Types.Algorithm.Bpe },
            Pieces =
            {
                new SentencePieceModel.Types.Piece { Text = "<unk>", Type = PieceType.Unknown },
                new SentencePieceModel.Types.Piece { Text = "<s>", Type = PieceType.Control },
                new SentencePieceModel.Types.Piece { Text = "</s>", Type = PieceType.Control },
            },
        };
        model.Pieces.AddRange((Letters + "\u2581").Select(c => new SentencePieceModel.Types.Piece { Text = c.ToString(), Score = -100 }));
        foreach (var (word, i) in words.Select((w, i) => (w, i)).DistinctBy(w => w.w))
        {
            model.Pieces.Add(new SentencePieceModel.Types.Piece { Text = word, Score = scores[i], Type = unused[i] ? PieceType.Unused : PieceType.Normal });
        }

        return model;
    }

    private static IEnumerable<string> Cut(SentencePieceModel model, string text)
    {
        var tokenizer = new SentencePieceTokenizer(model);
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return pieces.Select(p => tokenizer.Piece(p.Id));
    }

    /// <summary>Looks at every pair again after every merge.</summary>
    private static List<int> Plain(SentencePieceModel model, string text)
    {
        var clean = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var symbols = (clean.Length == 0 ? "" : "\u2581" + clean.Replace(' ', '\u2581')).Select(c => c.ToString()).ToList();
        var ids = Enumerable.Range(3, model.Pieces.Count - 3).ToDictionary(i => model.Pieces[i].Text, i => i);
        var halves = new Dictionary<string, (string, string)>();
        while (true)
        {
            foreach (var i in Enumerable.Range(0, Math.Max(0, symbols.Count - 1)).Where(i => ids.TryGetValue(symbols[i] + symbols[i + 1], out var id) && model.Pieces[id].Type == PieceType.Unused))
            {
                halves[symbols[i] + symbols[i + 1]] = (symbols[i], symbols[i + 1]);
            }

            var best = Enumerable.Range(0, Math.Max(0, symbols.Count - 1)).Where(i => ids.ContainsKey(symbols[i] + symbols[i + 1]))
                .OrderByDescending(i => model.Pieces[ids[symbols[i] + symbols[i + 1]]].Score).ThenBy(i => i).Select(i => (int?)i).FirstOrDefault();
            if (best is not { } at)
            {
                break;
            }

            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }

        var result = new List<int>();
        symbols.ForEach(Add);
        return result;

        void Add(string piece)
        {
            if (!ids.TryGetValue(piece, out var id))
            {
                // Unknown characters beside each other are one.
                if (result.Count == 0 || result[^1] != 0)
                {
                    result.Add(0);
                }
            }
            else if (model.Pieces[id].Type == PieceType.Unused && halves.TryGetValue(piece, out var half))
            {
                Add(half.Item1);
                Add(half.Item2);
            }
            else
            {
                result.Add(id);
            }
        }
    }
}
