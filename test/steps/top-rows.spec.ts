/** GATHER-1, GATHER-2, HANDED-1: with `topRows` key groups hand their first rows on, and the commit goes to the gathering step before it commits. */
import { expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { GroupPartials } from '../../functions/core/group-partials.ts';
import type { BatchBody } from '../../functions/core/model.ts';
import type { SavedKey } from '../../functions/core/saved-windows.ts';
import { numbersIn } from '../../functions/core/waves.ts';
import { fingerprintOf } from '../../functions/pipeline/fingerprint.ts';
import type { TopRows } from '../../functions/pipeline/pipeline.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { commitBatch } from '../../functions/steps/commit-batch/commit-batch.ts';
import { check } from '../../functions/steps/message-rules.ts';
import {
  type BatchState,
  type CommitBatchInput,
  commitBatchInputRule,
  type ReducedGroup,
} from '../../functions/steps/messages.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, headOf, heldUntil, holderOf, noon, timing } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { windowed } from '../support/pipelines.ts';

type Row = { readonly key: string; readonly events: number; readonly windowStart: string; readonly place: number };

const log = { info: () => {}, warn: () => {} };
const batch = { batchId: 0, ref: 7 };
const gathering = 2;
const throttled = new SluiceError('TemporaryFailure', 'throttled');
/** A window and another for each key, in which it has so many events, as each of the two key groups has it. */
const counts: readonly Readonly<Record<string, readonly [number, number]>>[] = [
  { a: [1, 4], c: [9, 2], e: [5, 2] },
  { b: [7, 1], d: [5, 3], f: [2, 2] },
];
const partialsOf = (ofKeys: (typeof counts)[number]): GroupPartials => ({
  windows: Object.entries(ofKeys).map(([key, events]) => [
    [key],
    events.map((count, at) => [at * 10, at * 10 + 10, [count, [1, 1], 1, 1, [1, 1]]]),
  ]),
  open: { ends: [] },
});
const expected = ['c 9 1', 'b 7 2', 'a 4 1', 'd 3 2'];

function world({
  top = {},
  sealed = { n: 2, order: 'highest' },
  send = async () => undefined,
}: {
  top?: Partial<TopRows>;
  sealed?: Pick<TopRows, 'n' | 'order'>;
  send?: OutputSink['send'];
} = {}) {
  const sent: OutputRecord[] = [];
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    {
      sink: () => ({
        send: async (records, deadline) => {
          const undelivered = await send(records, deadline);
          const missing = new Set(undelivered?.places);
          sent.push(...records.filter((_, at) => !missing.has(at)));
          return undelivered;
        },
      }),
    },
  );
  const given = windowed({ parallelism: 2 });
  const by = (row: Row) => row.events;
  const ranking: TopRows = { n: 2, order: 'highest', by: by as never, rankAs: 'place', filters: [], ...top };
  const pipeline = { ...given, aggregation: { ...given.aggregation, top: ranking } };
  const groups = [0, 1].map((keyGroup) => ({ keyGroup, v: 1, chunks: 1, digest: 'd', bytes: 0 }));
  const body: BatchBody = batchBody({
    ...{ ...batch, parallelism: 2, watermarkOut: 1_000, fingerprint: pipeline.fingerprint, gives: { top: sealed } },
    states: groups.map(() => ({ ...batch, ends: [] })),
    blocks: [{ task: 0, nonce: 'n', groups }],
  });
  memory.blocks.set('0/7/0', {
    summary: { shards: [], failedShards: [], groups: [] } as never,
    partials: new Map(counts.map((ofKeys, keyGroup) => [keyGroup, partialsOf(ofKeys)])),
  });
  memory.head = headOf({
    committed: undefined,
    sealed: batch,
    holder: holderOf({ owner: 'run', lease: heldUntil(noon) }),
  });
  const runtime = { pipeline, ports: memory.ports, log };
  const reduce = (keyGroup: number, again = false) => reduceKeyGroup({ epoch: 7, ...batch, keyGroup, again }, runtime);
  const commit = (answers: readonly ReducedGroup[], reduced: object = { emitted: 0, stuckSince: 0 }) =>
    commitBatch(
      {
        ...{
          run: 'run',
          executionId: 'e',
          startedAt: new Date(memory.now).toISOString(),
          timing,
          request: {},
          turn: 1,
        },
        ...{ ...batch, epoch: 7, waitUntil: new Date(memory.now).toISOString(), reduced, groups: answers },
      } as unknown as CommitBatchInput,
      runtime,
    );
  return { memory, pipeline, body, reduce, commit, sent, begin: () => memory.ports.seals.putBody(body) };
}

