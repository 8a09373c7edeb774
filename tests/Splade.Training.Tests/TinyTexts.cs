namespace Splade.Training.Tests;

/// <summary>A collection small enough to be learned in seconds: every topic has words of its own.</summary>
internal static class TinyTexts
{
    private static readonly string[] Topics = ["river", "engine", "violin", "bread", "planet", "forest", "market", "winter", "doctor", "garden", "castle", "mirror"];
    private static readonly string[] Verbs = ["carries", "needs", "keeps", "finds", "turns", "holds"];

    /// <summary>Passages of three sentences.</summary>
    public static string[] Passages { get; } =
    [
        .. Topics.SelectMany((topic, i) => Verbs.Select((verb, j) =>
            $"The {topic} {verb} the {Topics[(i + j + 1) % Topics.Length]} every day. A {topic} near the {Topics[(i + 5) % Topics.Length]} {Verbs[(j + 2) % Verbs.Length]} nothing. "
            + $"People say that the old {topic} {verb} more than a {Topics[(i + j + 3) % Topics.Length]}.")),
    ];

    /// <summary>Questions about topics, with a passage that answers them.</summary>
    public static IEnumerable<(string Query, string Positive)> Pairs =>
        Topics.SelectMany((topic, i) => Verbs.Select((verb, j) => ($"what does the {topic} {verb.TrimEnd('s')} number {j}", Passages[(i * Verbs.Length) + j])));

    public static string WritePassages(string folder)
    {
        var path = Path.Combine(folder, "passages.txt");
        File.WriteAllLines(path, Passages);
        return path;
    }
}
