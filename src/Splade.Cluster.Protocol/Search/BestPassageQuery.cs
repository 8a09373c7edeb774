using System.Collections.Immutable;
using Splade.Index;

namespace Splade.Cluster.Protocol.Search;

/// <summary>
/// A query on fields whose passages are scored one by one: a document scores as the best that the query gives it with one passage of each of these fields in place of
/// the field. Other fields of the query count every time.
/// </summary>
/// <param name="Query">A <see cref="SparseVectorQuery"/> or a <see cref="SumQuery"/>.</param>
/// <param name="Fields">Fields of its clauses that have passages; at least one.</param>
public sealed record BestPassageQuery(Query Query, ImmutableArray<string> Fields) : Query(Query.Boost);