/** Rounds until the batch is committed; which groups each of them went to. */
async function drive({ reduce, commit }: ReturnType<typeof world>): Promise<readonly (readonly number[])[]> {
  const rounds: (readonly number[])[] = [];
  let state: BatchState | undefined;
  for (let keyGroups: readonly number[] = [0, 1]; rounds.length < 9; ) {
    rounds.push(keyGroups);
    const answers = await Promise.all(keyGroups.map((keyGroup) => reduce(keyGroup, state !== undefined)));
    state = await commit(answers, state?.next === 'reduce' ? state.reduced : undefined);
    if (state.next !== 'reduce') return rounds;
    keyGroups = numbersIn(state.keyGroups);
  }
  throw new Error('no end of rounds');
}

const rowIn = ({ data }: OutputRecord) => JSON.parse(String(data)) as Row & { readonly _sluice: object };
const textsOf = (records: readonly OutputRecord[]): readonly string[] =>
  records.map(rowIn).map(({ key, events, place }) => `${key} ${events} ${place}`);

it('key groups send nothing, then the gathering step sends the first rows, then the batch is committed', async () => {
  const run = world();
  await run.begin();
  const answers = [await run.reduce(0), await run.reduce(1)];
  expect(answers).toMatchObject([
    { done: true, emitted: 0, ranked: 4, rows: { results: 2, filtered: 2 } },
    { done: true, emitted: 0, ranked: 4, rows: { results: 2, filtered: 2 } },
  ]);
  expect(run.sent).toEqual([]);
  const next = await run.commit(answers);
  expect(next).toMatchObject({ next: 'reduce', keyGroups: [gathering], again: true, turn: 2 });
  expect(run.memory.head?.committed).toBeUndefined();
  const gathered = await run.reduce(gathering, true);
  expect(gathered).toMatchObject({ done: true, emitted: 4, rows: { results: 8, filtered: 4 } });
  expect(textsOf(run.sent)).toEqual(expected);
  expect(run.sent.map(rowIn).map(({ _sluice }) => _sluice)).toMatchObject(
    [0, 1, 2, 3].map((index) => ({ ...{ batch: 0, ref: 7, group: gathering, index }, revision: 0, final: true })),
  );
  await run.commit([gathered], (next as { reduced: object }).reduced);
  expect(run.memory.head?.committed).toEqual(batch);
});

it('the report of the batch counts each result once', async () => {
  const run = world();
  await run.begin();
  const told: unknown[] = [];
  Object.assign(run.memory.ports.reports, { putProgress: async (report: unknown) => void told.push(report) });
  expect(await drive(run)).toEqual([[0, 1], [gathering]]);
  expect(told[0]).toMatchObject({ rows: { results: 12, emitted: 4, filtered: 8, refused: 0 } });
});

it('how many rows were handed on goes through the state machine', () => {
  const group = { keyGroup: 0, emitted: 0, done: true, progressed: true, ranked: 4 };
  const reduced = { emitted: 0, stuckSince: 0, ranked: 2 };
  const at = new Date(0).toISOString();
  const input = {
    ...{ ...batch, run: 'run', epoch: 7, turn: 1, request: {}, timing, startedAt: at, waitUntil: at },
    ...{ reduced, groups: [group] },
  };
  expect(check(commitBatchInputRule, input)).toEqual({ kind: 'fits', value: input });
});

it('rows that no key group hands on are gathered by nobody', async () => {
  const run = world({ top: { filters: [{ kind: 'filter', predicate: () => false }] } });
  await run.begin();
  expect(await drive(run)).toEqual([[0, 1]]);
  expect(run.sent).toEqual([]);
});

it('in steps, what is stored says which rows are handed on, whatever a second reducer would rank them by (HANDED-1)', async () => {
  const first = world();
  first.memory.mostInStep = 2;
  await first.begin();
  expect(await drive(first)).toEqual([[0, 1], [gathering]]);
  expect(textsOf(first.sent)).toEqual(expected);
  // Behind those of the step before.
  const { rows } = await first.memory.ports.rows.loadStep({ ...batch, keyGroup: 1 }, 2);
  expect(rows).toEqual([{ kind: 'filtered' }, { kind: 'ranked', by: 1 }]);

  let isOther = false;
  const by = (row: Row) => (isOther ? -row.events : row.events);
  const run = world({ top: { by: by as never } });
  run.memory.mostInStep = 2;
  await run.begin();
  const { putState } = run.memory.ports.states;
  const dies = async () => Promise.reject(new Error('died'));
  Object.assign(run.memory.ports.states, { putState: dies });
  for (const keyGroup of [0, 1]) await expect(run.reduce(keyGroup)).rejects.toThrow('died');
  Object.assign(run.memory.ports.states, { putState });
  isOther = true;
  for (const keyGroup of [0, 1]) await run.reduce(keyGroup, true);
  expect(await run.reduce(gathering, true)).toMatchObject({ done: true });
  expect(textsOf(run.sent)).toEqual(expected);
});

