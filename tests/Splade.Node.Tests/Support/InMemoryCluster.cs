using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;
using Splade.Cluster.Protocol.Search;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Node.Tests.Support;

/// <summary>
/// A whole search cluster in a dictionary: versions, sequence numbers, refresh, mappings and scores are real, found by brute force.
/// Its model gives each lower-cased word the number of times it occurs.
/// </summary>
internal sealed class InMemoryCluster : ISearchCluster
{
    public const string Model = "words";

    private readonly TaskCompletionSource _viewed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, State> _states = [];
    private CatalogSnapshot _catalog = new(0, "AAAAAAAAAAAAAAAAAAAAAA", [], []);

    public static NodeInfo Node { get; } = new(
        "node-1", "akka.tcp://splade@127.0.0.1:4053", "http://127.0.0.1:9200", ["coordinator", "index", "encoder"], "0.1.0", DateTimeOffset.UnixEpoch);

    /// <summary>Thrown by every write while it is set.</summary>
    public Exception? WriteFailure { get; set; }

    /// <summary>Refuses the operations that it gives an error for.</summary>
    public Func<WriteOperation, ErrorInfo?> Refusal { get; set; } = _ => null;

    /// <summary>Makes a search time out and its last shard fail.</summary>
    public ErrorInfo? SearchFailure { get; set; }

    /// <summary>Number of operations of each call of <see cref="WriteAsync"/>.</summary>
    public List<int> Batches { get; } = [];

    public List<SearchRequest> Searches { get; } = [];

    public CatalogSnapshot Catalog => _catalog;

    /// <summary>Adds an encoder that has another package of the model.</summary>
    public bool HasOtherPackage { get; set; }

    /// <summary>Completes when the nodes have been asked for.</summary>
    public Task Viewed => _viewed.Task;

    public ClusterView Nodes
    {
        get
        {
            _viewed.TrySetResult();
            lock (_lock)
            {
                var shards = _states.Values.SelectMany(s => s.Index.Shards.Select((id, i) => new ShardStatus(
                    id, ShardState.Started, i == 0 ? s.Live.Count : 0, 0, i == 0 ? 2048 : 0, 1, 0))).ToImmutableArray();
                var node = new NodeView(new NodeReport(Node, 1, shards, [new ModelInfo(Model, 1000, 512, false, "CPU", "f")], 1 << 20, 1 << 21, 3), true, true);
                var other = new NodeView(
                    new NodeReport(Node with { Name = "node-2" }, 1, [], [new ModelInfo(Model, 1000, 512, false, "CPU", "0123456789")], 0, 0, 0), true, false);
                return new ClusterView(HasOtherPackage ? [node, other] : [node]);
            }
        }
    }

    public Task<(IndexMetadata Index, bool ShardsStarted)> CreateIndexAsync(CreateIndex command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_states.ContainsKey(command.Name))
            {
                throw Error("resource_already_exists_exception", $"index [{command.Name}] already exists", 400);
            }

            var fields = command.Mapping.Fields.ToImmutableSortedDictionary(
                f => f.Key, f => f.Value.Type == FieldType.SemanticText ? f.Value with { InferenceId = f.Value.InferenceId ?? Model } : f.Value);
            if (fields.Values.FirstOrDefault(f => f.InferenceId is not null and not Model) is { } missing)
            {
                throw Error("resource_not_found_exception", $"model [{missing.InferenceId}] is not offered by any encoder", 404);
            }

