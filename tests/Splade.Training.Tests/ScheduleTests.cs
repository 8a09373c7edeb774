using Splade.Training.Schedules;

namespace Splade.Training.Tests;

public sealed class ScheduleTests
{
    [SkippableFact]
    public void Regularizer_weights_are_those_of_the_reference()
    {
        foreach (var schedule in Golden.Json("regularizer-schedule.json").EnumerateArray())
        {
            var shape = schedule.GetProperty("type").GetString() == "linear" ? Warmup.Linear : Warmup.Quadratic;
            var (total, share) = (schedule.GetProperty("total_steps").GetInt32(), schedule.GetProperty("warmup_ratio").GetDouble());
            var documents = WeightSchedule.Of(schedule.GetProperty("max_document_weight").GetDouble(), total, share, shape);
            var queries = WeightSchedule.Of(schedule.GetProperty("max_query_weight").GetDouble(), total, share, shape);
            var step = 0;
            foreach (var weights in schedule.GetProperty("weights_at_step_0_based").EnumerateArray())
            {
                documents.At(step).ShouldBe(weights[0].GetDouble(), 1e-15);
                queries.At(step).ShouldBe(weights[1].GetDouble(), 1e-15);
                step++;
            }

            step.ShouldBeGreaterThan(0);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0.25)]
    [InlineData(2, 1)]
    [InlineData(9, 1)]
    public void A_quadratic_warm_up_grows_with_the_square(int step, double expected) => new WeightSchedule(1, 2).At(step).ShouldBe(expected);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0.5)]
    [InlineData(2, 1)]
    [InlineData(6, 0.5)]
    [InlineData(10, 0)]
    public void The_learning_rate_rises_and_falls_linearly(int step, double expected) => new LearningRateSchedule(2, 10).At(step).ShouldBe(expected);

    [Fact]
    public void Without_a_warm_up_the_rate_starts_at_its_peak() => new LearningRateSchedule(0, 5).At(0).ShouldBe(1);
}
