using System.Text.Json.Nodes;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Import;

/// <summary>Copies what an imported package needs besides its graph: settings, tokenizers, tables, model card and licence.</summary>
internal static class PackageCopy
{
    private static readonly string[] Endings = [".json", ".txt", ".model", ".md"];
    private static readonly string[] Names = ["LICENSE", "LICENCE", "NOTICE"];

    /// <param name="package">The package to be imported.</param>
    /// <param name="target">A folder that is there.</param>
    public static void Copy(ModelPackage package, string target)
    {
        var files = package.Files;
        foreach (var file in files.All().Where(f => IsWanted(files.Folder, f)))
        {
            CopyFile(file, Path.Combine(target, Path.GetRelativePath(files.Folder, file)));
        }

        if (package.QueryTable?.TableFile is { } table)
        {
            CopyFile(files.PathOf(table), Path.Combine(target, table.Replace('/', Path.DirectorySeparatorChar)));
        }

        // Module folders count even when they hold nothing that is copied.
        foreach (var folder in Directory.EnumerateDirectories(files.Folder).Select(f => Path.GetFileName(f)!).Where(f => !f.StartsWith('.') && f != "onnx"))
        {
            Directory.CreateDirectory(Path.Combine(target, folder));
        }
    }

    /// <summary>Notes in splade.json where the package came from.</summary>
    public static void Describe(PackageFiles files, string target, JsonObject imported)
    {
        var settings = files.Has(PackageSettings.File) ? JsonNode.Parse(files.ReadText(PackageSettings.File))!.AsObject() : [];
        settings["imported"] = imported;
        File.WriteAllText(Path.Combine(target, PackageSettings.File), settings.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    /// <summary>The licence that the model card's header names, else the first line of the licence file; null for neither.</summary>
    public static string? Licence(PackageFiles files)
    {
        if (files.Has("README.md"))
        {
            var lines = files.ReadText("README.md").Split('\n').Select(l => l.TrimEnd()).ToArray();
            var header = lines is ["---", ..] ? lines.Skip(1).TakeWhile(l => l != "---") : [];
            if (header.FirstOrDefault(l => l.StartsWith("license:", StringComparison.Ordinal)) is { } line)
            {
                return line["license:".Length..].Trim().Trim('"', '\'');
            }
        }

        // Some packages have a folder of that name.
        return Names.Take(2).SelectMany(n => new[] { n, n + ".txt", n + ".md" }).FirstOrDefault(n => File.Exists(files.PathOf(n))) is { } file
            ? files.ReadText(file).Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0)
            : null;
    }

    private static bool IsWanted(string root, string file)
    {
        var parts = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar);
        var name = parts[^1];
        return !parts.Any(p => p.StartsWith('.')) && parts[..^1].All(p => p is not ("onnx" or "openvino" or "coreml"))
            && (Endings.Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) || Names.Any(n => name.StartsWith(n, StringComparison.Ordinal)))
            && !name.EndsWith(".index.json", StringComparison.Ordinal);
    }

    private static void CopyFile(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        using var source = RegularFile.Open(from);
        using var target = File.Create(to);
        PackageFiles.CopyBounded(source, target, from);
    }
}
