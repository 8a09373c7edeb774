using Google.Protobuf;

namespace Splade.Cluster.Protocol.Wire;

/// <summary>How one message type is written and read.</summary>
internal sealed record WireType(Type Type, string Manifest, Func<object, IMessage> ToWire, Func<byte[], object> FromWire)
{
    public static WireType Of<TMessage, TWire>(string manifest, Func<TMessage, TWire> toWire, MessageParser<TWire> parser, Func<TWire, TMessage> fromWire)
        where TMessage : ISpladeProtocol
        where TWire : IMessage<TWire> =>
        new(typeof(TMessage), manifest, m => toWire((TMessage)m), bytes => fromWire(parser.ParseFrom(bytes)));
}
