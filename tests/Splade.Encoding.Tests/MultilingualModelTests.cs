using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests;

/// <summary>The second package that ships with the program, from where it ships.</summary>
public sealed class MultilingualModelTests : IDisposable
{
    private static readonly string[] Texts =
    [
        "Der Arzt verschrieb 1987 ein Antibiotikum gegen die Entzündung der Lunge.", "El médico recetó un antibiótico contra la infección de los pulmones.",
        "Врач прописал антибиотик против воспаления лёгких.", "医生开了抗生素来治疗肺部感染。", "医師は肺の感染症に抗生物質を処方した。トランジスタ", "وصف الطبيب مضادا حيويا لعلاج التهاب الرئة",
        "The transistorized Quetzalcoatlus prescribes antibiotics, antibiotics.", "漢", "",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly ModelRegistry _registry;
    private readonly ISparseEncoder _encoder;

    public MultilingualModelTests()
    {
        _registry = new ModelRegistry(_folder.Path);
        _encoder = _registry.Get(ModelRegistry.MultilingualModel);
    }

    public void Dispose()
    {
        _registry.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_graph_gives_the_vectors_of_the_formula_in_batches_and_alone()
    {
        var (pairs, weights) = Tables();
        var batch = _encoder.EncodeDocuments(Texts, default);
        for (var i = 0; i < Texts.Length; i++)
        {
            var expected = Expected(Texts[i], pairs, weights);
            int[] indices = [.. expected.Keys];
            foreach (var vector in new[] { batch[i], _encoder.EncodeDocuments([Texts[i]], default)[0] })
            {
                vector.Indices.ShouldBe(indices, Texts[i]);
                vector.Weights.Zip(expected.Values).ShouldAllBe(w => Math.Abs(w.First - w.Second) < 1e-5f, Texts[i]);
            }

            // A query has the same dimensions: what a text says it can be found by.
            _encoder.EncodeQuery(Texts[i], default).Indices.ShouldBe(indices, Texts[i]);
        }
    }

    [Fact]
    public void Pairs_are_of_characters_in_a_row_and_of_parts_of_unknown_words()
    {
        var (pairs, weights) = Tables();
        Names("東京大学").Count(IsPair).ShouldBe(3);
        Names("東京。大学").Count(IsPair).ShouldBe(2);
        Names("漢").ShouldBe(["漢"]);
        Names("プログラム").Count(IsPair).ShouldBe(4);
        Names("infections").ShouldBe(["infect"]);

        // The pairs of an unknown word count one together in a query, its pieces the share.
        var tokens = _encoder.Tokenize("Quetzalcoatlus");
        tokens.Length.ShouldBeGreaterThan(2);
        var query = _encoder.EncodeQuery("Quetzalcoatlus", default);
        query.Indices.Select((id, i) => id >= pairs.Settings.First ? query.Weights[i] / weights[id] : 0).Sum().ShouldBe(1f, 1e-4f);
        foreach (var (id, i) in query.Indices.Select((id, i) => (id, i)).Where(d => d.id < pairs.Settings.First))
        {
            (query.Weights[i] / weights[id]).ShouldBe(pairs.Settings.Share * tokens.Count(t => t.Id == id), 1e-4f);
        }

        bool IsPair(string name) => name.StartsWith("[pair-", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("الكتاب", "وكتاب", "كتابها", "بالكتاب")]
    [InlineData("المدرسة", "مدرسه", "مُدَرِّسَة", "والمدرسة")]
    [InlineData("университет", "университета", "университетами", "УНИВЕРСИТЕТОВ")]
    [InlineData("infection", "infections", "infected", "Infecting")]
    [InlineData("ｶﾀｶﾅ", "カタカナ", "カタカナ", "カタカナ")]
    public void Forms_of_a_word_are_the_same_terms(string word, params string[] forms)
    {
        var terms = Names(word);
        terms.ShouldNotBeEmpty();
        forms.ShouldAllBe(f => Names(f).SequenceEqual(terms), word);
    }

    [Fact]
    public void It_finds_the_text_that_answers_in_each_language()
    {
        string[] documents =
        [
            "心脏将血液泵送到全身各处。", "中央银行通过设定利率来控制通货膨胀。", "冰川在上一个冰河时代刻出了这些山谷。",
            "心臓は血液を全身に送り出す。", "中央銀行は金利を決めて物価の上昇を抑える。", "氷河は最後の氷河期にこれらの谷を刻んだ。",
            "يضخ القلب الدم إلى جميع أنحاء الجسم.", "يحدد البنك المركزي سعر الفائدة لخفض التضخم.", "نحتت الأنهار الجليدية هذه الوديان.",
        ];
        string[] queries =
        [
            "血液怎样离开心脏", "利率和通货膨胀", "冰川的山谷", "心臓と血液", "金利と物価", "氷河の谷", "دم والقلب", "الفوائد والبنوك المركزية", "وادي الجليد والأنهار",
        ];
        var vectors = _encoder.EncodeDocuments(documents, default);
        for (var i = 0; i < queries.Length; i++)
        {
            var query = _encoder.EncodeQuery(queries[i], default);
            query.CollectionIdfShare.ShouldBe(1f);
            var scores = vectors.Select(d => Dot(query, d)).ToArray();
            Array.IndexOf(scores, scores.Max()).ShouldBe(i, queries[i]);
        }
    }

    [Fact]
    public void It_is_small_and_says_where_it_comes_from()
    {
        var package = _registry.FolderOf(ModelRegistry.MultilingualModel);
        Directory.EnumerateFiles(package, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length).ShouldBeLessThan(8_000_000);
        var card = File.ReadAllText(Path.Combine(package, "README.md"));
        foreach (var part in new[] { "license: apache-2.0", "build-multilingual-model.sh", "CC BY 4.0", "Unlicense", "splade eval", "No expansion" })
        {
            card.ShouldContain(part);
        }
    }

    private string[] Names(string text) => [.. _encoder.EncodeQuery(text, default).Indices.Select(_encoder.GetFeature)];

    private (PiecePairs Pairs, float[] Weights) Tables()
    {
        var files = new PackageFiles(_registry.FolderOf(ModelRegistry.MultilingualModel));
        var tokenizer = TokenizerReader.Read(files, "");
        string[] pieces = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Piece)];
        var ids = pieces.Select((piece, id) => (piece, id)).ToDictionary(p => p.piece, p => p.id);
        var weights = QueryTable.Read(files, "query_0_SparseStaticEmbedding/model.safetensors", ids);
        return (new PiecePairs(pieces, tokenizer.SpecialIds, id => weights[id] > 0, PackageSettings.Read(files).Pairs!), weights);
    }

    /// <summary>The vector by the formula: (k + 1) tf / (tf + k (1 - b + b len / avg)) with k 0.9, b 0.6, avg 60.</summary>
    private SortedDictionary<int, float> Expected(string text, PiecePairs pairs, float[] weights)
    {
        int[] ids = [.. _encoder.Tokenize(text).Select(t => t.Id)];
        var counts = new SortedDictionary<int, float>();
        var length = 0f;
        for (var i = 0; i < ids.Length; i++)
        {
            var (before, after) = (i > 0 ? pairs.Find(ids[i - 1], ids[i]) : null, i + 1 < ids.Length ? pairs.Find(ids[i], ids[i + 1]) : null);
            var part = pairs.Left[ids[i]] == PiecePairs.Unspaced ? 0.2f : 1f;
            if (weights[ids[i]] > 0)
            {
                Add(ids[i], before is null && after is null ? 1f : pairs.Settings.Share, part);
            }

            if (after is { } pair)
            {
                Add(pair, 1f, part);
            }
        }

        return new SortedDictionary<int, float>(counts.ToDictionary(c => c.Key, c => 1.9f * c.Value / (c.Value + (0.9f * (0.4f + (0.6f * length / 60f))))));

        void Add(int id, float count, float part)
        {
            counts[id] = counts.GetValueOrDefault(id) + count;
            length += count * part;
        }
    }

    private static float Dot(EncodedText query, EncodedText document) =>
        query.Indices.Select((id, i) => Array.BinarySearch(document.Indices, id) is >= 0 and var place ? query.Weights[i] * document.Weights[place] : 0).Sum();
}
