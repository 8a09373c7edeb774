using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Node.Tests.Support;

namespace Splade.Node.Tests.Rest;

public sealed class SearchTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync()
    {
        _node = await TestNode.StartAsync();
        await _node.LoadBooksAsync();
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("""{"match_all":{}}""", "1,2,3")]
    [InlineData("""{"match_none":{}}""", "")]
    [InlineData("""{"term":{"kind":"animal"}}""", "1,2")]
    [InlineData("""{"term":{"year":{"value":2003,"boost":2}}}""", "3")]
    [InlineData("""{"term":{"vec":"5.0k"}}""", "1")]
    [InlineData("""{"term":{"unmapped":"x"}}""", "")]
    [InlineData("""{"semantic":{"field":"body","query":"dog"}}""", "2,1")]
    [InlineData("""{"match":{"body":"dog"}}""", "2,1")]
    [InlineData("""{"match":{"body":{"query":"sea"}}}""", "3")]
    [InlineData("""{"sparse_vector":{"field":"vec","query_vector":{"cat":1,"ship":0.5}}}""", "1,3")]
    [InlineData("""{"sparse_vector":{"field":"vec","inference_id":"words","query":"dog"}}""", "2")]
    [InlineData("""{"sparse_vector":{"field":"body","query":"dog","prune":false}}""", "2,1")]
    [InlineData("""{"neural_sparse":{"vec":{"query_tokens":{"ship":1}}}}""", "3")]
    [InlineData("""{"neural_sparse":{"body":{"query_text":"dog","model_id":"words"}}}""", "2,1")]
    public async Task Queries_find_what_they_should(string query, string ids)
    {
        var answer = await _node.PostAsync("/books/_search", $$"""{"query":{{query}}}""");
        answer.Status.ShouldBe(200, answer.Text);
        string.Join(',', answer.HitIds).ShouldBe(ids);
        ((int)answer.Json["hits"]!["total"]!["value"]!).ShouldBe(answer.HitIds.Count());
        answer.Json["_shards"]!.ToJsonString().ShouldBe("""{"total":2,"successful":2,"skipped":0,"failed":0}""");
        ((int)(await _node.PostAsync("/books/_count", $$"""{"query":{{query}}}""")).Json["count"]!).ShouldBe(answer.HitIds.Count());
    }

    [Theory]
    [InlineData("""{}""", "parsing_exception", "query malformed, empty clause found")]
    [InlineData("""[]""", "parsing_exception", "[query] malformed")]
    [InlineData("""{"mtch":{"body":"x"}}""", "parsing_exception", "unknown query [mtch] did you mean [match]?")]
    [InlineData("""{"dis_max":{"queries":[]}}""", "parsing_exception", "unknown query [dis_max]")]
    [InlineData("""{"match_all":{},"match_none":{}}""", "parsing_exception", "found [match_none]")]
    [InlineData("""{"match_all":[]}""", "parsing_exception", "[match_all] query malformed, no start_object after query name")]
    [InlineData("""{"match_all":{"boots":1}}""", "x_content_parse_exception", "[match_all] unknown field [boots] did you mean [boost]?")]
    [InlineData("""{"match_all":{"boost":-1}}""", "illegal_argument_exception", "negative [boost]")]
    [InlineData("""{"match_all":{"boost":"NaN"}}""", "parsing_exception", "finite")]
    [InlineData("""{"term":{"kind":"a","year":1}}""", "parsing_exception", "doesn't support multiple fields, found [kind] and [year]")]
    [InlineData("""{"term":{"kind":["a"]}}""", "parsing_exception", "array")]
    [InlineData("""{"term":{"kind":null}}""", "illegal_argument_exception", "null")]
    [InlineData("""{"term":{"title":"x"}}""", "illegal_argument_exception", "is type [text]")]
    [InlineData("""{"term":{"_id":"1"}}""", "illegal_argument_exception", "[_id]")]
    [InlineData("""{"match":{"title":"x"}}""", "illegal_argument_exception", "must be type [semantic_text] but is type [text]")]
    [InlineData("""{"match":{"body":{"query":"x","operator":"and"}}}""", "x_content_parse_exception", "[operator]")]
    [InlineData("""{"semantic":{"field":"kind","query":"x"}}""", "illegal_argument_exception", "[kind] must be type [semantic_text] but is type [keyword]")]
    [InlineData("""{"semantic":{"field":"body"}}""", "illegal_argument_exception", "requires [query]")]
    [InlineData("""{"sparse_vector":{"field":"vec"}}""", "illegal_argument_exception", "[sparse_vector] requires one of [query_vector] or [query]")]
    [InlineData("""{"sparse_vector":{"field":"vec","query":"x","query_vector":{"a":1}}}""", "illegal_argument_exception", "requires one of")]
    [InlineData("""{"sparse_vector":{"field":"vec","query":"x"}}""", "illegal_argument_exception", "inference_id required to perform vector search on query string")]
    [InlineData("""{"sparse_vector":{"field":"kind","query_vector":{"a":1}}}""", "illegal_argument_exception", "is type [keyword]")]
    [InlineData("""{"sparse_vector":{"field":"vec","query_vector":{"a":-1}}}""", "illegal_argument_exception", "must be positive")]
    [InlineData("""{"sparse_vector":{"field":"vec","query_vector":{"a":0}}}""", "illegal_argument_exception", "must be positive")]
    [InlineData("""{"sparse_vector":{"field":"vec","query_vector":{"a":1e99}}}""", "parsing_exception", "finite")]
    [InlineData("""{"sparse_vector":{"field":"vec","query_vector":{"a":"1"}}}""", "illegal_argument_exception", "must be a number")]
    [InlineData("""{"sparse_vector":{"field":"vec","query_vector":{"a":1},"prune":true}}""", "illegal_argument_exception", "[prune] is not supported")]
    [InlineData("""{"neural_sparse":{"body":{"query_text":"dog","analyzer":"x"}}}""", "x_content_parse_exception", "[analyzer]")]
    public async Task Queries_that_can_not_be_are_refused_with_their_place(string query, string type, string reason)
    {
        var answer = (await _node.PostAsync("/books/_search", $$"""{"query":{{query}}}""")).ShouldBeError(400, type, reason);
        ((int)answer.Json["error"]!["line"]!).ShouldBe(1);
        ((int)answer.Json["error"]!["col"]!).ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData("""{"from":9999,"size":2}""", "illegal_argument_exception", "less than or equal to: [10000] but was [10001]")]
    [InlineData("""{"from":-1}""", "illegal_argument_exception", "[from] parameter cannot be negative")]
    [InlineData("""{"size":-1}""", "illegal_argument_exception", "[size] parameter cannot be negative")]
    [InlineData("""{"size":99999999999}""", "parsing_exception", "[size]")]
    [InlineData("""{"min_score":1}""", "parsing_exception", "[min_score]")]
    [InlineData("""{"sort":["_doc"]}""", "parsing_exception", "[sort]")]
    [InlineData("""{"qery":{}}""", "parsing_exception", "did you mean [query]?")]
    [InlineData("""{"aggs":{}}""", "parsing_exception", "unknown or unsupported key [aggs] in the search body; supported are [query, from, size,")]
    [InlineData("""{"track_total_hits":-2}""", "illegal_argument_exception", "[track_total_hits]")]
    [InlineData("""{"timeout":"soon"}""", "illegal_argument_exception", "[soon]")]
    public async Task Search_bodies_are_strict(string body, string type, string reason) =>
        (await _node.PostAsync("/_search", body)).ShouldBeError(400, type, reason);

    [Fact]
    public async Task A_hit_shows_what_was_asked_for()
    {
        var answer = await _node.PostAsync(
            "/books/_search",
            """{"query":{"sparse_vector":{"field":"vec","query_vector":{"cat":2},"boost":3,"_name":"q"}},"explain":true,"version":true,"seq_no_primary_term":true,"_source":{"includes":["t*"]}}""");
        var hit = answer.Json["hits"]!["hits"]![0]!;
        ((float)hit["_score"]!).ShouldBe(15f);
        ((float)answer.Json["hits"]!["max_score"]!).ShouldBe(15f);
        hit["_source"]!.ToJsonString().ShouldBe("""{"title":"Cats"}""");
        ((int)hit["_version"]!).ShouldBe(1);
        ((int)hit["_primary_term"]!).ShouldBe(1);
        hit["matched_queries"]!.ToJsonString().ShouldBe("""["q"]""");
        var part = hit["_explanation"]!["details"]![0]!;
        ((float)part["value"]!).ShouldBe(15f);
        ((string)part["description"]!).ShouldStartWith("weight(vec:cat)");
        part["details"]!.AsArray().Select(d => (float)d!["value"]!).ShouldBe([2f, 2.5f]);
    }

    [Theory]
    [InlineData("""{"neural_sparse":{"vec":{"query_tokens":{"cat":1},"method_parameters":{"heap_factor":0.5,"max_superblocks":4}}}}""", 0.5, 4)]
    [InlineData("""{"sparse_vector":{"field":"vec","query_vector":{"cat":1},"method_parameters":{"heap_factor":2}}}""", 1.0, null)]
    [InlineData("""{"semantic":{"field":"body","query":"dog","method_parameters":{"heap_factor":0.75}}}""", 0.75, null)]
    public async Task A_sparse_query_may_be_approximate(string query, double scale, int? superblocks)
    {
        var answer = await _node.PostAsync("/books/_search", $$"""{"track_total_hits":false,"query":{{query}}}""");
        answer.Status.ShouldBe(200, answer.Text);
        var request = _node.Cluster.Searches[^1];
        request.Query.Approximation.ShouldBe(new Approximation(scale, superblocks));
        request.CountLimit.ShouldBe(0);
        answer.Json["terminated_early"]?.GetValue<bool>().ShouldBe(superblocks is not null);
    }

    [Fact]
    public async Task Clauses_of_a_bool_are_summed()
    {
        var vector = """{"sparse_vector":{"field":"vec","query_vector":{"cat":2},"boost":3,"method_parameters":{"heap_factor":0.5}}}""";
        var text = """{"semantic":{"field":"body","query":"dog","method_parameters":{"heap_factor":0.75,"whole_vectors":true}}}""";
        var answer = await _node.PostAsync("/books/_search", "{\"query\":{\"bool\":{\"should\":[" + vector + "," + text + "],\"minimum_should_match\":1,\"boost\":2}}}");
        answer.Status.ShouldBe(200, answer.Text);
        var sum = _node.Cluster.Searches[^1].Query.ShouldBeOfType<SumSearch>();
        (sum.Boost, sum.Clauses.Length, sum.Approximation).ShouldBe((2f, 2, new Approximation(0.75, null)));
        sum.Clauses[0].ShouldBeOfType<SparseVectorSearch>().Boost.ShouldBe(3f);
        sum.Clauses.Select(c => c.WholeVectors).ShouldBe([false, true]);
        (await _node.PostAsync("/books/_search", "{\"query\":{\"bool\":{\"should\":" + vector + "}}}")).Status.ShouldBe(200);
        (await _node.PostAsync("/books/_search", """{"query":{"bool":{}}}""")).Status.ShouldBe(200);
        _node.Cluster.Searches[^1].Query.ShouldBeOfType<MatchAllSearch>();
    }

    [Theory]
    [InlineData("""{"must":[]}""", "[bool] [must] is not supported yet")]
    [InlineData("""{"should":[{"match_all":{}}]}""", "[bool] [should] does not support [match_all] clauses")]
    [InlineData("""{"should":[{"term":{"kind":{"value":"a","_name":"n"}}}]}""", "[_name] is not supported in clauses of [bool]")]
    [InlineData("""{"should":[{"term":{"kind":"a"}}],"minimum_should_match":2}""", "[minimum_should_match] other than [1]")]
    [InlineData("""{"shuold":[]}""", "[bool] unknown field [shuold]")]
    public async Task Bool_says_what_it_can_not_do(string query, string reason)
    {
        var answer = await _node.PostAsync("/books/_search", "{\"query\":{\"bool\":" + query + "}}");
        answer.Status.ShouldBe(400);
        answer.Text.ShouldContain(reason);
    }

    [Theory]
    [InlineData("""{"heap_factor":0}""", "[heap_factor] must be positive")]
    [InlineData("""{"max_superblocks":0}""", "[max_superblocks] must be at least 1")]
    [InlineData("""{"top_n":3}""", "[method_parameters] unknown field [top_n]")]
    [InlineData("[]", "[method_parameters] must be an object")]
    public async Task Method_parameters_are_strict(string parameters, string reason)
    {
        var answer = await _node.PostAsync("/books/_search", "{\"query\":{\"semantic\":{\"field\":\"body\",\"query\":\"dog\",\"method_parameters\":" + parameters + "}}}");
        answer.Status.ShouldBe(400);
        answer.Text.ShouldContain(reason);
    }

    [Fact]
    public async Task A_profile_has_a_part_for_each_shard_in_Elasticsearchs_shape()
    {
        var plain = await _node.PostAsync("/books/_search", """{"query":{"match_all":{}}}""");
        plain.Json["profile"].ShouldBeNull();
        var answer = await _node.PostAsync("/books/_search", """{"profile":true,"query":{"sparse_vector":{"field":"vec","query_vector":{"cat":1}}}}""");
        var shards = answer.Json["profile"]!["shards"]!.AsArray();
        shards.Count.ShouldBe(2);
        ((string)shards[1]!["id"]!).ShouldBe("[node-1][books][1]");
        var query = shards[0]!["searches"]![0]!["query"]![0]!;
        ((string)query["type"]!).ShouldBe("SparseVectorQuery");
        ((long)query["time_in_nanos"]!).ShouldBe(1500);
        ((long)query["breakdown"]!["score_count"]!).ShouldBe(7);
        query["debug"]!.ToJsonString().ShouldBe(
            """{"plan":"mixed","segments":2,"segments_exhaustive":1,"postings":7,"superblocks":3,"superblocks_total":9,"blocks":48,"ended_by":"max_superblocks","stopped_early":true}""");
    }

    [Fact]
    public async Task A_total_that_is_a_lower_bound_says_so()
    {
        var answer = await _node.PostAsync("/books/_search", """{"track_total_hits":2,"query":{"match_all":{}}}""");
        answer.Json["hits"]!["total"]!.ToJsonString().ShouldBe("""{"value":2,"relation":"gte"}""");
        _node.Cluster.Searches[^1].CountLimit.ShouldBe(2);
    }

    [Fact]
    public async Task Totals_and_windows()
    {
        (await _node.GetAsync("/books/_search?size=1&from=1")).HitIds.ShouldBe(["2"]);
        var counted = await _node.GetAsync("/books/_search?size=0");
        counted.Json["hits"]!["max_score"].ShouldBeNull();
        counted.HitIds.ShouldBeEmpty();
        (await _node.GetAsync("/books/_search?track_total_hits=2")).Json["hits"]!["total"]!.ToJsonString().ShouldBe("""{"value":2,"relation":"gte"}""");
        (await _node.GetAsync("/books/_search?track_total_hits=false")).Json["hits"]!["total"].ShouldBeNull();
        (await _node.GetAsync("/books/_search?rest_total_hits_as_int=true")).Json["hits"]!["total"]!.GetValue<int>().ShouldBe(3);
        (await _node.GetAsync("/books/_search?rest_total_hits_as_int=true&track_total_hits=5")).ShouldBeError(400, "illegal_argument_exception", "rest_total_hits_as_int");
        (await _node.GetAsync("/books/_search?_source=false")).Json["hits"]!["hits"]![0]!["_source"].ShouldBeNull();
        (await _node.GetAsync("/books/_search?timeout=250ms&allow_partial_search_results=false")).Status.ShouldBe(200);
        _node.Cluster.Searches[^1].Timeout.ShouldBe(TimeSpan.FromMilliseconds(250));
        _node.Cluster.Searches[^1].AllowPartialResults.ShouldBeFalse();
        (await _node.GetAsync("/books/_search?source=%7B%22size%22%3A1%7D&source_content_type=application%2Fjson")).HitIds.ShouldBe(["1"]);
    }

    [Fact]
    public async Task Partial_results_are_flagged_with_the_shard_that_failed_and_why()
    {
        _node.Cluster.SearchFailure = new ErrorInfo("timeout_exception", "the shard did not answer in time", 504);
        var answer = await _node.GetAsync("/books/_search");
        answer.Status.ShouldBe(200);
        answer.HitIds.ShouldNotBeEmpty();
        answer.Json["timed_out"]!.GetValue<bool>().ShouldBeTrue();
        answer.Json["_shards"]!.ToJsonString().ShouldBe(
            """{"total":2,"successful":1,"skipped":0,"failed":1,"failures":[{"shard":1,"index":"books","status":504,"reason":{"type":"timeout_exception","reason":"the shard did not answer in time"}}]}""");
    }

    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("\"0\"", 0.0)]
    [InlineData("\"0ms\"", 0.0)]
    [InlineData("\"1nanos\"", 0.0)]
    [InlineData("\"1micros\"", 0.001)]
    [InlineData("\"1ms\"", 1.0)]
    [InlineData("-1", null)]
    [InlineData("\"-1\"", null)]
    public async Task A_search_that_nothing_answered_in_its_time_is_an_answer_and_one_without_a_time_has_failed(string timeout, double? milliseconds)
    {
        (await _node.SendAsync("PUT", "/one", """{"settings":{"number_of_shards":1}}""")).Status.ShouldBe(200);
        _node.Cluster.SearchFailure = new ErrorInfo("timeout_exception", "the shard did not answer in time", 504);
        var answer = await _node.PostAsync("/one/_search", $$"""{"timeout":{{timeout}}}""");
        (_node.Cluster.Searches[^1].Timeout?.TotalMilliseconds).ShouldBe(milliseconds);
        answer.Status.ShouldBe(milliseconds is null ? 503 : 200);
        if (milliseconds is not null)
        {
            answer.Json["timed_out"]!.GetValue<bool>().ShouldBeTrue();
            _node.Cluster.SearchFailure = new ErrorInfo("io_exception", "disk", 500);
            (await _node.PostAsync("/one/_search", $$"""{"timeout":{{timeout}}}""")).Status.ShouldBe(503);
        }
    }

    [Theory]
    [InlineData("corrupt_index_exception", 500, 503)]
    [InlineData("illegal_argument_exception", 400, 400)]
    public async Task A_search_that_failed_says_which_shard_failed_of_what(string type, int status, int expected)
    {
        _node.Cluster.SearchFailure = new ErrorInfo(type, "what is wrong", status);
        var answer = await _node.GetAsync("/books/_search?allow_partial_search_results=false");
        answer.ShouldBeError(expected, "search_phase_execution_exception", $"Partial shards failure: {type}: what is wrong");
        var error = answer.Json["error"]!;
        error["root_cause"]!.ToJsonString().ShouldBe($$"""[{"type":"{{type}}","reason":"what is wrong","index":"books"}]""");
        ((string?)error["phase"], (bool?)error["grouped"]).ShouldBe(("query", true));
        error["failed_shards"]!.ToJsonString().ShouldBe($$$"""[{"shard":1,"index":"books","reason":{"type":"{{{type}}}","reason":"what is wrong"}}]""");
    }

    [Fact]
    public async Task A_search_on_nothing_finds_nothing_and_on_a_missing_index_fails()
    {
        (await _node.GetAsync("/nothing*/_search")).Json["_shards"]!["total"]!.GetValue<int>().ShouldBe(0);
        (await _node.GetAsync("/missing/_search")).ShouldBeError(404, "index_not_found_exception", "no such index [missing]");
        (await _node.GetAsync("/missing/_search?ignore_unavailable")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Many_searches_have_a_status_each()
    {
        var answer = await _node.SendAsync("POST", "/_msearch", """
            {"index":"books"}
            {"query":{"term":{"kind":"thing"}}}
            {"index":["missing"]}
            {}
            {}
            {"query":{"nope":{}}}

            {"size":1}
            {"index":"missing","ignore_unavailable":true}
            {}

            """, "application/x-ndjson");
        answer.Status.ShouldBe(200, answer.Text);
        var responses = answer.Json["responses"]!.AsArray();
        responses.Select(r => (int)r!["status"]!).ShouldBe([200, 404, 400, 200, 200]);
        ((string)responses[0]!["hits"]!["hits"]![0]!["_id"]!).ShouldBe("3");
        ((string)responses[1]!["error"]!["type"]!).ShouldBe("index_not_found_exception");
        (await _node.SendAsync("POST", "/_msearch", "{}\n{}", "application/x-ndjson")).ShouldBeError(400, "illegal_argument_exception", "terminated by a newline");
        (await _node.SendAsync("POST", "/_msearch", "{\"idx\":1}\n{}\n", "application/x-ndjson")).ShouldBeError(400, "x_content_parse_exception", "[idx]");
    }

    [Fact]
    public async Task A_score_is_explained()
    {
        var answer = await _node.PostAsync("/books/_explain/1?_source=title", """{"query":{"match":{"body":"a dog"}}}""");
        answer.Json["matched"]!.GetValue<bool>().ShouldBeTrue();
        ((float)answer.Json["explanation"]!["value"]!).ShouldBe(3f);
        answer.Json["get"]!["_source"]!.ToJsonString().ShouldBe("""{"title":"Cats"}""");
        (await _node.PostAsync("/books/_explain/3", """{"query":{"match":{"body":"dog"}}}""")).Json["matched"]!.GetValue<bool>().ShouldBeFalse();
        (await _node.PostAsync("/books/_explain/9", """{"query":{"match":{"body":"dog"}}}""")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Texts_are_analyzed()
    {
        var answer = await _node.PostAsync("/_analyze", """{"text":["Dog cat","dog dog"],"side":"query"}""");
        answer.Status.ShouldBe(200, answer.Text);
        answer.Json["tokens"]!.AsArray().Select(t => (string)t!["token"]!).ShouldBe(["dog", "cat", "dog", "dog"]);
        answer.Json["tokens"]![2]!.ToJsonString().ShouldBe("""{"token":"dog","start_offset":8,"end_offset":11,"type":"word","position":2}""");
        answer.Json["expansion"]!.ToJsonString().ShouldBe("""[{"token":"dog","weight":2},{"token":"cat","weight":1}]""");
        ((string)(await _node.PostAsync("/books/_analyze", """{"text":"x","field":"body"}""")).Json["model"]!).ShouldBe("words");
        ((string)(await _node.PostAsync("/books/_analyze", """{"text":"x"}""")).Json["model"]!).ShouldBe("words");
        (await _node.PostAsync("/books/_analyze", """{"text":"x","field":"kind"}""")).ShouldBeError(400, "illegal_argument_exception", "no semantic_text field");
        (await _node.PostAsync("/_analyze", """{"text":"x","model":"none"}""")).ShouldBeError(404, "resource_not_found_exception", "[none]");
        (await _node.PostAsync("/_analyze", """{"text":"x","analyzer":"standard"}""")).ShouldBeError(400, "x_content_parse_exception", "[analyzer]");
        (await _node.PostAsync("/_analyze", "{}")).ShouldBeError(400, "action_request_validation_exception", "text is missing");
    }
}
