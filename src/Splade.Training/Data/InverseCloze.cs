namespace Splade.Training.Data;

/// <summary>
/// Examples from text alone (inverse cloze task, Lee et al. 2019): a sentence is the query, the passage around it the document. The sentence stays in
/// the document in a tenth of the examples, so that matching words keep counting.
/// </summary>
internal static class InverseCloze
{
    private const int ShortestSentence = 20;
    private const int LongestSentence = 200;
    private const double Kept = 0.1;

    public static IEnumerable<TrainingExample> Read(IEnumerable<string> passages, Random random)
    {
        foreach (var passage in passages)
        {
            var sentences = PassageReader.Sentences(passage).ToArray();
            var usable = Enumerable.Range(0, sentences.Length).Where(i => sentences[i].Length is >= ShortestSentence and <= LongestSentence).ToArray();
            if (sentences.Length < 2 || usable.Length == 0)
            {
                continue;
            }

            var chosen = usable[random.Next(usable.Length)];
            var document = random.NextDouble() < Kept ? passage : string.Join(' ', sentences.Where((_, i) => i != chosen));
            yield return new TrainingExample(sentences[chosen], document, []);
        }
    }
}
