/**
 * `sluice savepoint`, `rewind`, `fork` and `repartition` between the batches of a real loop on embedded services. Whatever was done, what
 * stands in the end is what the events that were read come to, counted directly: in the stream by the latest version of each result, and in
 * the live view.
 */

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../cli/program.ts';
import { removeSavepoint } from '../../functions/adapters/dynamodb/remove-pipeline.ts';
import { createSavepointIndex } from '../../functions/adapters/dynamodb/savepoint-index.ts';
import { createSegmentStore } from '../../functions/adapters/dynamodb/segment-store.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { createBucket, createBucketClient } from '../../functions/adapters/s3/bucket.ts';
import { createObjectBlobs } from '../../functions/adapters/s3/object-blobs.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import type { Head } from '../../functions/core/model.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { defaultStateLimits } from '../../functions/core/state/manifest.ts';
import { goBack } from '../../functions/operations/go-back.ts';
import { makeListed, removeListed } from '../../functions/operations/listed-savepoints.ts';
import type { OperatedPipeline } from '../../functions/operations/operated-pipeline.ts';
import { repartition } from '../../functions/operations/repartition.ts';
import { fork, rewind } from '../../functions/operations/savepoint.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { createRuntime, type Runtime, systemClock } from '../../functions/steps/runtime.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { ensureViewTable, viewItems } from '../../local/services/view-table.ts';
import { startEmbeddedS3 } from '../support/embedded-s3.ts';
import { forward } from '../support/forward.ts';
import { useWorld } from '../support/use-world.ts';
import {
  dynamodbOf,
  letLeaseRunOut,
  makeStreams,
  publishEvents,
  readSink,
  region,
  runToEnd,
  runtimeOf,
  table,
  uniqueName,
} from '../support/world.ts';
import { goingBack, type Places } from './pipelines/going-back.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const file = fileURLToPath(new URL('./pipelines/going-back.ts', import.meta.url));
const world = useWorld();
const origins = ['ATL', 'ORD', 'DFW', 'LAX', 'PHX', 'SEA', 'SFO', 'JFK', 'BOS'];

type Flight = { readonly at: string; readonly origin: string; readonly delay: number };

/** One for each origin and hour, so each portion changes every window. */
const portion = (number: number): readonly Flight[] =>
  origins.flatMap((origin, at) =>
    [10, 11].map((hour) => ({
      at: `2001-01-01T${hour}:${10 + number}:00Z`,
      origin,
      delay: ((number * 7 + at) % 5) * 10,
    })),
  );

function counted(...numbers: readonly number[]): unknown[] {
  const byWindow = new Map<string, { flights: number; longest: number }>();
  for (const { at, origin, delay } of numbers.flatMap(portion)) {
    const name = `${origin} ${at.slice(11, 13)}`;
    const { flights = 0, longest = delay } = byWindow.get(name) ?? {};
    byWindow.set(name, { flights: flights + 1, longest: Math.max(longest, delay) });
  }
  return [...byWindow].map(([name, counts]) => ({ name, ...counts })).sort(byName);
}
const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1);

type Row = {
  readonly origin: string;
  readonly windowStart: string;
  readonly flights: number;
  readonly longest: number;
  readonly _sluice: { readonly ref: number; readonly revision: number; readonly generation: number };
};
const resultOf = ({ origin, windowStart, flights, longest }: Row) => ({
  name: `${origin} ${windowStart.slice(11, 13)}`,
  flights,
  longest,
});

async function placesOf(source?: string): Promise<Places> {
  const streams = await makeStreams(world, 2);
  const view = uniqueName('view');
  await ensureViewTable(dynamodbOf(world), { table: view, partitionKeyName: 'pk', sortKeyName: 'sk' }, true);
  return { ...streams, ...(source === undefined ? {} : { source }), view, endpointUrl: world.dynamodb.endpoint };
}

async function makeCase(prefix: string) {
  const [name, places] = [uniqueName(prefix), await placesOf()];
  return caseOf(name, places, runtimeFor(name, 4, places));
}

