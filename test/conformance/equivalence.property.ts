/**
 * Equivalence: whatever comes in which batch, from which shard and in which order, what a pipeline gives out is what a direct
 * computation over the whole input gives, which is told the watermarks of the batches, or what is late could not be compared. It is so in
 * every batch, version by version, and so is what a reader has in the end who keeps the latest version of each result.
 *
 * A case is drawn as a whole: a window, its lateness, a mode, a filter of rows, events of several shards, some out of order or late, cuts
 * into batches, stops and deaths from which the run begins anew with what it has saved, key groups, and the order in which blocks
 * are merged.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  count,
  json,
  kinesis,
  max,
  min,
  pipeline,
  type ResultVersion,
  runPipeline,
  sum,
  type tumbling,
} from '../../functions/index.ts';
import { TestStates } from '../../functions/testing/test-states.ts';
import { Random } from '../simulation/random.ts';
import { nameOf } from '../windows/direct-computation.ts';
import {
  aboutOf,
  type DrawnRules,
  directly,
  type Given,
  type Row,
  type Told,
  type Turn,
} from './direct-computation.ts';
import { windowCases } from './window-cases.ts';

const minute = 60_000;
const casesOfTest = 2_500;

type Batch = readonly Given[] | 'cut' | { readonly crash: 'reading' | 'reducing' } | { readonly watermark: number };
type Case = DrawnRules & {
  readonly delayMs: number;
  /** Late events have an output of their own. */
  readonly keepsLate: boolean;
  readonly batches: readonly Batch[];
  readonly parallelism: number;
  readonly mergeOrder: 'by-task' | 'reversed';
  /** Blocks have several parts. */
  readonly mergeEvery: number | undefined;
};

/** What all cases have together. */
const nothingSeen = {
  ...{ events: 0, late: 0, batches: 0, 'moved watermarks': 0, crashes: 0, cuts: 0 },
  ...{ rows: 0, corrections: 0, 'of them late': 0, retractions: 0 },
  ...{
    'with lateness': 0,
    'in update mode': 0,
    'in complete mode': 0,
    'with parts': 0,
    'with a filter': 0,
    'with two outputs': 0,
    'with one of late events': 0,
    'with blocks in parts': 0,
  },
};
type Seen = { -readonly [Name in keyof typeof nothingSeen]: number };

/** Of the states that cases go on with: they are cut into pages of three, and merged two at a time. */
const ofStates = { merges: 0, 'reads of several segments': 0, removals: 0 };
const { open, put } = TestStates.prototype;
beforeEach(() => {
  Object.assign(ofStates, { merges: 0, 'reads of several segments': 0, removals: 0 });
  // No spies: they would keep what they were called with.
  TestStates.prototype.open = function (...given) {
    const state = open.apply(this, given);
    if (new Set(state.reads.map(({ segment }) => segment.name)).size > 1) ofStates['reads of several segments'] += 1;
    return state;
  };
  TestStates.prototype.put = function (state, delta) {
    const manifest = put.call(this, state, delta);
    ofStates.merges += manifest.runs.some(({ level }) => level > 0) ? 1 : 0;
    ofStates.removals += delta.reduce((sum, { removals }) => sum + removals.length, 0);
    return manifest;
  };
  return () => Object.assign(TestStates.prototype, { open, put });
});

describe('10,000 drawn pipelines give out what is computed directly', () => {
  it.each([1, 2_501, 5_001, 7_501])('those from %i on', (first) => {
    const seen: Seen = { ...nothingSeen };
    for (let seed = first; seed < first + casesOfTest; seed++) {
      const result = compare(drawCase(new Random(seed)), `seed ${seed}`);
      for (const [name, value] of Object.entries(result)) seen[name as keyof Seen] += value;
    }
    const averages = Object.entries(seen).map(([name, all]) => `${(all / casesOfTest).toFixed(2)} ${name}`);
    const share = (100 * seen.late) / seen.events;
    process.stdout.write(`a case has ${averages.join(', ')}; ${share.toFixed(1)} % are late\n`);
    const states = Object.entries(ofStates).map(([name, all]) => `${((1_000 * all) / casesOfTest).toFixed(0)} ${name}`);
    process.stdout.write(`1,000 cases have states with ${states.join(', ')}\n`);
    for (const all of Object.values(ofStates)) expect(all / casesOfTest).toBeGreaterThan(0.3);
    expect(seen.events / casesOfTest).toBeGreaterThan(45);
    expect(seen.late / seen.events).toBeGreaterThan(0.15);
    expect(seen.crashes / casesOfTest).toBeGreaterThan(0.9);
    expect(seen.rows / casesOfTest).toBeGreaterThan(10);
    expect(seen.corrections / casesOfTest).toBeGreaterThan(5);
    expect(seen.retractions / casesOfTest).toBeGreaterThan(0.6);
  });
});

