using System.Text.Json;

namespace Splade.Cli.Hub;

/// <summary>A model on a hub: one commit of its repository.</summary>
/// <param name="Commit">The revision's hash, so that all files are of one version.</param>
/// <param name="Licence">As the model card names it; null when it names none.</param>
internal sealed record HubModel(string Id, string Commit, string? Licence, IReadOnlyList<HubFile> Files)
{
    /// <summary>Reads the answer of <c>/api/models/{id}/revision/{revision}?blobs=true</c>.</summary>
    /// <exception cref="CliException">The answer is not one, or names a path that could leave the folder.</exception>
    public static HubModel Parse(string id, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || Text(json, "sha") is not { } commit
            || !json.TryGetProperty("siblings", out var siblings) || siblings.ValueKind != JsonValueKind.Array)
        {
            throw new CliException($"The hub's answer about {id} is no model: it has no [sha] and [siblings]. Is the hub's address right?");
        }

        if (!commit.All(char.IsAsciiLetterOrDigit))
        {
            throw new CliException($"The hub names the commit [{commit}] of {id}, which is no hash.");
        }

        var license = json.TryGetProperty("cardData", out var card) && card.ValueKind == JsonValueKind.Object
            ? Text(card, "license_name") ?? Text(card, "license")
            : null;
        return new HubModel(id, commit, license, [.. siblings.EnumerateArray().Select(f => ParseFile(id, f))]);
    }

    private static HubFile ParseFile(string id, JsonElement json)
    {
        var path = json.ValueKind == JsonValueKind.Object ? Text(json, "rfilename") : null;
        if (path is null || !IsSafe(path))
        {
            throw new CliException($"The hub lists a file [{path}] of {id}, whose path could lead out of the model's folder. Nothing was downloaded.");
        }

        var isLarge = json.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        return new HubFile(
            path,
            Size(isLarge ? lfs : json) ?? Size(json),
            isLarge ? Text(lfs, "sha256") : null,
            isLarge ? null : Text(json, "blobId"));
    }

    private static bool IsSafe(string path) =>
        path.Length is > 0 and <= 500
        && !path.Any(c => char.IsControl(c) || c is '\\' or ':')
        && path.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static long? Size(JsonElement json) =>
        json.TryGetProperty("size", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var size) && size >= 0 ? size : null;
}

/// <summary>A file of a model.</summary>
/// <param name="Path">Relative, <c>/</c> between its parts.</param>
/// <param name="Size">Bytes; null when the hub does not say.</param>
/// <param name="Sha256">Of the content of a large file (LFS).</param>
/// <param name="BlobId">Git's SHA-1 of an ordinary file: of <c>blob {size}\0</c> and the content.</param>
internal sealed record HubFile(string Path, long? Size, string? Sha256, string? BlobId);