const storageOf = (pipeline: string) =>
  openStorage({
    ...{ table: new Table(dynamodbOf(world), table, systemClock), pipeline, clock: systemClock, newId: randomUUID },
    stateLimits: { ...defaultStateLimits, mostInlineChars: 0 },
  });

const operatedAs = (name: string): OperatedPipeline => ({
  ...{ ...createStores(storageOf(name)), name, clock: systemClock, newId: randomUUID },
});

/** What time does to a lease whose holder died. */
async function letGo({ head }: OperatedPipeline): Promise<void> {
  const found = await head.load();
  if (found?.holder !== undefined) await head.release(found.epoch, found.holder.owner);
}

/** Its states have segments, however few windows there are. */
function runtimeFor(name: string, parallelism: number, places: Places, changed = false): Runtime {
  const runtime = runtimeOf(world, requirePipeline(goingBack(name, parallelism, places, changed)));
  return { ...runtime, ports: { ...runtime.ports, segments: createSegmentStore(storageOf(name)) } };
}

function caseOf(name: string, places: Places, runtime: Runtime) {
  return {
    name,
    places,
    runtime,
    head: async () => (await runtime.ports.head.load())!,
    /** Returns the last batch. */
    async read(...numbers: readonly number[]): Promise<number> {
      for (const number of numbers) {
        await publishEvents(
          world,
          places.source,
          portion(number).map((data) => ({ key: data.origin, data })),
        );
        expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
      }
      return (await runtime.ports.head.load())!.committed!.batchId;
    },
    /** What stands in the stream and in the view. */
    async standing() {
      const latest = new Map<string, Row>();
      for (const row of (await readSink(world, places.sink)) as Row[]) {
        const { name: window } = resultOf(row);
        const { ref, revision } = latest.get(window)?._sluice ?? { ref: -1, revision: -1 };
        if (row._sluice.ref > ref || (row._sluice.ref === ref && row._sluice.revision > revision))
          latest.set(window, row);
      }
      const viewed: unknown[] = [];
      for await (const item of viewItems(dynamodbOf(world), places.view)) viewed.push(resultOf(item as unknown as Row));
      return {
        stream: [...latest.values()].map(resultOf).sort(byName),
        view: (viewed as { name: string }[]).sort(byName),
      };
    },
    command: (command: string, ...more: readonly string[]) =>
      sluice([command, ...more, '--pipeline', name, '--table', table, '--endpoint-url', world.dynamodb.endpoint]),
  };
}
type Case = Awaited<ReturnType<typeof makeCase>>;

const standing = (...numbers: readonly number[]) => ({ stream: counted(...numbers), view: counted(...numbers) });

async function answered<Answer>(
  asked: Promise<{ code: number | null; stdout: string; stderr: string }>,
): Promise<Answer> {
  const { code, stdout, stderr } = await asked;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Answer;
}

/** With another number of key groups, as if it were deployed anew. */
const deployed = (of: Case, parallelism: number): Case =>
  caseOf(of.name, of.places, runtimeFor(of.name, parallelism, of.places));

/** In this process, as `main.ts` runs it. */
async function sluice(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  const { console } = globalThis;
  try {
    const code = await run(args);
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    globalThis.console = console;
  }
}

const partitionsOf = async (name: string): Promise<string[]> => {
  const { Items = [] } = await dynamodbOf(world).send(new ScanCommand({ TableName: table }));
  return Items.map(({ pk }) => pk!.S!).filter((pk) => pk.startsWith(name));
};

