using System.Text.Json.Nodes;
using Splade.Cli.Commands;

namespace Splade.Cli.Tests.Commands;

public sealed class HitTextTests
{
    [Theory]
    [InlineData("""{"title":"Sky","text":"It is blue."}""", "Sky: It is blue.")]
    [InlineData("""{"title":"","text":"Only text"}""", "Only text")]
    [InlineData("""{"body":"what was searched","title":7}""", "what was searched")]
    [InlineData("""{"year":1969,"tags":["السماء","空"]}""", """{"year":1969,"tags":["السماء","空"]}""")]
    [InlineData("""{"text":"two\r\nlines\u001b[2J and a bell\u0007"}""", "two  lines [2J and a bell ")]
    [InlineData("null", "")]
    public void A_snippet_is_one_line_of_what_the_document_has(string source, string snippet) =>
        HitText.Snippet(JsonNode.Parse(source), "body").ShouldBe(snippet);

    [Theory]
    [InlineData("a", 90)]
    [InlineData("👩‍🚀", 90)]
    [InlineData("é", 90)]
    public void Long_texts_are_cut_between_characters(string character, int shown)
    {
        var text = string.Concat(Enumerable.Repeat(character, 200));
        HitText.Snippet(new JsonObject { ["text"] = text }, "body").ShouldBe(text[..(shown * character.Length)] + "…");
    }
}
