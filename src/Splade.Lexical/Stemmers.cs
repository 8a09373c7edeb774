using Lucene.Net.Tartarus.Snowball;
using Lucene.Net.Tartarus.Snowball.Ext;

namespace Splade.Lexical;

/// <summary>Snowball stemmers by language; a language without one keeps its words whole.</summary>
internal static class Stemmers
{
    public static bool Has(string language) => Program(language) is not null;

    public static Func<string, string> For(string language)
    {
        if (Program(language) is not { } program)
        {
            return word => word;
        }

        return word =>
        {
            program.SetCurrent(word);
            program.Stem();
            return program.Current;
        };
    }

    private static SnowballProgram? Program(string language) => language switch
    {
        "en" => new PorterStemmer(),
        "de" => new German2Stemmer(),
        "es" => new SpanishStemmer(),
        "fr" => new FrenchStemmer(),
        "pt" => new PortugueseStemmer(),
        "ru" => new RussianStemmer(),
        "it" => new ItalianStemmer(),
        "nl" => new DutchStemmer(),
        _ => null,
    };
}