describe('going back', () => {
  test('to a savepoint, a batch, a time: what was read behind it is read again, and the result is the same', async () => {
    const going = await makeCase('rewound');
    const kept = await going.read(0, 1);
    const { savepoint } = await answered<{ savepoint: object }>(going.command('savepoint', 'before', '--json'));
    expect(savepoint).toMatchObject({ name: 'before', batchId: kept, entries: 36, bucket: null });
    const left = await going.read(2, 3);
    const generation = (await going.head()).generation;

    type Went = { batchId: number; generation: number; leftBehind: object; warnings: string[] };
    const went = await answered<Went>(going.command('rewind', '--to-savepoint', 'before', '--json'));
    expect(went).toMatchObject({
      ...{ batchId: left + 1, generationBefore: generation, warnings: [] },
      source: { pipeline: `${going.name}@before`, batchId: kept },
      leftBehind: { batches: [[kept + 1, left]], rows: { main: 36, view: 36 }, withoutReport: 0, gaveUp: null },
    });
    expect(went.generation).toBeGreaterThan(generation);

    const again = await going.read(4);
    expect(await going.standing()).toEqual(standing(0, 1, 2, 3, 4));
    const status = await answered<{ lastBatch: BatchProgress }>(going.command('status', '--json'));
    expect(status.lastBatch.generation).toBe(went.generation);

    const back = await going.command('rewind', '--to-batch', `${kept}`);
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(back.stdout).toContain(`goes on    after batch ${kept}, committed `);
    // What the savepoint's rewind had left is left already.
    expect(back.stdout).toContain(`left       batches ${left + 1} to ${again}\n`);
    await runToEnd(going.runtime, { untilBatch: again + 1 });
    const shown = await going.command('status');
    expect(shown.stdout).toContain(`origin     taken back to batch ${kept} of ${going.name}`);

    const { committedAt } = (await going.runtime.ports.reports.loadProgress(kept, (savepoint as { ref: number }).ref))!;
    const byTime = await answered<Went>(
      going.command('rewind', '--to-time', new Date(committedAt).toISOString(), '--json'),
    );
    expect(byTime).toMatchObject({ source: { batchId: kept }, leftBehind: { batches: [[again + 1, again + 1]] } });
    await going.read(5);
    expect(await going.standing()).toEqual(standing(0, 1, 2, 3, 4, 5));
  });

  test('a fork gives out what the pipeline does, to places of its own; neither knows of the other', async () => {
    const going = await makeCase('forked');
    const kept = await going.read(0, 1);
    await going.read(2);
    const name = uniqueName('branch');
    const made = await answered<object>(going.command('fork', name, '--batch', `${kept}`, '--json'));
    expect(made).toMatchObject({ pipeline: name, batchId: 0, parallelism: 4, origin: { batchId: kept, why: 'fork' } });
    expect(await going.command('fork', name, '--batch', `${kept}`)).toMatchObject({
      ...{ code: 2, stderr: `${name} is there already: use another name, or delete it first\n` },
    });
    const places = await placesOf(going.places.source);
    const branch = caseOf(name, places, runtimeFor(name, 4, places));
    await branch.read(3);
    await going.read();
    await runToEnd(going.runtime, { untilCaughtUp: true });
    expect(await going.standing()).toEqual(standing(0, 1, 2, 3));
    expect(await branch.standing()).toEqual(standing(0, 1, 2, 3));
  });

  test('other numbers of key groups, between batches: the results are the same', async () => {
    const four = await makeCase('divided');
    await four.read(0, 1);
    expect(await four.command('repartition', file, '--groups', '4')).toMatchObject({ code: 2 });
    const made = await answered<object>(four.command('repartition', file, '--groups', '6', '--json'));
    expect(made).toMatchObject({ parallelism: 6, parallelismBefore: 4 });
    const refused = await runToEnd(four.runtime, { untilCaughtUp: true });
    expect(JSON.stringify(refused)).toContain('npx sluice repartition <file> --groups 4');
    const six = deployed(four, 6);
    await six.read(2);
    expect(await six.standing()).toEqual(standing(0, 1, 2));
    await answered(six.command('repartition', file, '--groups', '3', '--json'));
    const three = deployed(four, 3);
    await three.read(3);
    expect(await three.standing()).toEqual(standing(0, 1, 2, 3));
    expect((await three.head()).generation).toBe((await four.head()).createdAt);
  });
});