it('a gathering step that is not done is gone to again, and sends what is left', async () => {
  let room = 3;
  const send: OutputSink['send'] = async (records) => {
    const places = [...records.keys()].slice(room);
    room = 100;
    return places.length === 0 ? undefined : { places, error: throttled, isOnlySlow: true };
  };
  const run = world({ send });
  await run.begin();
  expect(await drive(run)).toEqual([[0, 1], [gathering], [gathering]]);
  expect(textsOf(run.sent)).toEqual(expected);
});

it('whoever resumes the batch goes to all groups, hears of their rows again, and repeats nothing that was sent', async () => {
  const run = world();
  await run.begin();
  const next = await run.commit([await run.reduce(0), await run.reduce(1)]);
  expect(next).toMatchObject({ keyGroups: [gathering] });
  expect(await run.reduce(gathering, true)).toMatchObject({ done: true });
  // Its answer was lost: the next execution begins with the real groups.
  await run.memory.ports.outboxNotes.putSent({ ...batch, keyGroup: gathering }, { main: { count: 4, ahead: [] } });
  expect(await drive(run)).toEqual([[0, 1], [gathering]]);
  expect(textsOf(run.sent)).toEqual(expected);
});

it('a row that can not be ranked is a dead letter of its key group; the others go out', async () => {
  const by = (row: Row) => {
    if (row.key === 'c') throw new Error('no c');
    return row.key === 'b' ? Number.NaN : row.events;
  };
  const run = world({ top: { by: by as never } });
  await run.begin();
  await drive(run);
  expect(run.memory.deadLetters.map(({ reason, message, shardId }) => [shardId, reason, message])).toEqual([
    ['group-0', 'callback-failed', 'no c'],
    ['group-0', 'callback-failed', 'no c'],
    ['group-1', 'invalid-result', expect.stringMatching(/^topRows: by answered NaN; use a finite number/)],
    ['group-1', 'invalid-result', expect.stringMatching(/^topRows: by answered NaN; use a finite number/)],
  ]);
  expect(textsOf(run.sent)).toEqual(['d 5 1', 'e 5 2', 'a 4 1', 'd 3 2']);
});

it('a batch gives out as many rows as its seal says, and in that order, whatever is deployed meanwhile', async () => {
  const run = world({ sealed: { n: 1, order: 'lowest' } });
  await run.begin();
  await drive(run);
  expect(textsOf(run.sent)).toEqual(['a 1 1', 'b 1 1']);
});

it('what a former definition has handed on is fitted to the aggregates of today', async () => {
  const run = world();
  const { aggregation } = run.pipeline;
  const former = { ...aggregation, aggregates: aggregation.aggregates.toReversed() };
  const fingerprint = fingerprintOf(former);
  const { summary, partials } = run.memory.blocks.get('0/7/0')!;
  const turned = [...partials].map(([keyGroup, { windows, open }]) => {
    const ofKeys = windows.map(
      ([key, all]): SavedKey => [key, all.map(([start, end, saved]) => [start, end, saved.toReversed()])],
    );
    return [keyGroup, { windows: ofKeys, open }] as const;
  });
  run.memory.blocks.set('0/7/0', { summary, partials: new Map(turned) });
  await run.memory.ports.seals.putBody({ ...run.body, fingerprint });
  const runtime = { pipeline: { ...run.pipeline, aggregation: former, fingerprint }, ports: run.memory.ports, log };
  for (const keyGroup of [0, 1])
    expect(await reduceKeyGroup({ epoch: 7, ...batch, keyGroup, again: false }, runtime)).toMatchObject({ ranked: 4 });
  expect(await run.reduce(gathering, true)).toMatchObject({ done: true });
  expect(textsOf(run.sent)).toEqual(expected);
});

it('a batch that was sealed without ranking gives out all rows, by the filters before and behind', async () => {
  const filters = [{ kind: 'filter', predicate: (row: Row) => row.key !== 'c' }] as never;
  const run = world({ top: { filters } });
  await run.memory.ports.seals.putBody({ ...run.body, gives: {} });
  expect(await drive(run)).toEqual([[0, 1]]);
  expect(run.sent).toHaveLength(10);
});

it('a batch that is to be ranked is not finished by a definition that ranks nothing, and is by one that does', async () => {
  const run = world();
  await run.begin();
  const { top: _, ...aggregation } = run.pipeline.aggregation;
  const runtime = { pipeline: { ...run.pipeline, aggregation }, ports: run.memory.ports, log };
  await expect(reduceKeyGroup({ epoch: 7, ...batch, keyGroup: 0, again: false }, runtime)).rejects.toMatchObject({
    name: 'FingerprintChanged',
    message: expect.stringMatching(/first 2 rows of each window, and the pipeline has no topRows any more/),
  });
  expect(await drive(run)).toEqual([[0, 1], [gathering]]);
});
