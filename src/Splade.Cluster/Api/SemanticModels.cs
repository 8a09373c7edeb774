using System.Collections.Immutable;
using Splade.Cluster.Ingest;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding;

namespace Splade.Cluster.Api;

/// <summary>The models of a mapping's semantic fields.</summary>
internal static class SemanticModels
{
    /// <summary>An encoder describes a model when it has loaded it, a moment after its start.</summary>
    private static readonly TimeSpan LoadingGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Names the model of every semantic field, so that a later default does not change what an index means, and checks that it is there. Without
    /// any encoder there is nothing to check against.
    /// </summary>
    /// <exception cref="SearchClusterException">No encoder has a model; the message names it and those that are there.</exception>
    public static async Task<Mapping> ResolveAsync(Mapping mapping, INodeDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var resolved = mapping with { Fields = Resolve(mapping.Fields) };
        var wanted = FieldLookup.Leaves(resolved).Select(f => f.Field.InferenceId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var start = time.GetTimestamp();
        while (directory.Current.HasEncoder && wanted.Except(directory.Current.Models.Select(m => m.Name)).FirstOrDefault() is { } missing)
        {
            if (time.GetElapsedTime(start) >= LoadingGrace)
            {
                throw Errors.NoSuchModel(missing, directory.Current.Models.Select(m => m.Name));
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
