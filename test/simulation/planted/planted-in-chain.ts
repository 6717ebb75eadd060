/** Blocks, bodies, states and outputs: what is put once, what is sent, and what may be deleted. */
import type { PlantedFault } from './planted-faults.ts';

const keys = 'functions/adapters/dynamodb/keys.ts';
const batchStore = 'functions/adapters/dynamodb/batch-store.ts';
const reduceStep = 'functions/steps/reduce-key-group/reduce-key-group.ts';
const sealStep = 'functions/steps/seal-batch/seal-batch.ts';
const commitStep = 'functions/steps/commit-batch/commit-batch.ts';
const sealCore = 'functions/core/seal-batch.ts';
const purge = 'functions/adapters/dynamodb/purge.ts';
const table = 'functions/adapters/dynamodb/table.ts';

const putBlock = 'return saveIfAbsent(blockKey(pipeline, summary.task, summary.batchId, summary.ref), block, options);';
const blockRoot = (value: string): string =>
  `{ ...keyOf(blockKey(pipeline, summary.task, summary.batchId, summary.ref)), v: { N: '1' }, data: { B: encode(${value}) } }`;
const putState = `      const stored = await saveIfAbsent(key, toSavedState(state), options);
      return stored === 'stored' ? state : fromSavedState(await loadNamed<SavedState>(table, key));`;
const overwriteState = `      await table.put({ ...keyOf(key), v: { N: '1' }, data: { B: encode(toSavedState(state)) } });
      return state;`;
const stateKey = '  pk: statePartition(pipeline, keyGroup),\n  sk: `${padBatch(batchId)}#${padRef(ref)}`,';
const putThenSend = 'const state = await batches.putState(computed);';
const sendStored = 'await sendOutbox(runtime, state, { isFresh, deadline })';
const sendComputed = 'await sendOutbox(runtime, computed, { isFresh: true, deadline: 1e15 });';
const allSent = '{ left: 0, progressed: true, why: undefined }';

