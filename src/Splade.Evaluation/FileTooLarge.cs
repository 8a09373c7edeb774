namespace Splade.Evaluation;

/// <summary>
/// A file that would become larger than its file system or the limit of the process (<c>ulimit -f</c>) allows. Other failures of writing are an <see cref="IOException"/>,
/// this one the runtime throws as if an argument were wrong.
/// </summary>
public static class FileTooLarge
{
    public const string Message = "A file would become larger than its file system, or the limit on the size of files (ulimit -f), allows.";

    public static bool Is(Exception exception) =>
        exception is ArgumentOutOfRangeException { ParamName: "value", StackTrace: { } stack } && stack.Contains("System.IO.RandomAccess.Write", StringComparison.Ordinal);
}
