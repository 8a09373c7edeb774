using System.Globalization;
using Splade.Encoding.Tokenizing.Models;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>
/// Added tokens of a model: those of tokenizer.json, then those of tokenizer_config.json and special_tokens_map.json, which change or add to them as
/// they do in the reference.
/// </summary>
internal sealed class AddedTokenReader(Vocabulary vocabulary)
{
    private static readonly string[] Names = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
    private static readonly string[] Lists = ["additional_special_tokens", "extra_special_tokens"];
    private readonly List<AddedToken> _tokens = [];
    private int _next = vocabulary.Size;
    private bool _splitSpecial;

    public IReadOnlyList<AddedToken> Tokens => _splitSpecial ? [.. _tokens.Select(t => t with { OnlyInTemplate = t.Special })] : _tokens;

    public int? Find(string? content) => content is null ? null
        : _tokens.Find(t => t.Content == content)?.Id ?? vocabulary.Find(content);

    /// <summary>
    /// Tokens of a tokenizer.json. Their ids are not those of the file but, as in the reference, that of the vocabulary or else the next one: models were trained so.
    /// </summary>
    public void AddFast(IEnumerable<JsonPart> tokens)
    {
        foreach (var json in tokens)
        {
            Add(Read(json, json.Required("content")));
        }
    }

    /// <summary>Tokens of a model that has no tokenizer.json; those that are there already stay as they are.</summary>
    public void AddSpecial(IEnumerable<string> contents)
    {
        foreach (var content in contents)
        {
            AddSpecial(new AddedToken(0, content));
        }
    }

    /// <summary>A token with its settings, unless it is there already. Its id is found.</summary>
    public void AddSpecial(AddedToken token)
    {
        if (!_tokens.Exists(t => t.Content == token.Content))
        {
            Add(token);
        }
    }

    /// <summary>Tokens of tokenizer_config.json or special_tokens_map.json.</summary>
    public void AddConfigured(JsonPart? config)
    {
        if (config is not { } json)
        {
            return;
        }

        _splitSpecial |= json.OptionalFlag("split_special_tokens") == true;
        if (json.Part("added_tokens_decoder") is { IsObject: true } decoder)
        {
            var byId = decoder.Json.EnumerateObject().Select(e => (Id: int.TryParse(e.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
                : throw decoder.Error($"The id [{e.Name}] is no number."), Token: new JsonPart(e.Value, $"{decoder.Path}.{e.Name}")));
            foreach (var (_, token) in byId.OrderBy(t => t.Id))
            {
                Add(Read(token, token.Required("content")));
            }
        }

        foreach (var token in Names.Select(json.Part).Concat(Lists.SelectMany(name => Items(json, name))))
        {
            if (token is { } named && ReadNamed(named) is { } read)
            {
                AddSpecial(read);
            }
        }
    }

    /// <summary>A token by its content, as a string or as an object.</summary>
    public static string? Content(JsonPart? json, string name) => json?.Part(name) is { } part ? ReadNamed(part)?.Content : null;

    private static IEnumerable<JsonPart?> Items(JsonPart json, string name) =>
        json.Part(name) is { Json.ValueKind: System.Text.Json.JsonValueKind.Array } part ? part.Items().Select(i => (JsonPart?)i) : [];

    private static AddedToken? ReadNamed(JsonPart json) =>
        json.Json.ValueKind == System.Text.Json.JsonValueKind.String ? new AddedToken(0, json.Json.GetString()!)
        : json.Text("content") is { } content ? Read(json, content) with { Special = true }
        : null;

    private static AddedToken Read(JsonPart json, string content) => new(0, content)
    {
        Special = json.Flag("special"),
        Normalized = json.Flag("normalized", !json.Flag("special")),
        StripLeft = json.Flag("lstrip"),
        StripRight = json.Flag("rstrip"),
        SingleWord = json.Flag("single_word"),
    };

    private AddedToken? Add(AddedToken token)
    {
        if (token.Content.Length == 0)
        {
            return null;
        }

        if (token.Content.Length > UnigramLattice.MaxPieceLength)
        {
            throw new ArgumentException($"An added token has {token.Content.Length} characters, more than {UnigramLattice.MaxPieceLength}.", nameof(token));
        }

        var known = _tokens.FindIndex(t => t.Content == token.Content);
        if (known >= 0)
        {
            _tokens[known] = token with { Id = _tokens[known].Id };
            return _tokens[known];
        }

        var added = token with { Id = vocabulary.Find(token.Content) ?? _next++ };
        _tokens.Add(added);
        return added;
    }
}