export const chainFaults: readonly PlantedFault[] = [
  {
    name: 'block-key-without-ref',
    row: 'D5',
    edits: [
      {
        file: keys,
        from: '  pk: blockPartition(pipeline, task),\n  sk: `${padBatch(batchId)}#${padRef(ref)}`,',
        to: '  pk: blockPartition(pipeline, task),\n  sk: `${padBatch(batchId)}`,',
      },
    ],
  },
  {
    name: 'block-put-overwrites',
    row: 'D6',
    edits: [
      { file: batchStore, from: putBlock, to: `await table.put(${blockRoot('block')});\n      return 'stored';` },
    ],
  },
  {
    name: 'seal-uses-returned-positions',
    row: 'D7',
    edits: [
      {
        file: batchStore,
        from: putBlock,
        to: `const put = await ${putBlock.slice('return '.length)}
      if (put === 'exists') {
        const first = await loadNamed<BlockSummary>(table, blockKey(pipeline, summary.task, summary.batchId, summary.ref));
        await table.put(${blockRoot('{ ...first, shards: summary.shards }')});
      }
      return put;`,
      },
    ],
  },
  {
    name: 'chunks-shared-by-two-tries',
    row: 'D8',
    edits: [
      {
        file: keys,
        from: '`${padRef(ref)}#${padSmall(task)}#${nonce}#`',
        to: '`${padRef(ref)}#${padSmall(task)}#${nonce.slice(0, 0)}#`',
      },
    ],
  },
  {
    name: 'one-body-per-batch-loser-ends',
    row: 'D9',
    edits: [
      { file: keys, from: 'sk: `BATCH#${padBatch(batchId)}#${padRef(ref)}`,', to: 'sk: `BATCH#${padBatch(batchId)}`,' },
      {
        file: sealStep,
        from: 'const body = await ports.batches.putBody(outcome.body);',
        to: 'const body = await ports.batches.putBody(outcome.body);\n  if (body.ref !== ref) return superseded;',
      },
    ],
  },
  {
    name: 'body-put-overwrites',
    row: 'D10',
    edits: [
      {
        file: batchStore,
        from: "return (await saveIfAbsent(key, body, options)) === 'stored' ? body : loadNamed(table, key);",
        to: "await table.put({ ...keyOf(key), v: { N: '1' }, data: { B: encode(body) } });\n      return body;",
      },
    ],
  },
  {
    name: 'state-in-place',
    row: 'D15',
    edits: [
      { file: keys, from: stateKey, to: "  pk: statePartition(pipeline, keyGroup),\n  sk: 'CURRENT'," },
      { file: batchStore, from: putState, to: overwriteState },
    ],
  },
  { name: 'state-overwrites', row: 'D16', edits: [{ file: batchStore, from: putState, to: overwriteState }] },
  {
    name: 'sends-before-state',
    row: 'D17',
    edits: [
      { file: reduceStep, from: putThenSend, to: `${sendComputed}\n  ${putThenSend}` },
      { file: reduceStep, from: sendStored, to: allSent },
    ],
  },
  {
    name: 'sends-before-state-with-a-clock',
    row: 'D18',
    edits: [
      {
        file: reduceStep,
        from: putThenSend,
        to: `for (const record of computed.outbox as { data: string | Uint8Array }[]) {
    record.data = String(record.data).replace('{', \`{"now":\${runtime.ports.clock.now()},\`);
  }
  ${sendComputed}
  ${putThenSend}`,
      },
      { file: reduceStep, from: sendStored, to: allSent },
    ],
  },
  {
    name: 'sends-its-own-instead-of-the-stored',
    row: 'D19',
    edits: [
      { file: reduceStep, from: 'ports.batches.findState(keyGroup, batchId, ref),', to: 'undefined,' },
      {
        file: reduceStep,
        from: 'return { state, isFresh: state === computed };',
        to: 'return { state: state && computed, isFresh: true };',
      },
    ],
  },
  {
    name: 'state-exists-so-nothing-is-sent',
    row: 'D20',
    edits: [{ file: reduceStep, from: sendStored, to: `(isFresh ? ${sendStored} : ${allSent})` }],
  },
  {
    name: 'identity-with-the-epoch-of-who-resumes',
    row: 'D22',
    edits: [
      {
        file: reduceStep,
        from: 'state: input, setup, rows',
        to: 'state: input, setup: { ...setup, ref: input.epoch }, rows',
      },
    ],
  },
  {
    name: 'missing-state-is-empty',
    row: 'D33',
    edits: [
      {
        file: reduceStep,
        from: 'return (await ports.batches.loadState(keyGroup, batchId, ref)).windows;',
        to: 'return ports.batches.loadState(keyGroup, batchId, ref).then(\n    (state) => state.windows,\n    () => [],\n  );',
      },
    ],
  },
  {
    name: 'state-expires',
    row: 'D34',
    edits: [
      {
        file: batchStore,
        from: 'saveIfAbsent(key, toSavedState(state), options);',
        to: 'saveIfAbsent(key, toSavedState(state), expiring(30));',
      },
    ],
  },
  {
    name: 'blocks-expire',
    row: 'D34',
    edits: [{ file: batchStore, from: putBlock, to: putBlock.replace('options', 'expiring(7)') }],
  },
  {
    name: 'ended-shard-forgotten',
    row: 'D35',
    edits: [
      {
        file: sealCore,
        from: 'const shards = withChildMarks(known).sort(',
        to: "const shards = withChildMarks(known).filter((shard) => shard.position.kind !== 'shard-end').sort(",
      },
    ],
  },
  {
    name: 'failed-shard-forgotten',
    row: 'D35',
    edits: [
      {
        file: sealCore,
        from: 'if (before !== undefined && !results.has(shardId)) known.set(shardId, { ...before, failures: before.failures + 1 });',
        to: 'if (before !== undefined && !results.has(shardId)) known.delete(shardId);',
      },
    ],
  },
  {
    name: 'purges-what-a-slow-reducer-needs',
    edits: [
      {
        file: commitStep,
        from: 'batchId - pipeline.minBatchesToRetain + 1),',
        to: 'batchId + 1),',
      },
    ],
  },
  {
    name: 'purges-one-batch-too-many',
    edits: [
      { file: purge, from: "values: { ':to': padBatch(horizon) } }", to: "values: { ':to': padBatch(horizon + 1) } }" },
    ],
  },
  {
    name: 'purges-plans-in-use',
    edits: [
      {
        file: purge,
        from: 'if (Number(item.expires?.N) * 1000 < this.#clock.now() - clocksDifferMs)',
        to: 'if (Number(item.expires?.N) * 1000 > this.#clock.now())',
      },
    ],
  },
  {
    name: 'sent-noted-before-sending',
    edits: [
      {
        file: reduceStep,
        from: `      const undelivered = await ports.sink.send(
        places.map((place) => outbox[place]!),
        deadline,
      );
      sent = afterSending(sent, places, undelivered?.places ?? [], outbox.length);`,
        to: `      sent = afterSending(sent, places, [], outbox.length);
      const undelivered = await ports.sink.send(
        places.map((place) => outbox[place]!),
        deadline,
      );`,
      },
    ],
  },
  {
    name: 'stale-reads-of-items',
    edits: [{ file: table, from: 'Key: keyOf(key), ConsistentRead: true }', to: 'Key: keyOf(key) }' }],
  },
  {
    name: 'stale-reads-of-partials',
    edits: [
      {
        file: table,
        from: '            ConsistentRead: true,\n            KeyConditionExpression',
        to: '            KeyConditionExpression',
      },
    ],
  },
  {
    name: 'unprocessed-writes-forgotten',
    edits: [{ file: table, from: '(answer.UnprocessedItems[this.#name] ?? [])', to: '[]' }],
  },
  {
    name: 'refused-results-forgotten',
    edits: [{ file: reduceStep, from: 'await storeRefused(runtime, state, { isFresh, deadline })', to: allSent }],
  },
];
