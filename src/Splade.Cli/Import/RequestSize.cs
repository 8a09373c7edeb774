namespace Splade.Cli.Import;

/// <summary>
/// How many bytes a bulk request holds, so that a node answers it in about five seconds however slow its model is. Begins small and doubles; once a request was too much for
/// the node, it grows by an eighth only. Safe for several threads.
/// </summary>
internal sealed class RequestSize(int most)
{
    /// <summary>Less than a document; a request has at least one.</summary>
    public const int Least = 1024;

    public static readonly TimeSpan Target = TimeSpan.FromSeconds(5);

    private const int First = 64 * 1024;
    private readonly Lock _lock = new();
    private int _bytes = Math.Clamp(First, Least, Math.Max(Least, most));
    private bool _wasTooMuch;

    public int Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <param name="sent">Bytes of the request.</param>
    /// <param name="refused">The node could not take it, or not all of it, in the time that it has.</param>
    public void Learn(int sent, TimeSpan took, bool refused)
    {
        lock (_lock)
        {
            if (refused || took > 2 * Target)
            {
                // Half of what was sent: requests of the former size that are still under way don't halve it again.
                _wasTooMuch = true;
                _bytes = Math.Max(Least, Math.Min(_bytes, sent / 2));
            }
            else if (took < Target / 2 && sent >= _bytes / 2)
            {
                _bytes = (int)Math.Min(Math.Max(Least, most), _bytes + (_wasTooMuch ? (_bytes / 8L) : _bytes));
            }
        }
    }
}