            var index = new IndexMetadata(
                command.Name, Convert.ToBase64String(Guid.NewGuid().ToByteArray())[..22].Replace('+', '-').Replace('/', '_'), DateTimeOffset.UnixEpoch, 1,
                command.NumberOfShards, command.NumberOfReplicas, command.RefreshInterval, command.Mapping with { Fields = fields });
            Put(index, new State(index));
            return Task.FromResult((index, true));
        }
    }

    public Task DeleteIndexAsync(IndexMetadata index, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _states.Remove(index.Name);
            _catalog = _catalog with { Indices = _catalog.Indices.RemoveAll(i => i.Name == index.Name) };
            return Task.CompletedTask;
        }
    }

    public Task<IndexMetadata> ExtendMappingAsync(IndexMetadata index, Mapping additions, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var (name, field) in additions.Fields)
            {
                if (index.Mapping.Fields.TryGetValue(name, out var old) && old.Type != field.Type)
                {
                    throw Error("illegal_argument_exception", $"mapper [{name}] cannot be changed from type [{old.Type}] to [{field.Type}]", 400);
                }
            }

            return Task.FromResult(Change(index with { Mapping = index.Mapping with { Fields = index.Mapping.Fields.SetItems(additions.Fields) } }));
        }
    }

    public Task<IndexMetadata> ChangeSettingsAsync(ChangeSettings command, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var index = _states[command.Name].Index;
            return Task.FromResult(Change(index with
            {
                NumberOfReplicas = command.NumberOfReplicas ?? index.NumberOfReplicas,
                RefreshInterval = command.SetRefreshInterval ? command.RefreshInterval : index.RefreshInterval,
            }));
        }
    }

    public async Task<ImmutableArray<WriteResult>> WriteAsync(
        ImmutableArray<WriteOperation> operations, RefreshPolicy refresh, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (WriteFailure is { } failure)
        {
            throw failure;
        }

        lock (_lock)
        {
            Batches.Add(operations.Length);
            var results = operations.Select(Write).ToImmutableArray();
            if (refresh != RefreshPolicy.None)
            {
                Refresh(_states.Values);
            }

            return results;
        }
    }

    public Task<ImmutableArray<StoredDocument?>> GetAsync(IndexMetadata index, ImmutableArray<string> ids, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var live = _states[index.Name].Live;
            return Task.FromResult(ids.Select(id => live.GetValueOrDefault(id)).ToImmutableArray());
        }
    }

    public Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Searches.Add(request);
            var hits = request.Indices
                .SelectMany(i => _states[i.Name].Visible.Values.Select(d => (Index: i, Document: d, Explanation: Score(i, d, request.Query))))
                .Where(h => h.Explanation.Matched)
                .OrderByDescending(h => h.Explanation.Score)
                .ThenBy(h => h.Document.Id, StringComparer.Ordinal)
                .ToArray();
            var page = hits.Skip(request.From).Take(request.Size)
                .Select(h => new SearchHit(
                    h.Index.Name, h.Index.Shard(0), h.Document.Id, h.Explanation.Score, request.FetchSource ? h.Document : null, request.Explain ? h.Explanation : null))
                .ToImmutableArray();
            var shards = request.Indices.Sum(i => i.NumberOfShards);
            ImmutableArray<(ShardId, ErrorInfo)> failures = SearchFailure is { } failure ? [(request.Indices[^1].Shards.Last(), failure)] : [];
            return Task.FromResult(new SearchResult(
                TimeSpan.FromMilliseconds(1), failures.Length > 0, shards, shards - failures.Length, failures, hits.Length, hits.Length > 0 ? hits[0].Explanation.Score : null, page)
            {
                TotalIsLowerBound = request.CountLimit < hits.Length,
                TerminatedEarly = request.Query.Approximation?.MaxSuperblocks is not null,
                Profiles = request.Profile
                    ? [.. request.Indices.SelectMany(i => i.Shards).Select((s, n) => (s, "node-1", new ShardProfile(n, "SparseVectorQuery", "vec:cat^1", 1500, 2, 1, 7, 3, 9, 48, SearchEnd.Budget)))]
                    : [],
            });
        }
    }

    public Task<ScoreExplanation?> ExplainAsync(IndexMetadata index, string id, SearchQuery query, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_states[index.Name].Live.TryGetValue(id, out var document) ? Score(index, document, query) : null);
        }
    }

    public Task<BroadcastResult> RefreshAsync(ImmutableArray<IndexMetadata> indices, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Refresh(indices.Select(i => _states[i.Name]));
            var shards = indices.Sum(i => i.NumberOfShards);
            return Task.FromResult(new BroadcastResult(shards, shards, []));
        }
    }

    public Task<BroadcastResult> FlushAsync(ImmutableArray<IndexMetadata> indices, CancellationToken cancellationToken) => RefreshAsync(indices, cancellationToken);

    public Task<TextAnalyzed> AnalyzeAsync(string model, EncodingSettings settings, string text, bool asQuery, CancellationToken cancellationToken)
    {
        if (model != Model)
        {
            throw Error("resource_not_found_exception", $"model [{model}] is not offered by any encoder", 404);
        }

        var tokens = ImmutableArray.CreateBuilder<AnalyzedToken>();
        var from = 0;
        foreach (var word in text.Split(' '))
        {
            tokens.Add(new AnalyzedToken(word.ToLowerInvariant(), from, from + word.Length));
            from += word.Length + 1;
        }

        return Task.FromResult(new TextAnalyzed(Guid.NewGuid(), tokens.ToImmutable(), Encode(text), false));
    }

    private static ImmutableArray<FeatureWeight> Encode(string text) =>
        [.. text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries).GroupBy(w => w).Select(g => new FeatureWeight(g.Key, g.Count()))];

    private static ScoreExplanation Score(IndexMetadata index, StoredDocument document, SearchQuery query)
    {
        if (query is MatchAllSearch or MatchNoneSearch)
        {
            return new ScoreExplanation(query is MatchAllSearch, query is MatchAllSearch ? query.Boost : 0, []);
        }

        if (query is SumSearch sum)
        {
            var clauses = sum.Clauses.Select(c => Score(index, document, c)).ToArray();
            return new ScoreExplanation(clauses.Any(c => c.Matched), clauses.Sum(c => c.Score) * query.Boost, [.. clauses.SelectMany(c => c.Contributions)]);
        }

        var (field, vector) = query switch
        {
            TermSearch q => (q.Field, [new FeatureWeight(q.Value, 1)]),
            SemanticSearch q => (q.Field, Encode(q.Text)),
            SparseInferenceSearch q => (q.Field, Encode(q.Text)),
            SparseVectorSearch q => (q.Field, q.Vector),
            _ => throw new InvalidOperationException(query.ToString()),
        };
        var weights = Features(index, document, field);
        var parts = vector.Where(f => weights.ContainsKey(f.Feature))
            .Select(f => new FeatureContribution(field, f.Feature, f.Weight, weights[f.Feature], f.Weight * weights[f.Feature] * query.Boost))
            .OrderByDescending(c => c.Contribution)
            .ToImmutableArray();
        return new ScoreExplanation(parts.Length > 0, parts.Sum(p => p.Contribution), parts);
    }

    private static Dictionary<string, float> Features(IndexMetadata index, StoredDocument document, string field)
    {
        var type = index.Mapping.Fields.GetValueOrDefault(field)?.Type;
        var value = JsonNode.Parse(document.Source.Span)![field];
        return (type, value) switch
        {
            (null, _) or (_, null) => [],
            (FieldType.SparseVector, JsonObject vector) => vector.ToDictionary(f => f.Key, f => (float)f.Value!),
            (FieldType.SemanticText, _) => Encode((string)value!).ToDictionary(f => f.Feature, f => f.Weight),
            _ => new Dictionary<string, float> { [value!.GetValueKind() == JsonValueKind.String ? (string)value! : value.ToJsonString()] = 1 },
        };
    }

    private WriteResult Write(WriteOperation operation)
    {
        if (Refusal(operation) is { } refusal)
        {
            return Failed(operation, operation.Id ?? "", refusal.Type, refusal.Reason, refusal.Status);
        }

        if (!_states.TryGetValue(operation.Index, out var state))
        {
            var index = new IndexMetadata(operation.Index, Guid.NewGuid().ToString("n")[..22], DateTimeOffset.UnixEpoch, 1, 1, 0, TimeSpan.FromSeconds(1), Mapping.Empty);
            Put(index, state = new State(index));
        }

        var id = operation.Id ?? Guid.NewGuid().ToString("n")[..20];
        var old = state.Live.GetValueOrDefault(id);
        if ((operation.IfSeqNo is { } wanted && old?.SeqNo != wanted) || (operation.Kind == WriteKind.Create && old is not null))
        {
            return Failed(operation, id, "version_conflict_engine_exception", $"[{id}]: version conflict", 409);
        }

        var version = state.Versions[id] = state.Versions.GetValueOrDefault(id) + 1;
        if (operation.Kind == WriteKind.Delete)
        {
            state.Live.Remove(id);
            return new WriteResult(operation.Index, id, old is null ? "not_found" : "deleted", old is null ? 404 : 200, version, state.NextSeqNo++, null);
        }

        var source = operation.Source;
        if (operation.Kind == WriteKind.Update)
        {
            var update = JsonNode.Parse(source.Span)!.AsObject();
            if (old is null && update["upsert"] is null && update["doc_as_upsert"] is null)
            {
                return Failed(operation, id, "document_missing_exception", $"[{id}]: document missing", 404);
            }

            var document = old is null ? (update["upsert"] ?? update["doc"])!.DeepClone().AsObject() : JsonNode.Parse(old.Source.Span)!.AsObject();
            if (old is not null)
            {
                var before = document.ToJsonString();
                foreach (var (name, value) in update["doc"]!.AsObject())
                {
                    document[name] = value?.DeepClone();
                }

                if (document.ToJsonString() == before)
                {
                    return new WriteResult(operation.Index, id, "noop", 200, old.Version, old.SeqNo, null) { UpdatedSource = old.Source };
                }
            }

            source = System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
        }

        var stored = state.Live[id] = new StoredDocument(id, version, state.NextSeqNo++, source);
        return new WriteResult(operation.Index, id, old is null ? "created" : "updated", old is null ? 201 : 200, version, stored.SeqNo, null)
        {
            UpdatedSource = operation.Kind == WriteKind.Update ? source : null,
        };
    }

    private static WriteResult Failed(WriteOperation operation, string id, string type, string reason, int status) =>
        new(operation.Index, id, null, status, 0, -1, new ErrorInfo(type, reason, status));

    private static void Refresh(IEnumerable<State> states)
    {
        foreach (var state in states)
        {
            state.Visible = new Dictionary<string, StoredDocument>(state.Live);
        }
    }

    private void Put(IndexMetadata index, State state)
    {
        _states[index.Name] = state;
        _catalog = _catalog with { Version = _catalog.Version + 1, Indices = _catalog.Indices.Add(index) };
    }

    private IndexMetadata Change(IndexMetadata index)
    {
        _states[index.Name].Index = index;
        _catalog = _catalog with { Version = _catalog.Version + 1, Indices = [.. _catalog.Indices.Select(i => i.Name == index.Name ? index : i)] };
        return index;
    }

    private static SearchClusterException Error(string type, string reason, int status) => new(new ErrorInfo(type, reason, status));

    private sealed class State(IndexMetadata index)
    {
        public IndexMetadata Index { get; set; } = index;

        public Dictionary<string, StoredDocument> Live { get; } = [];

        public Dictionary<string, StoredDocument> Visible { get; set; } = [];

        public Dictionary<string, long> Versions { get; } = [];

        public long NextSeqNo { get; set; }
    }
}
