namespace Splade.Cli;

/// <summary>Standard error of which nobody may be left to read it, as when its terminal is closed: what is written then is lost, and the work ends in order all the same.</summary>
internal sealed class LenientWriter(TextWriter writer) : TextWriter
{
    public override System.Text.Encoding Encoding => writer.Encoding;

    public override void Write(char value) => Try(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => writer.Write(value));

    public override void WriteLine(string? value) => Try(() => writer.WriteLine(value));

    public override void Flush() => Try(writer.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
        }
    }
}