function compare(drawn: Case, name: string): Partial<Seen> {
  const { batches, parallelism, mergeOrder, mergeEvery } = drawn;
  const results = runPipeline(definitionOf(drawn), {
    batches: batches.map((batch) => (Array.isArray(batch) ? { shards: byShard(batch) } : batch)) as never,
    shards: ['a', 'b', 'c'],
    parallelism,
    mergeOrder,
    ...(mergeEvery === undefined ? {} : { mergeEvery }),
    closeWindows: true,
  });
  const watermarks = results.map(({ watermark }) => watermark?.getTime() ?? null);
  const turns = batches.map((batch): Turn => (batch === 'cut' || 'crash' in batch ? 'other' : batch));
  const right = directly(drawn, [...turns, 'close'], watermarks);
  const told: (Told & { readonly batch: number })[] = [];
  for (const [at, { outputs, late }] of results.entries()) {
    const where = `${name}, batch ${at} of ${drawn.window.name}`;
    expect(textsOfLate(late as readonly Given[]), `${where}: late`).toEqual(textsOfLate(right.batches[at]!.late));
    const { late: kept, ...ofRows } = outputs;
    expect(kept === undefined, `${where}: late ones have an output`).toBe(!drawn.keepsLate);
    if (kept !== undefined)
      expect(keptIn(kept.results), `${where}: kept`).toEqual(textsOfLate(right.batches[at]!.late));
    const found = Object.entries(ofRows).flatMap(([output, { results: rows, versions }]) =>
      rows.map((row, place) => toldOf(row as Row, { output, version: versions[place]!, turn: at }, drawn)),
    );
    expect(textsOf(found), where).toEqual(textsOf(right.batches[at]!.versions));
    told.push(...found.map((each) => ({ ...each, batch: at })));
  }
  expect(drawn.discards ? addedUp(told) : folded(told), `${name} of ${drawn.window.name}: in the end`).toEqual(
    right.rows,
  );
  return { ...seenIn(drawn, told), late: right.batches.reduce((sum, { late }) => sum + late.length, 0) };
}

function definitionOf({ window, delayMs, latenessMs, keepsLate, mode, discards, above, secondAbove }: Case) {
  const windows = pipeline('equivalence')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ key: z.string(), at: z.number(), value: z.number(), shard: z.string() })))
    .withWatermark((event) => event.at, { delay: `${delayMs} milliseconds` as never })
    .groupBy({ key: (event) => event.key })
    .window(window.window as ReturnType<typeof tumbling>);
  const lasting = latenessMs === 0 ? windows : windows.allowedLateness(`${latenessMs} milliseconds` as never);
  const written = (keepsLate ? lasting.sideOutputLate(kinesis({ streamName: 'late' })) : lasting)
    .aggregate({
      events: count(),
      total: sum((event) => event.value),
      least: min((event) => event.value),
      most: max((event) => event.value),
    })
    .filter((row) => above === undefined || (row.total ?? 0) > above)
    .writeStream(kinesis({ streamName: 'out' }));
  const second = (row: { readonly total: number | null }): boolean => (row.total ?? 0) > secondAbove!;
  const outputs =
    secondAbove === undefined
      ? written
      : written.writeStream(kinesis({ streamName: 'second' }), { name: 'second', filter: second });
  return outputs.outputMode(
    mode as 'update',
    mode === 'complete' ? {} : { accumulation: discards ? 'discarding' : 'accumulating' },
  );
}

/** Windows of a batch have the number of its turn. */
function toldOf(
  row: Row,
  { output, version, turn }: { readonly output: string; readonly version: ResultVersion; readonly turn: number },
  { window }: Case,
): Told {
  const [key] = JSON.parse(version.key) as [string];
  const bounds = window.windowsOf === undefined ? ([turn, turn + 1] as const) : version.window;
  const { revision, retracted } = version;
  return {
    ...{ name: `${output} ${nameOf({ key, window: bounds })}`, revision, about: aboutOf(version) },
    row: retracted ? undefined : rowOf(row),
  };
}

const rowOf = ({ events, total, least, most }: Row): Row => ({ events, total, least, most });

const textsOfLate = (late: readonly Given[]): readonly string[] => late.map((event) => JSON.stringify(event)).sort();

/** Each is the event as it came. */
const keptIn = (records: readonly unknown[]): readonly string[] =>
  (records as readonly { readonly payload: { readonly text: string } }[]).map(({ payload }) => payload.text).sort();

const textsOf = (all: readonly Told[]): readonly string[] =>
  all
    .map(
      ({ name, revision, about, row }) =>
        `${name}, ${revision}, ${about}: ${row === undefined ? 'taken back' : Object.values(row).join(' ')}`,
    )
    .sort();

/** What a reader has who keeps the latest of each. Of those that came in one batch, the highest revision is the last one. */
function folded(told: readonly (Told & { readonly batch: number })[]): ReadonlyMap<string, Row> {
  const latest = new Map<string, Told & { readonly batch: number }>();
  for (const each of told) {
    const known = latest.get(each.name);
    if (known === undefined || each.batch > known.batch || each.revision > known.revision) latest.set(each.name, each);
  }
  return new Map([...latest.values()].flatMap(({ name, row }) => (row === undefined ? [] : [[name, row] as const])));
}

