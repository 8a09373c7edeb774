using System.CommandLine;
using Splade.Encoding.Passages;

namespace Splade.Cli.Commands.Models;

/// <summary>How long texts are cut, as the <c>chunking_settings</c> of a field say it.</summary>
internal sealed class PassageOptions
{
    private readonly Option<string> _strategy;
    private readonly Option<int?> _size = new("--passage-tokens") { Description = "Tokens of a passage, special tokens left out; default the model's limit." };
    private readonly Option<int?> _overlap = new("--overlap") { Description = "What a passage repeats of the one before: sentences (default 1), or tokens with --passages word (default 0)." };

    /// <param name="strategy">Where the command line has none.</param>
    public PassageOptions(string strategy) => _strategy = CommandRunner.Option(
        "--passages", "Long texts: 'none' cuts them off, 'sentence' and 'word' cut them into passages that overlap.", strategy);

    public void AddTo(Command command)
    {
        command.Options.Add(_strategy);
        command.Options.Add(_size);
        command.Options.Add(_overlap);
    }

    /// <exception cref="CliException">A setting that does not work.</exception>
    public ChunkingSettings Read(ParseResult parsed)
    {
        var strategy = parsed.GetValue(_strategy);
        var overlap = parsed.GetValue(_overlap);
        var byWord = strategy == "word";
        try
        {
            return ChunkingSettings.Parse(strategy, parsed.GetValue(_size), byWord ? overlap : null, byWord ? null : overlap, maxChunks: null);
        }
        catch (FormatException exception)
        {
            throw new CliException(
                exception.Message.Replace("[strategy]", "--passages", StringComparison.Ordinal).Replace("[max_chunk_size]", "--passage-tokens", StringComparison.Ordinal)
                    .Replace("[sentence_overlap]", "--overlap", StringComparison.Ordinal).Replace("[overlap]", "--overlap", StringComparison.Ordinal),
                exception);
        }
    }
}
