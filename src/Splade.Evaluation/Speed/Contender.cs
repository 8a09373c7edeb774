namespace Splade.Evaluation.Speed;

/// <summary>A way to search that is measured. One instance a thread.</summary>
public abstract class Contender(string mode, string setting)
{
    public string Mode { get; } = mode;

    public string Setting { get; } = setting;

    /// <summary>Postings and blocks of the last search.</summary>
    public abstract (long Postings, long Blocks) Work { get; }

    /// <summary>What is timed.</summary>
    public abstract void Search(int query, int k);

    /// <summary>Rows and scores that the last search found, in order.</summary>
    public abstract (string Row, double Score)[] Ranking();

    /// <summary>The same for another thread.</summary>
    public abstract Contender Share();
}
