/** Blocks, bodies, states and outputs: what is put once, what is sent, and what may be deleted. */
import type { PlantedFault } from './planted-faults.ts';

const keys = 'functions/adapters/dynamodb/keys.ts';
const blockStore = 'functions/adapters/dynamodb/block-store.ts';
const putPartials = 'functions/adapters/dynamodb/put-partials.ts';
const sealStore = 'functions/adapters/dynamodb/seal-store.ts';
const stateStore = 'functions/adapters/dynamodb/state-store.ts';
const reduceStep = 'functions/steps/reduce-key-group/reduce-key-group.ts';
const sendSteps = 'functions/steps/reduce-key-group/send-steps.ts';
const sealStep = 'functions/steps/seal-batch/seal-batch.ts';
const commitStep = 'functions/steps/commit-batch/commit-batch.ts';
const sealCore = 'functions/core/decide-seal.ts';
const purge = 'functions/adapters/dynamodb/purge.ts';
const table = 'functions/adapters/dynamodb/table.ts';

const putBlock =
  'return saveIfAbsent(block, blockKey(pipeline, task, batchId, ref), { ...summary, groups, ...kept }, to);';
const besidePutBlock = "import { loadSaved, saveIfAbsent } from './saved-value.ts';";
const blockRoot = (value: string): string =>
  `{ ...keyOf(blockKey(pipeline, task, batchId, ref)), v: { N: '1' }, data: { B: encode(${value}) } }`;
const putState = `      const stored = await saveIfAbsent(savedState, key, toSavedState(state), to);
      return stored === 'stored' ? state : fromSavedState(await loadNamed(savedState, key, storage));`;
const overwriteState = `      await storage.table.put({ ...keyOf(key), ...(to as { marks?: object }).marks, v: { N: '1' }, data: { B: encode(toSavedState(state)) } });
      return state;`;
/** For edits that write past the stores: what they need beside the imports that are there. */
const storageImport = "import type { Storage } from './storage.ts';";
const withImports = (file: string, ...more: readonly string[]) => ({
  file,
  from: storageImport,
  to: [storageImport, ...more].join('\n'),
});
const keyOfImport = "import { keyOf } from './table.ts';";
const encodeImport = "import { encode } from './packed-json.ts';";
const inDaysImport = "import { inDays } from './storage.ts';";
const stateKey = '  pk: statePartition(pipeline, keyGroup),\n  sk: padName({ batchId, ref }),';
const putThenSend =
  'const state = await ports.states.putState(computed, { replaces: body.states[keyGroup]?.before, ...segments });';
