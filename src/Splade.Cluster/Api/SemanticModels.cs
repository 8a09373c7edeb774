using System.Collections.Immutable;
using Splade.Cluster.Ingest;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding;

namespace Splade.Cluster.Api;

/// <summary>The models of a mapping's semantic fields.</summary>
internal static class SemanticModels
{
    /// <summary>Encoders tell each second what they have: one that was imported just now is not in what they told last.</summary>
    private static readonly TimeSpan UnknownModelGrace = TimeSpan.FromSeconds(5);

    /// <summary>A large model takes longer than that on a cold disk, but clients don't wait longer.</summary>
    private static readonly TimeSpan LoadingPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Names the model of every semantic field, so that a later default does not change what an index means, and checks that it is there. Without
    /// any encoder there is nothing to check against.
    /// </summary>
    /// <exception cref="SearchClusterException">No encoder has a model; the message names it and those that are there. Or it takes too long to load.</exception>
    public static async Task<Mapping> ResolveAsync(Mapping mapping, INodeDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var resolved = mapping with { Fields = Resolve(mapping.Fields) };
        var wanted = FieldLookup.Leaves(resolved).Select(f => f.Field.InferenceId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var start = time.GetTimestamp();
        while (directory.Current is { HasEncoder: true } now && wanted.Except(now.Models.Select(m => m.Name)).FirstOrDefault() is { } missing)
        {
            var waited = time.GetElapsedTime(start);
            if (now.IsLoading(missing))
            {
                if (waited >= LoadingPatience)
                {
                    throw Errors.ModelIsLoading(missing);
                }
            }
            else if (waited >= UnknownModelGrace)
            {
                throw Errors.NoSuchModel(missing, now.Models.Select(m => m.Name));
            }

            await Task.Delay(LookAgain, time, cancellationToken).ConfigureAwait(false);
        }

        return resolved;
    }

    private static ImmutableSortedDictionary<string, FieldMapping> Resolve(ImmutableSortedDictionary<string, FieldMapping> fields)
    {
        foreach (var (name, field) in fields)
        {
            fields = fields.SetItem(name, field with
            {
                Properties = Resolve(field.Properties),
                SubFields = Resolve(field.SubFields),
                InferenceId = field.Type == FieldType.SemanticText ? field.InferenceId ?? ModelRegistry.DefaultModel : field.InferenceId,
            });
        }

        return fields;
    }
}
