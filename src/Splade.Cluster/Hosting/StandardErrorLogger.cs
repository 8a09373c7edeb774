using System.Globalization;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Splade.Cluster.Hosting;

/// <summary>Akka's log on standard error: standard output belongs to the program's own lines. Named in base.conf.</summary>
public sealed class StandardErrorLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    public StandardErrorLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(e => Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{e.Timestamp:O} {e.LogLevel().ToString()[..^5].ToUpperInvariant()} {e.LogSource}: {FirstLine(e.Message)}{(e.Cause is null ? "" : $" | {e.Cause.GetType().Name}: {FirstLine(e.Cause.Message)}")}")));
    }

    /// <summary>Remoting puts whole stack traces into its messages.</summary>
    private static string FirstLine(object? message)
    {
        var text = message?.ToString() ?? "";
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end] + " ...";
    }
}
