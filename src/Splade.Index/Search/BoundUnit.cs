namespace Splade.Index.Search;

/// <summary>What 1 in a bound of 16 bits is worth. Every part of a bound is rounded up, so that it never lies below a score.</summary>
/// <param name="worth">The score that 1 stands for.</param>
internal readonly struct BoundUnit(double worth)
{
    /// <summary>More than the rounding errors of sums of doubles.</summary>
    private const double Margin = 1e-9;

    /// <summary>A score in units, raised by what rounding may lose.</summary>
    public double Of(double score) => score / worth * (1 + Margin);

    /// <summary>The same as a whole number of units, rounded up.</summary>
    public ushort Ceiling(double score) => (ushort)Math.Ceiling(Of(score));

    /// <summary>Smallest bound of anything that holds a document of at least this score.</summary>
    public int Needed(double score) => (int)Math.Min(ushort.MaxValue, Math.Floor(score / worth * (1 - Margin)));
}