describe('what a repartition goes on from', () => {
  test('is saved by the definition of the last batch, also where another one has planned since', async () => {
    const going = await makeCase('changed');
    await going.read(0, 1);
    const changed = caseOf(going.name, going.places, runtimeFor(going.name, 4, going.places, true));
    // Nothing is left to read, so no batch is of this definition.
    await runToEnd(changed.runtime, { untilCaughtUp: true });
    const definition = requirePipeline(goingBack(going.name, 3, going.places, true));
    const head = await going.head();
    expect(head.fingerprint).toBe(definition.fingerprint);
    await repartition(operatedAs(going.name), definition, { ...head, committed: head.committed! }, 3);
    const three = caseOf(going.name, going.places, runtimeFor(going.name, 3, going.places, true));
    await three.read(2);
    expect(await three.standing()).toEqual(standing(0, 1, 2));
  });

  test('is the last batch: one that was committed meanwhile is not passed over', async () => {
    const going = await makeCase('meanwhile');
    await going.read(0);
    const seen = await going.head();
    await going.read(1);
    const definition = requirePipeline(goingBack(going.name, 4, going.places));
    const dividing = repartition(operatedAs(going.name), definition, { ...seen, committed: seen.committed! }, 3);
    await expect(dividing).rejects.toThrow('has gone on meanwhile');
    const { sealed, committed, parallelism } = await going.head();
    expect([sealed, parallelism]).toEqual([committed, 4]);
  });
});

