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
            CultureInfo.InvariantCulture, $"{e.Timestamp:O} {e.LogLevel().ToString()[..^5].ToUpperInvariant()} {e.LogSource}: {e.Message}{(e.Cause is null ? "" : $" | {e.Cause.GetType().Name}: {e.Cause.Message}")}")));
    }
}
