namespace Splade.Cluster.Protocol.Tests;

public sealed class ShardIdTests
{
    [Theory]
    [InlineData("wiki", "ru", 7, "wiki.ru.007#u")]
    [InlineData("logs.v2-2026.11", "mul", 1023, "logs.v2-2026.11.mul.1023#u")]
    public void The_text_form_round_trips(string index, string language, int number, string text)
    {
        var id = new ShardId(index, "u", language, number);
        id.ToString().ShouldBe(text);
        ShardId.Parse(text).ShouldBe(id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wiki")]
    [InlineData("wiki.ru.007")]
    [InlineData("ru.007#u")]
    [InlineData("wiki.ru.x#u")]
    public void Anything_else_is_refused(string text) => Should.Throw<FormatException>(() => ShardId.Parse(text));
}
