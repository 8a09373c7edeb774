using Akka.Configuration;
using Splade.Cluster.Membership;
using Splade.Tests;

namespace Splade.Cluster.Tests.Membership;

/// <summary>By the clock of the test, with the settings of base.conf.</summary>
public sealed class RunningTimeFailureDetectorTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime _time = new();
    private readonly RunningTimeFailureDetector _detector;

    public RunningTimeFailureDetectorTests()
    {
        var file = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster-config", "base.conf")));
        var config = file.WithFallback(ConfigurationFactory.FromResource<Akka.Cluster.Cluster>("Akka.Cluster.Configuration.Cluster.conf"));
        _detector = new RunningTimeFailureDetector(config.GetConfig("akka.cluster.failure-detector"), new RunningClock(_time, TimeSpan.FromSeconds(2)));
        for (var i = 0; i < 20; i++)
        {
            _detector.HeartBeat();
            _time.Advance(Second);
        }
    }

    [Fact]
    public void A_member_that_is_silent_while_this_process_runs_is_taken_for_dead()
    {
        SecondsUntilDead().ShouldBeInRange(8, 12);
        _detector.HeartBeat();
        _detector.IsAvailable.ShouldBeTrue();
    }

    [Fact]
    public void A_process_that_stood_still_again_and_again_blames_nobody()
    {
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            _detector.IsAvailable.ShouldBeTrue();
        }

        // And sees a dead one no less, if somewhat later: a heartbeat was late.
        _time.Advance(Second);
        _detector.HeartBeat();
        SecondsUntilDead().ShouldBeInRange(8, 20);
    }

    [Fact]
    public void A_clock_of_running_time_counts_a_pause_as_no_more_than_its_longest()
    {
        var clock = new RunningClock(_time, TimeSpan.FromSeconds(2));
        _time.Advance(Second);
        clock.Elapsed.ShouldBe(Second);
        _time.Advance(TimeSpan.FromHours(1));
        clock.Elapsed.ShouldBe(3 * Second);
        clock.Elapsed.ShouldBe(3 * Second);
    }

    private int SecondsUntilDead()
    {
        var silent = 0;
        for (; _detector.IsAvailable; silent++)
        {
            _time.Advance(Second);
        }

        return silent;
    }
}
