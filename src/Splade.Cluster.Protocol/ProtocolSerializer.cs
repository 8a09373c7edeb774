using System.Collections.Frozen;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Splade.Cluster.Protocol.Wire;

namespace Splade.Cluster.Protocol;

/// <summary>
/// The one serializer of wire and journal: Protobuf behind short, stable manifests. Bound to <see cref="ISpladeProtocol"/> in base.conf.
/// </summary>
public sealed class ProtocolSerializer : SerializerWithStringManifest
{
    private static readonly FrozenDictionary<Type, WireType> ByType = WireTypes.All.ToFrozenDictionary(t => t.Type);
    private static readonly FrozenDictionary<string, WireType> ByManifest = WireTypes.All.ToFrozenDictionary(t => t.Manifest);

    public ProtocolSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override int Identifier => 1605;

    public override string Manifest(object o) => Find(o).Manifest;

    public override byte[] ToBinary(object obj) => Find(obj).ToWire(obj).ToByteArray();

    /// <exception cref="InvalidDataException">The bytes are damaged, or of a newer program.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!ByManifest.TryGetValue(manifest, out var type))
        {
            throw new InvalidDataException($"The manifest '{manifest}' is unknown: a node of the cluster or the journal is newer than this program.");
        }

        try
        {
            return type.FromWire(bytes);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"A message with manifest '{manifest}' is damaged: {exception.Message}", exception);
        }
    }

    private static WireType Find(object message) => ByType.TryGetValue(message.GetType(), out var type)
        ? type
        : throw new ArgumentException($"{message.GetType()} is no message of the protocol: add it to WireTypes.", nameof(message));
}
