using Splade.Cluster.Protocol.Encoding;

namespace Splade.Cluster.Protocol.Wire;

internal static class EncodingMapping
{
    public static RequestWork ToWire(Encoding.RequestWork message)
    {
        var wire = new RequestWork { WorkerId = message.WorkerId.ToWire(), MaxTokens = message.MaxTokens };
        wire.Models.AddRange(message.Models);
        return wire;
    }

    public static Encoding.RequestWork FromWire(RequestWork wire) => new(wire.WorkerId.ToGuid(), wire.MaxTokens, [.. wire.Models]);

    public static EncodeBatch ToWire(Encoding.EncodeBatch message)
    {
        var wire = new EncodeBatch { BatchId = message.BatchId.ToWire(), Model = message.Model, Settings = message.Settings.ToWire() };
        wire.Texts.AddRange(message.Texts);
        return wire;
    }

    public static Encoding.EncodeBatch FromWire(EncodeBatch wire) => new(wire.BatchId.ToGuid(), wire.Model, wire.Settings.FromWire(), [.. wire.Texts]);

    public static EncodeResult ToWire(Encoding.EncodeResult message)
    {
        var table = new FeatureTable();
        var wire = new EncodeResult { BatchId = message.BatchId.ToWire(), WorkerId = message.WorkerId.ToWire(), First = message.First };
        wire.Documents.AddRange(message.Documents.Select(d => ToWire(d, table)));
        wire.Features.AddRange(table.Names);
        return wire;
    }

    public static Encoding.EncodeResult FromWire(EncodeResult wire) => new(
        wire.BatchId.ToGuid(), wire.WorkerId.ToGuid(), [.. wire.Documents.Select(d => FromWire(d, wire.Features))])
    {
        First = wire.First,
    };

    public static EncodeQuery ToWire(Encoding.EncodeQuery message) => new()
    {
        RequestId = message.RequestId.ToWire(), Model = message.Model, Settings = message.Settings.ToWire(), Text = message.Text, Deadline = message.Deadline.ToWire(),
    };

    public static Encoding.EncodeQuery FromWire(EncodeQuery wire) =>
        new(wire.RequestId.ToGuid(), wire.Model, wire.Settings.FromWire(), wire.Text, wire.Deadline.ToTime());

    public static QueryEncoded ToWire(Encoding.QueryEncoded message)
    {
        var table = new FeatureTable();
        var wire = new QueryEncoded { RequestId = message.RequestId.ToWire(), Query = ToWire(message.Query, table) };
        wire.Features.AddRange(table.Names);
        return wire;
    }

    public static Encoding.QueryEncoded FromWire(QueryEncoded wire) => new(wire.RequestId.ToGuid(), FromWire(wire.Query, wire.Features));

    public static AnalyzeText ToWire(Encoding.AnalyzeText message) => new()
    {
        RequestId = message.RequestId.ToWire(),
        Model = message.Model,
        Settings = message.Settings.ToWire(),
        Text = message.Text,
        AsQuery = message.AsQuery,
        Deadline = message.Deadline.ToWire(),
    };

    public static Encoding.AnalyzeText FromWire(AnalyzeText wire) =>
        new(wire.RequestId.ToGuid(), wire.Model, wire.Settings.FromWire(), wire.Text, wire.AsQuery, wire.Deadline.ToTime());

    public static TextAnalyzed ToWire(Encoding.TextAnalyzed message)
    {
        var wire = new TextAnalyzed
        {
            RequestId = message.RequestId.ToWire(),
            Truncated = message.Truncated,
            Error = message.Error.ToWire(),
            UnprunedCount = message.UnprunedCount,
            Passages = message.Passages,
        };
        wire.Tokens.AddRange(message.Tokens.Select(t => new Token { Token_ = t.Token, Start = t.Start, End = t.End }));
        wire.Expansion.AddRange(message.Expansion.Select(f => f.ToWire()));
        return wire;
    }

    public static Encoding.TextAnalyzed FromWire(TextAnalyzed wire) => new(
        wire.RequestId.ToGuid(),
        [.. wire.Tokens.Select(t => new AnalyzedToken(t.Token_, t.Start, t.End))],
        wire.Expansion.FromWire(),
        wire.Truncated,
        wire.Error.FromWireOrNull())
    {
        UnprunedCount = wire.UnprunedCount, Passages = wire.Passages,
    };

    private static Encoded ToWire(EncodedDocument document, FeatureTable table)
    {
        var wire = new Encoded
        {
            Vector = table.Add(document.Features),
            TokenCount = document.TokenCount,
            Truncated = document.Truncated,
            Error = document.Error.ToWire(),
            UnprunedCount = document.UnprunedCount,
            Passages = document.Passages,
            CountedFrom = document.CountedFrom,
            CollectionIdfShare = document.CollectionIdfShare,
            Fingerprint = document.Fingerprint,
        };
        wire.ShippedIdf.AddRange(document.ShippedIdf);
        wire.FurtherPassages.AddRange(document.FurtherPassages.Select(table.Add));
        return wire;
    }

    private static EncodedDocument FromWire(Encoded wire, IReadOnlyList<string> features) =>
        new(FeatureTable.Read(wire.Vector, features), wire.TokenCount, wire.Truncated, wire.Error.FromWireOrNull())
        {
            UnprunedCount = wire.UnprunedCount,
            Passages = wire.Passages,
            FurtherPassages = [.. wire.FurtherPassages.Select(p => FeatureTable.Read(p, features))],
            ShippedIdf = [.. wire.ShippedIdf],
            CountedFrom = wire.CountedFrom,
            Fingerprint = wire.Fingerprint,
            CollectionIdfShare = wire.HasCollectionIdfShare ? wire.CollectionIdfShare : 0.5f,
        };
}