/** And one who puts parts together; none is taken back. */
function addedUp(told: readonly Told[]): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const { name, row } of told) {
    const known = rows.get(name);
    const { events, total, least, most } = row!;
    const sums = known && { events: known.events + events, total: known.total + total };
    rows.set(name, sums ? { ...sums, least: Math.min(known.least, least), most: Math.max(known.most, most) } : row!);
  }
  return rows;
}

function seenIn(
  { batches, latenessMs, keepsLate, mode, discards, above, secondAbove, mergeEvery }: Case,
  told: readonly Told[],
): Partial<Seen> {
  const isCorrection = ({ revision, row }: Told): boolean => revision > 0 && row !== undefined;
  const isCrash = (batch: Batch): boolean => typeof batch === 'object' && 'crash' in batch;
  return {
    events: batches.reduce((sum, batch) => sum + (Array.isArray(batch) ? batch.length : 0), 0),
    batches: batches.filter(Array.isArray).length,
    'moved watermarks': batches.filter((batch) => typeof batch === 'object' && 'watermark' in batch).length,
    crashes: batches.filter(isCrash).length,
    cuts: batches.filter((batch) => batch === 'cut').length,
    rows: told.length,
    corrections: told.filter(isCorrection).length,
    'of them late': told.filter(isCorrection).filter(({ about }) => about.startsWith('late')).length,
    retractions: told.filter(({ row }) => row === undefined).length,
    'with lateness': Number(latenessMs > 0),
    'in update mode': Number(mode === 'update'),
    'in complete mode': Number(mode === 'complete'),
    'with parts': Number(discards),
    'with a filter': Number(above !== undefined),
    'with two outputs': Number(secondAbove !== undefined),
    'with one of late events': Number(keepsLate),
    'with blocks in parts': Number(mergeEvery !== undefined),
  };
}

function byShard(events: readonly Given[]): Readonly<Record<string, readonly Given[]>> {
  return Object.groupBy(events, ({ shard }) => shard) as Readonly<Record<string, readonly Given[]>>;
}

function drawCase(random: Random): Case {
  const window = random.pick(windowCases);
  const spanMs = random.int(2, 40) * minute;
  const delayMs = random.pick([0, 1_000, minute, 5 * minute]);
  // Nothing is late in a window of a batch, and a total goes by its key.
  const latenessMs =
    window.windowsOf === undefined || window.isTotal ? 0 : random.pick([0, 0, 0, 30_000, 10 * minute, spanMs]);
  const modes = ['update', 'update', 'update', 'complete'] as const;
  // A total never closes.
  const mode = random.pick(window.isTotal ? modes : (['append', 'append', 'append', ...modes] as const));
  const discards = window.windowsOf !== undefined && mode !== 'complete' && random.chance(0.2);
  return {
    ...{ window, delayMs, latenessMs, mode, discards, keepsLate: window.windowsOf !== undefined && random.chance(0.2) },
    // About half of the rows: further events take one to either side.
    above: random.chance(0.7) ? random.int(-12, 12) / 4 : undefined,
    secondAbove: random.chance(0.25) ? random.int(-12, 24) / 4 : undefined,
    batches: drawBatches(random, { spanMs, delayMs }),
    ...{ parallelism: random.int(1, 4), mergeOrder: random.pick(['by-task', 'reversed']) },
    mergeEvery: random.fork('parts').pick([undefined, undefined, undefined, 1, 3]),
  };
}

function drawBatches(
  random: Random,
  { spanMs, delayMs }: { readonly spanMs: number; readonly delayMs: number },
): Batch[] {
  const keys = random.int(1, 6);
  // Each shard is somewhere else in event time.
  const skews: Record<string, number> = { a: 0, b: random.int(0, 3) * minute, c: random.int(0, 10) * minute };
  const batches: Batch[] = [];
  let now = random.int(0, 1_000) * 1_000;
  let least = Number.NEGATIVE_INFINITY;
  for (let left = random.int(2, 4); left > 0; left--) {
    if (random.chance(0.35)) batches.push({ crash: random.pick(['reading', 'reducing']) });
    const events = Array.from({ length: random.int(0, 34) }, (): Given => {
      now += random.int(0, Math.ceil(spanMs / 60));
      const shard = random.pick(['a', 'b', 'c']);
      const isStray = random.chance(0.65);
      const at =
        now - skews[shard]! - (isStray ? delayMs + random.int(0, 3 * spanMs) : random.int(0, Math.max(1, delayMs)));
      // Whole seconds often fall on the end of a window.
      return { key: `k${random.int(1, keys)}`, at: wholeSeconds(at, 15), value: random.int(-50, 50) / 4, shard };
    });
    batches.push(events);
    if (random.chance(0.25)) batches.push('cut');
    if (random.chance(0.25)) {
      least = Math.max(least, now - random.int(0, spanMs));
      least = wholeSeconds(least + 10 * spanMs, 30);
      batches.push({ watermark: least });
      now = Math.max(now, least);
    }
  }
  return batches;
}

const wholeSeconds = (time: number, seconds: number): number => Math.floor(time / (seconds * 1_000)) * seconds * 1_000;
