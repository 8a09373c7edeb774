using Splade.Encoding;
using Splade.Tests;
using Splade.Training.Data;
using Splade.Training.Distillation;
using Splade.Training.Runs;

namespace Splade.Training.Tests;

/// <summary>Runs from texts and a dense encoder to a package.</summary>
[Collection(TorchTests.Name)]
public sealed class DistilRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DistilOptions _options;

    public DistilRunTests()
    {
        var german = Path.Combine(_folder.Path, "german.txt");
        File.WriteAllLines(german, Enumerable.Range(0, 40).Select(i => $"Der alte Fluss Nummer {i} braucht einen Garten und eine Brücke. Niemand findet die Brücke im Winter."));
        _options = new DistilOptions
        {
            Sources = [$"tales=en:{TinyTexts.WritePassages(_folder.Path)}", $"tales=de:{german}"], Teacher = TinyTeacher.Write(_folder.Path), Texts = 100, Dimensions = 16, Steps = 120,
            BatchTexts = 32, License = "mit", ExpansionTerms = 10, CheckpointEvery = 50, Threads = 1,
        };
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Texts_and_a_teacher_become_a_package_that_expands_its_language_and_no_other()
    {
        var run = Run("models/tiny");
        var losses = MetricsFile.Read(run.MetricsFile).Select(m => m.Values.GetProperty("loss").GetDouble()).ToArray();
        losses.Length.ShouldBe(120);
        losses[^10..].Average().ShouldBeLessThan(0.7 * losses[..10].Average());
        File.ReadAllText(Path.Combine(run.Root, "metrics.svg")).ShouldContain("<svg");
        var card = File.ReadAllText(Path.Combine(run.Package, "README.md"));
        card.ShouldContain("license: mit");
        card.ShouldContain("seed 1");
        card.ShouldContain("| en | tales |");
        card.ShouldContain("teacher, texts");

        using var registry = new ModelRegistry(_folder.Path);
        var encoder = registry.Get("tiny");
        encoder.Description.InferenceFreeQueries.ShouldBeTrue();
        var vectors = encoder.EncodeDocuments(["The river carries the engine every day.", "Niemand findet die Brücke im Winter.", ""], default);
        Expansion(vectors[0], "river", "engine").ShouldBeGreaterThan(0);
        Expansion(vectors[1], "brücke", "brucke", "niemand", "findet", "winter").ShouldBe(0);
        vectors[2].Indices.ShouldBeEmpty();
        encoder.EncodeQuery("river river engine", default).Weights.Length.ShouldBe(2);

        int Expansion(EncodedText text, params string[] own) => text.Indices.Count(i => !own.Any(w => w.StartsWith(encoder.GetFeature(i), StringComparison.Ordinal) || encoder.GetFeature(i).StartsWith("##", StringComparison.Ordinal))
            && encoder.GetFeature(i) is not ("carries" or "carri" or "carry" or "every" or "day" or "die" or "im"));
    }

    [Fact]
    public void A_run_that_was_stopped_or_killed_goes_on_to_the_same_bytes()
    {
        var whole = Run("whole");
        using var stop = new CancellationTokenSource();
        var stopped = Folder("stopped");
        Should.Throw<OperationCanceledException>(() => new DistilRun(stopped, _options, new SilentProgress { Stop = stop, StopAfter = 30 }).Run(stop.Token));
        new DistilRun(stopped, stopped.ReadOptions<DistilOptions>(), new SilentProgress()).Run(CancellationToken.None);
        Model(stopped).ShouldBe(Model(whole));

        // What a kill leaves: the last checkpoint; and, earlier, a part of the teacher's vectors and half a row.
        var killed = Folder("killed");
        Should.Throw<KilledException>(() => new DistilRun(killed, _options, new SilentProgress { KillAfter = 70 }).Run(CancellationToken.None));
        var vectors = Path.Combine(killed.Root, "texts.f16");
        using (var file = File.OpenWrite(vectors))
        {
            file.SetLength((24 * 2 * 31) + 5);
        }

        new DistilRun(killed, killed.ReadOptions<DistilOptions>(), new SilentProgress()).Run(CancellationToken.None);
        Model(killed).ShouldBe(Model(whole));
        File.ReadAllBytes(vectors).ShouldBe(File.ReadAllBytes(Path.Combine(whole.Root, "texts.f16")));

        static byte[] Model(RunFolder run) => File.ReadAllBytes(Path.Combine(run.Package, "onnx", "model.onnx"));
    }

    [Fact]
    public void What_cannot_be_used_is_refused_before_anything_is_written()
    {
        Refused(_options with { Sources = [] }).ShouldContain("--source");
        Refused(_options with { Sources = ["books"] }).ShouldContain("NAME=LANGUAGE:FILE");
        Refused(_options with { Beir = ["/no/such/folder"] }).ShouldContain("There is no file");
        Refused(_options with { Teacher = _folder.Path }).ShouldContain("can't be used");
        Refused(_options with { ExpansionThreshold = 1 }).ShouldContain("--expansion-threshold");

        string Refused(DistilOptions options)
        {
            var run = Folder("refused");
            var message = Should.Throw<TrainingDataException>(() => new DistilRun(run, options, new SilentProgress()).Run(CancellationToken.None)).Message;
            Directory.Exists(run.Package).ShouldBeFalse();
            return message;
        }
    }

    private RunFolder Folder(string name) => new(Path.Combine(_folder.Path, name), DistilRun.OptionsFile);

    private RunFolder Run(string name)
    {
        var run = Folder(name);
        new DistilRun(run, _options, new SilentProgress()).Run(CancellationToken.None);
        return run;
    }
}
