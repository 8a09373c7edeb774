namespace Splade.Index.Tests;

public sealed class HitTests
{
    [Theory]
    [InlineData(7, 1, "7")]
    [InlineData(0, 1, "0")]
    [InlineData(7, 4, "0007")]
    [InlineData(123456789012345678, 18, "123456789012345678")]
    [InlineData(1234, 1, "1234")]
    public void A_number_becomes_the_text_that_it_was(ulong number, int digits, string text)
    {
        var hit = new Hit(number, digits, 1.5);

        hit.Id.ShouldBe(text);
        hit.ShouldBe(new Hit(text, 1.5));
        hit.GetHashCode().ShouldBe(new Hit(text, 1.5).GetHashCode());
        (hit == new Hit(text, 2)).ShouldBeFalse();
        (hit != new Hit(text + "0", 1.5)).ShouldBeTrue();
    }
}
