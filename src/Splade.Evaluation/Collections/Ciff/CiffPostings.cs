using Google.Protobuf;

namespace Splade.Evaluation.Collections.Ciff;

/// <summary>One list of a CIFF file, decoded without an object for each posting. The arrays are used again for the next list.</summary>
internal sealed class CiffPostings
{
    private static readonly uint TermTag = WireFormat.MakeTag(1, WireFormat.WireType.LengthDelimited);
    private static readonly uint FrequencyTag = WireFormat.MakeTag(2, WireFormat.WireType.Varint);
    private static readonly uint PostingTag = WireFormat.MakeTag(4, WireFormat.WireType.LengthDelimited);
    private static readonly uint DocumentTag = WireFormat.MakeTag(1, WireFormat.WireType.Varint);
    private static readonly uint ImpactTag = WireFormat.MakeTag(2, WireFormat.WireType.Varint);

    private int[] _documents = new int[1024];
    private int[] _impacts = new int[1024];

    public string Term { get; private set; } = "";

    public int Count { get; private set; }

    /// <summary>Ascending.</summary>
    public ReadOnlySpan<int> Documents => _documents.AsSpan(0, Count);

    public ReadOnlySpan<int> Impacts => _impacts.AsSpan(0, Count);

    /// <param name="bytes">A PostingsList.</param>
    /// <param name="documentCount">Documents of the collection.</param>
    /// <returns>What is wrong with the list; null when it is sound.</returns>
    public string? Parse(ArraySegment<byte> bytes, int documentCount)
    {
        (Term, Count) = ("", 0);
        long? frequency = null;
        var last = -1L;
        try
        {
            var input = new CodedInputStream(bytes.Array, bytes.Offset, bytes.Count);
            while (input.ReadTag() is not 0 and var tag)
            {
                if (tag == PostingTag)
                {
                    var (gap, impact) = ReadPosting(input, bytes.Count);
                    var document = last < 0 ? gap : last + gap;
                    if (gap < 0 || (last >= 0 && gap == 0) || document >= documentCount)
                    {
                        return $"posting {Count} of '{Term}' leads from document {last} by {gap} to {document}, but there are documents 0 to {documentCount - 1}, each once in a list.";
                    }

                    Add((int)document, impact);
                    last = document;
                }
                else if (tag == TermTag)
                {
                    Term = input.ReadString();
                }
                else if (tag == FrequencyTag)
                {
                    frequency = input.ReadInt64();
                }
                else
                {
                    input.SkipLastField();
                }
            }
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException)
        {
            return $"no postings list stands here: {exception.Message}";
        }

        return Term.Length == 0 ? "a list without a term."
            : frequency is { } expected && expected != Count ? $"the list of '{Term}' has {Count} postings, but is said to have {expected}."
            : null;
    }

    private static (int Gap, int Impact) ReadPosting(CodedInputStream input, int limit)
    {
        var length = input.ReadLength();
        var end = input.Position + length;
        if (length < 0 || end > limit)
        {
            throw new InvalidDataException("a posting reaches beyond its list.");
        }

        int gap = 0, impact = 0;
        while (input.Position < end)
        {
            var tag = input.ReadTag();
            if (tag == DocumentTag)
            {
                gap = input.ReadInt32();
            }
            else if (tag == ImpactTag)
            {
                impact = input.ReadInt32();
            }
            else
            {
                input.SkipLastField();
            }
        }

        return input.Position == end ? (gap, impact) : throw new InvalidDataException("a posting reaches beyond its own length.");
    }

    private void Add(int document, int impact)
    {
        if (Count == _documents.Length)
        {
            Array.Resize(ref _documents, Count * 2);
            Array.Resize(ref _impacts, Count * 2);
        }

        _documents[Count] = document;
        _impacts[Count++] = impact;
    }
}
