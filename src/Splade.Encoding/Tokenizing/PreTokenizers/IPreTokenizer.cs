namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Cuts a normalised text into words, which no piece crosses. Safe for concurrent use.</summary>
internal interface IPreTokenizer
{
    void Split(PreTokenizedText text);
}
