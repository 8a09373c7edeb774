// Drives a node with the official clients, through their ordinary helpers: node clients.mjs URL elasticsearch|opensearch
import assert from 'node:assert/strict';

const [url, which] = process.argv.slice(2);
const { Client } = await import(which === 'opensearch' ? '@opensearch-project/opensearch' : '@elastic/elasticsearch');
const client = new Client({ node: url });
// OpenSearch's client wraps every answer.
const body = answer => (which === 'opensearch' ? answer.body : answer);
const withBody = (params, content) => (which === 'opensearch' ? { ...params, body: content } : { ...params, ...content });
const index = `clients-${which}`;

assert.equal(body(await client.ping()), true);
assert.equal(body(await client.info()).tagline, 'You Know, for Search');
assert.equal(body(await client.indices.exists({ index })), false);
const created = body(await client.indices.create(withBody({ index }, {
  settings: { number_of_shards: 2 },
  mappings: { properties: { vector: { type: 'sparse_vector' }, tag: { type: 'keyword' }, text: { type: 'semantic_text' } } },
})));
assert.deepEqual([created.acknowledged, created.index], [true, index]);
assert.equal(body(await client.indices.exists({ index })), true);

const documents = Array.from({ length: 500 }, (_, i) => ({
  id: `d${i}`, tag: i % 2 ? 'odd' : 'even', vector: { all: 1, [`t${i % 10}`]: 1 + i / 100 }, text: `document number ${i} about cats`,
}));
const stats = await client.helpers.bulk({
  datasource: documents,
  refreshOnCompletion: true,
  onDocument: ({ id, ...rest }) => [{ index: { _index: index, _id: id } }, rest],
  onDrop: dropped => assert.fail(`dropped: ${JSON.stringify(dropped)}`),
});
assert.deepEqual([stats.total, stats.successful, stats.failed], [500, 500, 0]);
assert.equal(body(await client.count({ index })).count, 500);

const found = body(await client.search(withBody({ index }, {
  query: { sparse_vector: { field: 'vector', query_vector: { t3: 2, all: 0.5 } } }, size: 5, _source: ['tag'],
})));
assert.deepEqual(found.hits.hits.map(h => h._id), ['d493', 'd483', 'd473', 'd463', 'd453']);
assert.deepEqual(found.hits.hits[0]._source, { tag: 'odd' });
assert.equal(found.hits.total.value, 500);
assert.deepEqual([found._shards.total, found._shards.failed], [2, 0]);
const semantic = body(await client.search(withBody({ index }, { query: { semantic: { field: 'text', query: 'number 17' } }, size: 1 })));
assert.equal(semantic.hits.hits[0]._id, 'd17');
const term = body(await client.search(withBody({ index }, { query: { term: { tag: 'odd' } }, size: 0 })));
assert.equal(term.hits.total.value, 250);

const helper = client.helpers.msearch();
const one = await helper.search({ index }, { query: { term: { tag: 'even' } }, size: 3 });
assert.equal(one.documents.length, 3);
await helper.stop?.();

const got = body(await client.get({ index, id: 'd7' }));
assert.deepEqual([got.found, got._version, got._source.tag], [true, 1, 'odd']);
const updated = body(await client.update(withBody({ index, id: 'd7' }, { doc: { tag: 'seven' } })));
assert.deepEqual([updated.result, updated._version], ['updated', 2]);
const several = body(await client.mget(withBody({ index }, { ids: ['d7', 'absent'] })));
assert.deepEqual(several.docs.map(d => d.found), [true, false]);
assert.equal(body(await client.delete({ index, id: 'd7', refresh: true })).result, 'deleted');
assert.equal(body(await client.exists({ index, id: 'd7' })), false);
await assert.rejects(client.get({ index, id: 'd7' }), e => e.meta.statusCode === 404);
await assert.rejects(client.search({ index: 'absent-index' }), e => e.meta.statusCode === 404 && /index_not_found_exception/.test(e.message));
await assert.rejects(client.create(withBody({ index, id: 'd1' }, which === 'opensearch' ? { tag: 'x' } : { document: { tag: 'x' } })), e => e.meta.statusCode === 409);
const indices = body(await client.cat.indices({ format: 'json' }));
assert.equal(indices.find(i => i.index === index)['docs.count'], '499');
assert.equal(body(await client.cluster.health()).status, 'green');
assert.equal(body(await client.indices.delete({ index })).acknowledged, true);
console.log(`${which}: ok`);
await client.close();
