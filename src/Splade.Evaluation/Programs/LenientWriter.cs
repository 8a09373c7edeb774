namespace Splade.Evaluation.Programs;

/// <summary>A standard stream that may be closed, as with its terminal, or a file on a full disk: what can't be written is lost, and the work ends in order all the same.</summary>
internal sealed class LenientWriter(TextWriter writer) : TextWriter
{
    public override System.Text.Encoding Encoding => writer.Encoding;

    /// <summary>Why something was lost, at first; null where nothing was.</summary>
    public Exception? Failure { get; private set; }

    public override void Write(char value) => Try(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => writer.Write(value));

    public override void WriteLine(string? value) => Try(() => writer.WriteLine(value));

    public override void Flush() => Try(writer.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failure ??= exception;
        }
    }
}
