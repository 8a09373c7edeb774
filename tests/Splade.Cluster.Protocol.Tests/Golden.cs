namespace Splade.Cluster.Protocol.Tests;

/// <summary>Journal events as version 0.1 wrote them, Base64.</summary>
internal static class Golden
{
    public const string DocumentsIndexed = "ChAzIhEAVUR3ZoiZqrvM3e7/EgNjYXQSA3RoZRoyCAESAmQxGAMgESoOeyJ0ZXh0IjoiY2F0In0yFgoEYm9keRIOCgIAARIIAADAPwAAgD4=";
    public const string ManifestPublished = "CCoQYxoWCgIwYRIQdS9tdWwuMDAwLzBhLnNlZxorCgIwYhIQdS9tdWwuMDAwLzBiLnNlZxoTdS9tdWwuMDAwLzBiLjEubGl2ZSIYChAzIhEAVUR3ZoiZqrvM3e7/EgQQARgF";
    public const string IndexCreated = "Ci0KBHdpa2kSAXUYgICxkN630u8IIAEoAjjoB0IRCAISDQoEYm9keRIFCAkqAW0=";
}