const sendStored = 'await sendOutbox(runtime, reader, { state, isFresh, deadline, calls, detached })';
const sendComputed =
  'await sendOutbox(runtime, new OutboxReader(ports.rows, computed, 9), { state: computed, isFresh: true, deadline: 1e15 });';
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
      { file: blockStore, from: besidePutBlock, to: `${besidePutBlock}\n${encodeImport}\n${keyOfImport}` },
      {
        file: blockStore,
        from: putBlock,
        to: `await storage.table.put(${blockRoot('{ ...summary, groups, ...kept }')});\n      return 'stored';`,
      },
    ],
  },
  {
    name: 'seal-uses-returned-positions',
    row: 'D7',
    edits: [
      {
        file: blockStore,
        from: besidePutBlock,
        to: `${besidePutBlock}\n${encodeImport}\n${keyOfImport}\nimport { loadNamed } from './saved-value.ts';`,
      },
      {
        file: blockStore,
        from: putBlock,
        to: `const put = await ${putBlock.slice('return '.length)}
      if (put === 'exists') {
        const first = await loadNamed(block, blockKey(pipeline, task, batchId, ref), storage);
        await storage.table.put(${blockRoot('{ ...first, shards: summary.shards }')});
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
        from: '`${partialsPrefix(ref)}${padSmall(task)}#${nonce}`',
        to: '`${partialsPrefix(ref)}${padSmall(task)}#${nonce.slice(0, 0)}`',
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
        from: 'const body = await ports.seals.putBody({ ...outcome.body, ...kept }, previous);',
        to: 'const body = await ports.seals.putBody({ ...outcome.body, ...kept }, previous);\n  if (body.ref !== ref) return superseded;',
      },
    ],
  },
  {
    name: 'body-put-overwrites',
    row: 'D10',
    edits: [
      {
        file: sealStore,
        from: "import type { Key } from './table.ts';",
        to: "import { type Key, keyOf } from './table.ts';",
      },
      {
        file: sealStore,
        from: "if ((await saveIfAbsent(body, key, saved, storage)) !== 'stored') return load(key);",
        to: "await storage.table.put({ ...keyOf(key), v: { N: '1' }, data: { B: encode(saved) } });",
      },
    ],
  },
  {
    name: 'state-in-place',
    row: 'D15',
    edits: [
      { file: keys, from: stateKey, to: "  pk: statePartition(pipeline, keyGroup),\n  sk: 'CURRENT'," },
      withImports(stateStore, keyOfImport, encodeImport),
      { file: stateStore, from: putState, to: overwriteState },
    ],
  },
  {
    name: 'state-overwrites',
    row: 'D16',
    edits: [
      withImports(stateStore, keyOfImport, encodeImport),
      { file: stateStore, from: putState, to: overwriteState },
    ],
  },
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
        to: `const made = computed.inline?.flatMap((step) => step.rows) ?? [];
  for (const { record } of made.flatMap((row) => (row.kind === 'output' ? row.records : [])) as unknown as {
    record: { data: string | Uint8Array };
  }[]) {
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
      {
        file: reduceStep,
        from: 'input.again ? ports.states.findState(keyGroup, batchId, ref) : undefined,',
        to: 'undefined,',
      },
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
        from: 'await ports.states.loadState(keyGroup, before.batchId, before.ref);',
        to: 'await ports.states.loadState(keyGroup, before.batchId, before.ref).catch(() => ({ windows: [] }));',
      },
    ],
  },
  {
    name: 'state-expires',
    row: 'D34',
    edits: [
      withImports(stateStore, inDaysImport),
      {
        file: stateStore,
        from: 'saveIfAbsent(savedState, key, toSavedState(state), to);',
        to: 'saveIfAbsent(savedState, key, toSavedState(state), { ...to, expires: inDays(storage, 30) });',
      },
    ],
  },
  {
    name: 'partials-expire',
    row: 'D34',
    edits: [
      {
        file: putPartials,
        from: 'bytes, { v: group.v }',
        to: 'bytes, { v: group.v, expires: 2_000_000_000 }',
      },
    ],
  },
  {
    name: 'ended-shard-forgotten',
    row: 'D35',
    edits: [
      {
        file: sealCore,
        from: 'const inOrder = withWatermarksOfChildren(known).sort(',
        to: 'const inOrder = withWatermarksOfChildren(known).filter(isOpen).sort(',
      },
    ],
  },
  {
    name: 'failed-shard-forgotten',
    row: 'D35',
    edits: [
      {
        file: sealCore,
        from: '  registerChildren(known, results);\n',
        to: '  for (const { shardId } of blocks.flatMap((block) => block.failedShards)) if (!results.has(shardId)) known.delete(shardId);\n  registerChildren(known, results);\n',
      },
    ],
  },
  {
    name: 'purges-what-a-slow-reducer-needs',
    edits: [
      {
        file: commitStep,
        from: 'batchId - pipeline.minBatchesToRetain + 1,',
        to: 'batchId + 1,',
      },
    ],
  },
  {
    name: 'purges-one-batch-too-many',
    edits: [
      {
        file: purge,
        from: 'Math.min(first + bodiesAtOnce, oldestRetainedBatch)',
        to: 'Math.min(first + bodiesAtOnce, oldestRetainedBatch + 1)',
      },
    ],
  },
  {
    name: 'purges-plans-in-use',
    edits: [
      {
        file: purge,
        from: 'if (Number(item.expires?.N) * 1000 < this.#storage.clock.now() - ttlTakesMs)',
        to: 'if (Number(item.expires?.N) * 1000 > this.#storage.clock.now())',
      },
    ],
  },
  {
    name: 'sent-noted-before-sending',
    edits: [
      {
        file: sendSteps,
        from: `    const undelivered = await sink(progress.output).send(request, deadline);
    progress.sent = afterSending(progress.sent, places, undelivered?.places ?? [], end);`,
        to: `    progress.sent = afterSending(progress.sent, places, [], end);
    const undelivered = await sink(progress.output).send(request, deadline);`,
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
    edits: [
      { file: reduceStep, from: 'await storeRefused(runtime, reader, { state, isFresh, deadline })', to: allSent },
    ],
  },
];