describe('savepoints', () => {
  test('are listed, refused twice, and deleted with all that they have stored', async () => {
    await using s3 = await startEmbeddedS3('state');
    const [name, places] = [uniqueName('kept'), await placesOf()];
    const runtime = createRuntime(requirePipeline(goingBack(name, 4, places)), {
      ...{ table, region, credentials: localCredentials, requestTimeoutMs: 60_000 },
      ...{ kinesisEndpoint: world.kinesis.endpoint, dynamodbEndpoint: world.dynamodb.endpoint },
      ...{ stateBucket: 'state', s3Endpoint: s3.endpointUrl },
    });
    const going = caseOf(name, places, runtime);
    await going.read(0);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.endpointUrl);
    onTestFinished(() => void vi.unstubAllEnvs());
    // Left by a command that has died.
    await objectOf(`${name}@one`, s3.endpointUrl);
    expect(await going.command('savepoint', 'one', '--state-bucket', 'state')).toMatchObject({ code: 0, stderr: '' });
    expect(await going.command('savepoint', 'one', '--state-bucket', 'state')).toMatchObject({
      ...{ code: 2, stderr: `${name}@one is there already: use another name, or delete it first\n` },
    });
    const { savepoints } = await answered<{ savepoints: object[] }>(going.command('savepoint', '--list', '--json'));
    expect(savepoints).toMatchObject([{ name: 'one', batchId: 0, bucket: 'state', entries: 18 }]);
    expect(await going.command('savepoint', 'other', '--delete')).toMatchObject({
      ...{ code: 2, stderr: `pipeline ${name} has no savepoint other: it has one\n` },
    });
    expect(await going.command('savepoint', 'one', '--delete')).toMatchObject({
      ...{ code: 2, stderr: `${name}@one was made with the bucket state: name it as well\n` },
    });
    expect(await partitionsOf(`${name}@one`)).not.toEqual([]);
    expect(await going.command('savepoint', 'one', '--delete', '--state-bucket', 'state')).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await partitionsOf(`${name}@`)).toEqual([]);
    expect([...s3.objects('state').keys()].filter((key) => key.startsWith(`${name}@`))).toEqual([]);
    expect((await going.command('savepoint', '--list')).stdout).toBe('No savepoints.\n');
  });

  test('what is not whole, too old, or of another stream is told', async () => {
    const going = await makeCase('told');
    await going.read(0);
    await answered(going.command('savepoint', 'one', '--json'));
    const of = operatedAs(going.name);
    const listed = {
      ...{ name: 'one', pipeline: of, savepoint: operatedAs(`${going.name}@one`), bucket: null },
      index: createSavepointIndex(storageOf(going.name)),
      removeAll: () => removeSavepoint(storageOf(`${going.name}@one`)),
    };
    const place = { kind: 'savepoint', listed } as const;
    const head = await going.head();
    const stream = { ...head.sources.main.stream, createdAt: 1 };
    const recreated = { ...head, sources: { main: { ...head.sources.main, stream } } };
    const elsewhere = { ...of, head: { ...of.head, load: async () => recreated } };
    await expect(goBack(elsewhere, place)).rejects.toMatchObject({ name: 'StreamRecreated' });
    expect((await going.head()).epoch).toBe(head.epoch);

    const tomorrow = { ...of, clock: { ...systemClock, now: () => Date.now() + 25 * 3_600_000 } };
    expect((await goBack(tomorrow, place)).warnings).toEqual([
      expect.stringMatching(/^batch 0 was committed 25 h ago, and the stream keeps records for 24 h: /),
    ]);

    // A deletion that dies: nobody goes back to what is left, and it is deleted by the next.
    const dying = removeListed({ ...listed, removeAll: () => Promise.reject(new Error('gone')) });
    await expect(dying).rejects.toThrow('gone');
    await letGo(listed.savepoint);
    await expect(goBack(of, place)).rejects.toThrow(`pipeline ${going.name} has no savepoint one: it has none`);
    await expect(goBack(of, { kind: 'batch', batchId: 7 })).rejects.toThrow(
      `batch 7 of ${going.name} is not committed: use one from 0 to 0, the last one`,
    );
    expect(await going.command('savepoint', 'one', '--delete')).toMatchObject({ code: 0 });
    expect(await partitionsOf(`${going.name}@`)).toEqual([]);
  });

  test('a purge that is faster: the last batch is taken anew, and one that was asked for is told to be gone', async () => {
    const going = await makeCase('purged');
    await going.read(0);
    const real = operatedAs(going.name);
    /** While its states are copied, the next batch is committed, and the one before is purged. */
    const overtaken = () => {
      let isPurged = false;
      const pipeline: OperatedPipeline = {
        ...real,
        head: {
          ...real.head,
          async load() {
            const head = (await real.head.load())!;
            return isPurged ? { ...head, oldestRetainedBatch: head.committed!.batchId } : head;
          },
        },
        states: {
          ...real.states,
          async loadState(...name) {
            if (isPurged) return real.states.loadState(...name);
            isPurged = true;
            await going.read(1);
            throw new SluiceError('MissingItem', 'it was purged');
          },
        },
      };
      return pipeline;
    };
    const listed = (name: string) => ({
      ...{ name, pipeline: overtaken(), savepoint: operatedAs(`${going.name}@${name}`), bucket: null },
      index: createSavepointIndex(storageOf(going.name)),
      removeAll: () => removeSavepoint(storageOf(`${going.name}@${name}`)),
    });
    expect(await makeListed(listed('last'), undefined)).toMatchObject({ name: 'last', batchId: 1 });
    await expect(makeListed(listed('first'), 1)).rejects.toThrow(
      `batch 1 of ${going.name} was purged: use one from 2 to 2, the last one`,
    );
    expect((await going.command('savepoint', '--list')).stdout).toMatch(/│ last │ 1 +│(?!.*│ first)/s);
    const head = await going.head();
    await expect(goBack(lateToRead(real, head), { kind: 'batch', batchId: 2 })).rejects.toThrow(
      `batch 2 of ${going.name} was purged: use one from 3 to 2, the last one`,
    );
    expect(await going.head()).toMatchObject({ sealed: head.sealed, holder: { lease: { kind: 'released' } } });
  });

  /** All that it goes back to is gone when it is copied. */
  const lateToRead = (of: OperatedPipeline, head: Head): OperatedPipeline => {
    let isPurged = false;
    const gone = async () => {
      isPurged = true;
      throw new SluiceError('MissingItem', 'it was purged');
    };
    const load = async () => {
      const now = (await of.head.load())!;
      return isPurged ? { ...now, oldestRetainedBatch: head.committed!.batchId + 1 } : now;
    };
    return { ...of, head: { ...of.head, load }, states: { ...of.states, loadState: gone } };
  };

  test('a driver that runs is left alone by what would change its pipeline, with exit code 4', async () => {
    const going = await makeCase('held');
    const last = await going.read(0);
    const head = await going.head();
    await going.runtime.ports.head.claim(head, {
      ...{ owner: 'someone', claim: 'theirs', execution: 'their-execution', leaseUntil: Date.now() + 60_000 },
      source: { listedAt: undefined, retentionMs: 1 },
    });
    const refused = await going.command('rewind', '--to-batch', `${last}`);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(
      /^pipeline held-\w+ is held by their-execution until 2\S+Z: stop it, or wait until then\n$/,
    );
    expect(await going.command('repartition', file, '--groups', '2')).toMatchObject({ code: 4 });
    expect(await going.command('savepoint', 'meanwhile')).toMatchObject({ code: 0 });
  });
});

