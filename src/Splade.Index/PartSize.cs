namespace Splade.Index;

/// <summary>What a part of the segments takes.</summary>
/// <param name="Part">A section of the file, e.g. <c>ids</c>, or a kind of posting list and its part, e.g. <c>celled cells</c>; fields are summed.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Postings">Postings in it, for the parts that hold postings.</param>
public readonly record struct PartSize(string Part, long Bytes, long Postings);
