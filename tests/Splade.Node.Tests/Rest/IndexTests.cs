using Splade.Node.Tests.Support;

namespace Splade.Node.Tests.Rest;

public sealed class IndexTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task An_index_is_created_read_and_deleted()
    {
        (await _node.SendAsync("HEAD", "/i")).Status.ShouldBe(404);
        (await _node.PutAsync("/i")).Text.ShouldBe("""{"acknowledged":true,"shards_acknowledged":true,"index":"i"}""");
        (await _node.SendAsync("HEAD", "/i")).Status.ShouldBe(200);
        (await _node.PutAsync("/i")).ShouldBeError(400, "resource_already_exists_exception", "already exists");
        var index = (await _node.GetAsync("/i")).Json["i"]!;
        index["aliases"]!.AsObject().Count.ShouldBe(0);
        index["mappings"]!.AsObject().Count.ShouldBe(0);
        ((string)index["settings"]!["index"]!["number_of_shards"]!).ShouldBe("1");
        (await _node.SendAsync("DELETE", "/i")).Text.ShouldBe("""{"acknowledged":true}""");
        var missing = (await _node.SendAsync("DELETE", "/i")).ShouldBeError(404, "index_not_found_exception", "no such index [i]");
        ((string)missing.Json["error"]!["index"]!).ShouldBe("i");
        ((string)missing.Json["error"]!["resource.id"]!).ShouldBe("i");
        (await _node.SendAsync("DELETE", "/i?ignore_unavailable")).Status.ShouldBe(200);
        (await _node.SendAsync("DELETE", "/*")).ShouldBeError(400, "illegal_argument_exception", "Wildcard");
    }

    [Theory]
    [InlineData("""{"settings":{"number_of_shards":3,"refresh_interval":"5s"}}""")]
    [InlineData("""{"settings":{"index.number_of_shards":"3","index.refresh_interval":"5000ms"}}""")]
    [InlineData("""{"settings":{"index":{"number_of_shards":3,"refresh_interval":"5s","number_of_replicas":0}}}""")]
    public async Task Settings_come_in_every_spelling_and_are_read_as_nested_strings(string body)
    {
        (await _node.PutAsync("/i", body)).Status.ShouldBe(200);
        var settings = (await _node.GetAsync("/i/_settings")).Json["i"]!["settings"]!["index"]!;
        ((string)settings["number_of_shards"]!).ShouldBe("3");
        ((string)settings["number_of_replicas"]!).ShouldBe("0");
        ((string)settings["refresh_interval"]!).ShouldBe("5s");
        ((string)settings["uuid"]!).Length.ShouldBe(22);
        ((string)(await _node.GetAsync("/i/_settings?flat_settings")).Json["i"]!["settings"]!["index.number_of_shards"]!).ShouldBe("3");
    }

    [Theory]
    [InlineData("""{"type":"semantic_text","inference_id":"words","sparse_encoding_config":{"prune_type":"max_ratio","prune_ratio":0.1,"query_prune_type":"top_k","query_prune_ratio":40},"chunking_settings":{"strategy":"word","max_chunk_size":128,"overlap":16,"max_chunk_limit":100}}""")]
    [InlineData("""{"type":"semantic_text","inference_id":"words","chunking_settings":{"strategy":"sentence","sentence_overlap":1,"max_chunk_limit":50,"scoring":"passage"}}""")]
    public async Task Settings_of_encoding_are_kept_as_they_were_given(string field)
    {
        (await _node.PutAsync("/i", """{"mappings":{"properties":{"t":""" + field + "}}}")).Status.ShouldBe(200);
        (await _node.GetAsync("/i/_mapping")).Json["i"]!["mappings"]!["properties"]!["t"]!.ToJsonString().ShouldBe(field);
    }

    [Theory]
    [InlineData("""{"type":"sparse_vector","index_options":{"static_pruning":{"max_tokens":128,"min_weight_ratio":0.1,"keep_rest":true}}}""")]
    [InlineData("""{"type":"semantic_text","inference_id":"words","index_options":{"sparse_vector":{"static_pruning":{"max_tokens":64}}}}""")]
    public async Task Static_pruning_is_kept_as_it_was_given(string field)
    {
        (await _node.PutAsync("/i", """{"mappings":{"properties":{"v":""" + field + "}}}")).Status.ShouldBe(200);
        (await _node.GetAsync("/i/_mapping")).Json["i"]!["mappings"]!["properties"]!["v"]!.ToJsonString().ShouldBe(field);
    }

    [Theory]
    [InlineData("""{"prune":true}""", "[prune] is not supported: every feature of a query counts")]
    [InlineData("""{"pruning_config":{"tokens_freq_ratio_threshold":5}}""", "[prune] is not supported")]
    [InlineData("""{"static_pruning":{}}""", "[static_pruning] needs [max_tokens] or [min_weight_ratio]")]
    [InlineData("""{"static_pruning":{"max_tokens":0}}""", "[max_tokens] must be a positive integer, got [0]")]
    [InlineData("""{"static_pruning":{"min_weight_ratio":1}}""", "[min_weight_ratio] must be a number from 0 and below 1, got [1]")]
    [InlineData("""{"static_pruning":{"max_tokens":5,"keep_rest":"yes"}}""", "[keep_rest] must be true or false, got [yes]")]
    [InlineData("""{"static_pruning":{"max_terms":5}}""", "unknown setting [max_terms] in [static_pruning]")]
    [InlineData("""{"type":"int8_hnsw"}""", "unknown setting [type] in [index_options]")]
    public async Task Index_options_are_strict(string options, string reason) =>
        (await _node.PutAsync("/i", "{\"mappings\":{\"properties\":{\"v\":{\"type\":\"sparse_vector\",\"index_options\":" + options + "}}}}"))
            .ShouldBeError(400, "mapper_parsing_exception", "[index_options] on mapper [v]: " + reason);

    [Theory]
    [InlineData("""{"settings":{"number_of_shard":3}}""", "illegal_argument_exception", "unknown setting [index.number_of_shard] did you mean [index.number_of_shards]?")]
    [InlineData("""{"settings":{"analysis":{"analyzer":{"a":{"type":"standard"}}}}}""", "illegal_argument_exception", "unknown setting [index.analysis.analyzer.a.type]")]
    [InlineData("""{"settings":{"number_of_shards":0}}""", "illegal_argument_exception", "must be >= 1")]
    [InlineData("""{"settings":{"number_of_shards":1025}}""", "illegal_argument_exception", "must be <= 1024")]
    [InlineData("""{"settings":{"number_of_shards":"many"}}""", "illegal_argument_exception", "[many]")]
    [InlineData("""{"settings":{"number_of_replicas":-1}}""", "illegal_argument_exception", "must be >= 0")]
    [InlineData("""{"settings":{"refresh_interval":"often"}}""", "illegal_argument_exception", "[often]")]
    [InlineData("""{"aliases":{"a":{}}}""", "illegal_argument_exception", "[aliases] are not supported")]
    [InlineData("""{"mapping":{}}""", "parse_exception", "did you mean [mappings]?")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"dense_vector"}}}}""", "mapper_parsing_exception", "No handler for type [dense_vector] declared on field [a]")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"text","analyzer":"english"}}}}""", "mapper_parsing_exception", "parameter [analyzer] on mapper [a] of type [text]")]
    [InlineData("""{"mappings":{"properties":{"o":{"properties":{"a":{"type":"keyword","ignore_above":"x"}}}}}}""", "mapper_parsing_exception", "[ignore_above] on mapper [o.a]")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"semantic_text","sparse_encoding_config":{"prune_type":"best"}}}}}""", "mapper_parsing_exception", "[sparse_encoding_config] on mapper [a]: [prune_type] of [best] is unknown")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"semantic_text","sparse_encoding_config":{"prune_type":"max_ratio","prune_ratio":2}}}}}""", "mapper_parsing_exception", "[prune_ratio] of [2] must be a number from 0 to less than 1")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"semantic_text","sparse_encoding_config":{"ratio":2}}}}}""", "mapper_parsing_exception", "unknown setting [ratio] in [sparse_encoding_config] on mapper [a]")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"semantic_text","chunking_settings":{"strategy":"sentence","max_chunk_size":3}}}}}""", "mapper_parsing_exception", "[chunking_settings] on mapper [a]: [max_chunk_size] of [3]")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"semantic_text","chunking_settings":{"strategy":"paragraph"}}}}}""", "mapper_parsing_exception", "[strategy] of [paragraph] is unknown")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"text","chunking_settings":{"strategy":"word"}}}}}""", "mapper_parsing_exception", "[chunking_settings] on mapper [a] of type [text]")]
    [InlineData("""{"mappings":{"properties":{"a":{}}}}""", "mapper_parsing_exception", "No type specified for field [a]")]
    [InlineData("""{"mappings":{"properties":{"v#rest":{"type":"sparse_vector"}}}}""", "mapper_parsing_exception", "Field [v#rest] is reserved")]
    [InlineData("""{"mappings":{"properties":{"t#passage2":{"type":"sparse_vector"}}}}""", "mapper_parsing_exception", "Field [t#passage2] is reserved")]
    [InlineData("""{"mappings":{"properties":{"t":{"type":"text","fields":{"k#passages":{"type":"keyword"}}}}}}""", "mapper_parsing_exception", "Field [t.k#passages] is reserved")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"semantic_text","chunking_settings":{"strategy":"word","scoring":"max"}}}}}""", "mapper_parsing_exception", "[scoring] of [max] is unknown: give one of [document, passage]")]
    [InlineData("""{"mappings":{"_source":{"enabled":false}}}""", "mapper_parsing_exception", "[_source]")]
    [InlineData("""{"mappings":{"dynamic":"runtime"}}""", "mapper_parsing_exception", "[runtime]")]
    [InlineData("""{"mappings":{"properties":{"a.":{"type":"text"}}}}""", "mapper_parsing_exception", "empty part")]
    [InlineData("""{"mappings":{"properties":{"a":{"type":"text","fields":{"b":{"type":"object"}}}}}}""", "mapper_parsing_exception", "multi field [a.b]")]
    public async Task What_is_not_supported_is_named(string body, string type, string reason)
    {
        (await _node.PutAsync("/i", body)).ShouldBeError(400, type, reason);
        (await _node.SendAsync("HEAD", "/i")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("/Upper", "lowercase")]
    [InlineData("/_x", "must not start with")]
    [InlineData("/-x", "must not start with")]
    [InlineData("/a%23b", "must not contain")]
    [InlineData("/a%2Cb", "must not contain")]
    [InlineData("/..", "must not be")]
    public async Task Names_that_can_not_be_are_refused(string target, string reason) =>
        (await _node.PutAsync(target)).ShouldBeError(400, "invalid_index_name_exception", reason);

    [Fact]
    public async Task Mappings_read_back_as_they_were_written()
    {
        const string Mapping =
            """
            {"dynamic":"strict","properties":{"a":{"type":"text","copy_to":["s"],"fields":{"keyword":{"type":"keyword","ignore_above":256}}},"d":{"type":"date","index":false,"format":"yyyy"},"o":{"properties":{"b":{"properties":{"c":{"type":"boolean"}}}}},"s":{"type":"semantic_text","inference_id":"words"},"v":{"type":"sparse_vector"}}}
            """;
        (await _node.PutAsync("/i", $$"""{"mappings":{{Mapping.Replace("\"o\":{\"properties\":{\"b\":{\"properties\":{\"c\":{\"type\":\"boolean\"}}}}}", "\"o.b.c\":{\"type\":\"boolean\"}", StringComparison.Ordinal)}}}"""))
            .Status.ShouldBe(200);
        (await _node.GetAsync("/i/_mapping")).Json["i"]!["mappings"]!.ToJsonString().ShouldBe(Mapping.Trim());
    }

    [Fact]
    public async Task Mappings_and_settings_change()
    {
        await _node.PutAsync("/i", """{"mappings":{"properties":{"a":{"type":"keyword"}}}}""");
        (await _node.PostAsync("/i/_mapping", """{"properties":{"b":{"type":"long"}}}""")).Json["acknowledged"]!.GetValue<bool>().ShouldBeTrue();
        ((string)(await _node.GetAsync("/i/_mapping")).Json["i"]!["mappings"]!["properties"]!["b"]!["type"]!).ShouldBe("long");
        (await _node.PutAsync("/i/_mapping", """{"properties":{"a":{"type":"long"}}}""")).ShouldBeError(400, "illegal_argument_exception", "cannot be changed");
        (await _node.PutAsync("/i/_mapping")).ShouldBeError(400, "parse_exception", "body is required");
        (await _node.PutAsync("/i/_settings", """{"index":{"refresh_interval":-1,"number_of_replicas":1}}""")).Status.ShouldBe(200);
        var settings = (await _node.GetAsync("/_settings")).Json["i"]!["settings"]!["index"]!;
        ((string)settings["refresh_interval"]!).ShouldBe("-1");
        ((string)settings["number_of_replicas"]!).ShouldBe("1");
        (await _node.PutAsync("/i/_settings", """{"number_of_shards":2}""")).ShouldBeError(400, "illegal_argument_exception", "not updateable");
        ((string)(await _node.GetAsync("/_cluster/health")).Json["status"]!).ShouldBe("yellow");
    }

    [Fact]
    public async Task Index_expressions_choose_indices()
    {
        foreach (var name in new[] { "logs-1", "logs-2", "other", ".hidden" })
        {
            await _node.PutAsync("/" + name);
        }

        (await Names("/_mapping")).ShouldBe(["logs-1", "logs-2", "other"]);
        (await Names("/_all/_mapping")).ShouldBe(["logs-1", "logs-2", "other"]);
        (await Names("/logs-*/_mapping")).ShouldBe(["logs-1", "logs-2"]);
        (await Names("/logs-*,-logs-1,other/_mapping")).ShouldBe(["logs-2", "other"]);
        (await Names("/*/_mapping?expand_wildcards=all")).ShouldBe(["logs-1", "logs-2", "other", ".hidden"]);
        (await Names("/*/_mapping?expand_wildcards=none")).ShouldBeEmpty();
        (await Names("/other,missing/_mapping?ignore_unavailable")).ShouldBe(["other"]);
        (await Names("/nothing*/_mapping")).ShouldBeEmpty();
        (await _node.GetAsync("/nothing*/_mapping?allow_no_indices=false")).ShouldBeError(404, "index_not_found_exception", "nothing*");
        (await _node.GetAsync("/other,missing/_mapping")).ShouldBeError(404, "index_not_found_exception", "missing");
        (await _node.GetAsync("/*/_mapping?expand_wildcards=some")).ShouldBeError(400, "illegal_argument_exception", "some");
    }

    [Fact]
    public async Task Refresh_and_flush_answer_with_their_shards()
    {
        await _node.LoadBooksAsync();
        (await _node.GetAsync("/_all/_refresh")).Text.ShouldBe("""{"_shards":{"total":2,"successful":2,"failed":0}}""");
        (await _node.PostAsync("/books/_refresh")).Status.ShouldBe(200);
        (await _node.PostAsync("/_flush?force&wait_if_ongoing=true")).Status.ShouldBe(200);
        (await _node.PostAsync("/missing/_flush")).ShouldBeError(404, "index_not_found_exception", "missing");
    }

    private async Task<string[]> Names(string target)
    {
        var answer = await _node.GetAsync(target);
        answer.Status.ShouldBe(200, answer.Text);
        return [.. answer.Json.AsObject().Select(p => p.Key)];
    }
}