const spawnSluice = (args: readonly string[]) =>
  spawn(process.execPath, ['--conditions=sluice-source', main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });

async function objectOf(pipeline: string, endpointUrl: string): Promise<void> {
  const client = createBucketClient({ endpointUrl, region, credentials: localCredentials });
  const bucket = createBucket('state', { client, clock: systemClock });
  const name = '000000000000#0000000000000001#nonce';
  await createObjectBlobs(bucket).put({ folder: `${pipeline}/segments/00000`, name }, new Uint8Array(10), { v: 1 });
}

describe('a command that dies', () => {
  /** Everything that it writes, one after the other. */
  const writes: readonly (readonly [keyof OperatedPipeline, string])[] = [
    ...[['head', 'create'] as const, ['head', 'claim'] as const, ['segments', 'copySegment'] as const],
    ...[['segments', 'putSegment'] as const, ['states', 'putState'] as const, ['seals', 'putBody'] as const],
    ...[['head', 'restore'] as const, ['head', 'commit'] as const],
  ];

  /** It ends behind its n-th write. After that nothing of it is written, and no lease is given free. */
  function dying(of: OperatedPipeline, last: number) {
    let count = 0;
    let isDead = last === 0;
    const gone = () => {
      isDead = true;
      throw new Error('gone');
    };
    const mortal: Record<string, unknown> = { ...of };
    for (const [port, method] of [...writes, ['head', 'release'] as const]) {
      const real = mortal[port] as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const call = real[method]!;
      mortal[port] = {
        ...real,
        [method]: async (...args: unknown[]) => {
          if (isDead) return gone();
          const done = await call(...args);
          if (method !== 'release') count += 1;
          return count === last ? gone() : done;
        },
      };
    }
    return { mortal: mortal as unknown as OperatedPipeline, died: () => isDead };
  }

  type Attempt = (of: OperatedPipeline) => Promise<unknown>;

  /** Before its first write and behind each, until it is through. Returns at how many points it has died. */
  async function dieAtEach(of: OperatedPipeline, attempt: Attempt, afterEach: () => Promise<boolean>): Promise<number> {
    for (let point = 0; point < 50; point++) {
      const { mortal, died } = dying(of, point);
      const ended = await attempt(mortal).then(
        () => 'through',
        (error: unknown) => error,
      );
      if (!died()) {
        expect(ended).toBe('through');
        return point;
      }
      if (await afterEach()) return point + 1;
    }
    throw new Error('it never ends');
  }

  test('a rewind has changed nothing before its seal, and can be made again; behind it the next start finishes it', async () => {
    const going = await makeCase('killed');
    const kept = await going.read(0);
    const left = await going.read(1);
    const { ref } = (await going.runtime.ports.seals.loadSealed(left, (await going.head()).committed!.ref)).previous!;
    const of = operatedAs(going.name);
    const points = await dieAtEach(
      of,
      (mortal) => rewind(mortal, { of, batchId: kept, ref }),
      async () => {
        const { sealed } = await going.head();
        await letLeaseRunOut(going.runtime);
        return sealed!.batchId > left;
      },
    );
    // A claim, segments and states of some groups, the body and the head.
    expect(points).toBeGreaterThanOrEqual(8);
    await going.read(2);
    expect(await going.standing()).toEqual(standing(0, 1, 2));
    expect(
      (await going.runtime.ports.reports.loadProgress(left + 1, (await going.head()).committed!.ref))?.origin,
    ).toBe(undefined);
  });

  test('so has a repartition, which is finished by the definition with its number', async () => {
    const four = await makeCase('killed');
    const last = await four.read(0);
    const definition = requirePipeline(goingBack(four.name, 4, four.places));
    const of = operatedAs(four.name);
    await dieAtEach(
      of,
      async (mortal) => {
        const head = await four.head();
        return repartition(mortal, definition, { ...head, committed: head.committed! }, 3);
      },
      async () => {
        const { sealed, parallelism } = await four.head();
        await letLeaseRunOut(four.runtime);
        expect(parallelism).toBe(sealed!.batchId > last ? 3 : 4);
        return sealed!.batchId > last;
      },
    );
    const three = deployed(four, 3);
    await three.read(1);
    expect(await three.standing()).toEqual(standing(0, 1));
  });

  test('from a terminal it gives free what it holds, when it is interrupted', async () => {
    const going = await makeCase('interrupted');
    const last = await going.read(0);
    const interrupted = Promise.withResolvers<(signal: NodeJS.Signals) => void>();
    let writes = 0;
    const door = createServer(async (request, response) => {
      const body = await buffer(request);
      // Behind the claim it writes states: none of them is answered.
      if (request.headers['x-amz-target']?.toString().endsWith('.PutItem') === true) {
        writes += 1;
        (await interrupted.promise)('SIGINT');
        return;
      }
      await forward(request, body, { endpoint: world.dynamodb.endpoint, response });
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
    const child = spawnSluice([
      'rewind',
      '--to-batch',
      `${last}`,
      '--pipeline',
      going.name,
      '--table',
      table,
      '--endpoint-url',
      endpoint,
    ]);
    interrupted.resolve((signal) => child.kill(signal));
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    door.closeAllConnections();
    door.close();
    expect({ code, stderr, writes }).toEqual({ code: 130, stderr: expect.stringContaining('Stopped.'), writes: 1 });
    expect(await going.head()).toMatchObject({ holder: { execution: 'sluice rewind', lease: { kind: 'released' } } });
  });

  test('so has a fork, and a savepoint is listed when it is whole', async () => {
    const going = await makeCase('killed');
    await going.read(0);
    const head = await going.head();
    const source = { of: operatedAs(going.name), ...head.committed! };

    const branch = operatedAs(uniqueName('branch'));
    await dieAtEach(
      branch,
      (mortal) => fork(mortal, source, head),
      async () => {
        const found = await branch.head.load();
        await letGo(branch);
        expect(found?.control ?? 'stop').toBe(found?.sealed === undefined ? 'stop' : 'run');
        return found?.sealed !== undefined;
      },
    );

    const index = createSavepointIndex(storageOf(going.name));
    const savepoint = operatedAs(`${going.name}@again`);
    const points = await dieAtEach(
      savepoint,
      (mortal) =>
        makeListed(
          {
            ...{ name: 'again', pipeline: operatedAs(going.name), savepoint: mortal, index, bucket: null },
            removeAll: () => removeSavepoint(storageOf(savepoint.name)),
          },
          undefined,
        ),
      async () => {
        await letGo(savepoint);
        expect(await index.list()).toEqual([]);
        return false;
      },
    );
    // Behind the last point it is there, and is listed.
    expect(points).toBeGreaterThanOrEqual(8);
    expect(await index.list()).toMatchObject([{ name: 'again', batchId: 0, entries: 18 }]);
    expect(await going.command('savepoint', 'again', '--delete')).toMatchObject({ code: 0 });
    expect(await partitionsOf(savepoint.name)).toEqual([]);
  });
});
