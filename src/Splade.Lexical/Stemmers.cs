using Lucene.Net.Tartarus.Snowball;
using Lucene.Net.Tartarus.Snowball.Ext;

namespace Splade.Lexical;

/// <summary>Snowball stemmers by language; a language without one keeps its words whole.</summary>
internal static class Stemmers
{
    public static Func<string, string> For(string language)
    {
        SnowballProgram? program = language switch
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
        if (program is null)
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
}
