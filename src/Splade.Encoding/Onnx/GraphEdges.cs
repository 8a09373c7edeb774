namespace Splade.Encoding.Onnx;

/// <summary>Finds what makes and what uses a value of a graph, and removes what nothing needs.</summary>
internal sealed class GraphEdges
{
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _initializers;

    public GraphEdges(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output)
            {
                _producers[output] = node;
            }
        }

        _initializers = graph.Initializer.GroupBy(i => i.Name).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
    }

    public NodeProto? Producer(string value) => _producers.GetValueOrDefault(value);

    public TensorProto? Initializer(string value) => _initializers.GetValueOrDefault(value);

    /// <summary>Removes nodes and weights that no output of the graph needs.</summary>
    public static void Prune(GraphProto graph)
    {
        var edges = new GraphEdges(graph);
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(graph.Output.Select(o => o.Name));
        while (open.TryPop(out var value))
        {
            if (needed.Add(value) && edges.Producer(value) is { } node)
            {
                foreach (var input in Inputs(node))
                {
                    open.Push(input);
                }
            }
        }

        Keep(graph.Node, n => n.Output.Any(needed.Contains));
        Keep(graph.Initializer, i => needed.Contains(i.Name));
        Keep(graph.ValueInfo, v => needed.Contains(v.Name));

        // Old files list weights among the inputs, too. Inputs of the model itself stay: callers give them.
        Keep(graph.Input, i => needed.Contains(i.Name) || edges.Initializer(i.Name) is null);
    }

    /// <summary>What a node reads, that of the graphs inside it included.</summary>
    private static IEnumerable<string> Inputs(NodeProto node) => node.Input.Where(i => i.Length > 0)
        .Concat(node.Attribute.Where(a => a.G is not null).SelectMany(a => a.G.Node.SelectMany(Inputs).Concat(a.G.Output.Select(o => o.Name))));

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> items, Func<T, bool> keep)
    {
        T[] kept = [.. items.Where(keep)];
        if (kept.Length < items.Count)
        {
            items.Clear();
            items.AddRange(kept);
        }
    }
}
