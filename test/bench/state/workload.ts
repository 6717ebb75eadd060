/**
 * The pipeline that is measured, and what comes in: `entries` windows of keys, each key in one, which are all open all the time.
 *
 * A batch has one event for each of `touched` of them, drawn anew each time. The ends of windows are spread over the batches: when one
 * closes, its keys go on in a later one, and come into it one by one, as part of what is touched: where fewer are touched than close, fewer
 * are open. With no more batches than `tailBatches` nothing closes.
 */
import * as z from 'zod';
import type { Evaluation } from '../../../functions/core/run-operation.ts';
import { WindowTable } from '../../../functions/core/window-table.ts';
import {
  avg,
  checkPipeline,
  count,
  json,
  kinesis,
  pipeline,
  session,
  sum,
  tumbling,
} from '../../../functions/index.ts';
import type { EventMeta } from '../../../functions/pipeline/callback.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Settings } from './settings.ts';

/** As few as may be, so that what a batch leaves is soon seen to go. */
export const retained = 2;
/** Behind the last close its rows are still to be purged. */
export const tailBatches = retained + 2;

const hourMs = 3_600_000;
const begin = Date.UTC(2026, 0, 1);
/** No session ends before the last batch. */
const sessionGap = '48 hours';
const delayMs = hourMs;
/** The first ones of a key, which its window is made of before anything is measured. */
const eventsAtFirst = 3;

const event = z.object({ user: z.string(), at: z.number(), amount: z.number() });
type Event = z.infer<typeof event>;

export function pipelineOf({ groups, mode }: Pick<Settings, 'groups' | 'mode'>): Pipeline {
  const grouped = pipeline('bench', { parallelism: groups, minBatchesToRetain: retained })
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(event))
    .withWatermark(({ at }) => at, { delay: '1 hour' })
    .groupBy({ user: ({ user }) => user });
  const aggregates = {
    events: count(),
    total: sum(({ amount }: Event) => amount),
    mean: avg(({ amount }: Event) => amount),
  };
  const out = kinesis({ streamName: 'out' });
  const made = {
    append: () => grouped.window(tumbling('1 hour')).aggregate(aggregates).writeStream(out),
    update: () => grouped.window(tumbling('1 hour')).aggregate(aggregates).writeStream(out).outputMode('update'),
    session: () => grouped.window(session(sessionGap)).aggregate(aggregates).writeStream(out),
  };
  const checked = checkPipeline(made[mode]());
  if (checked.kind === 'invalid')
    throw new Error(`the pipeline of the benchmark is not valid: ${JSON.stringify(checked)}`);
  return checked.pipeline;
}

/** What a batch brings. */
export type Batch = {
  /** Those that are measured count from 0. */
  readonly at: number;
  /** Of each task. */
  readonly touched: readonly (readonly number[])[];
  /** Of each that is touched. */
  readonly events: number;
  /** By what was read before it. */
  readonly watermark: number;
  readonly maxEventTime: number;
  /** Windows that end with it. */
  readonly closes: number;
};

export class Workload {
  readonly pipeline: Pipeline;
  readonly #settings: Settings;
  readonly #draw: () => number;
  /** Of entries whose window has closed: those that go on next, first. */
  #returning: number[] = [];
  #closed = 0;

  constructor(settings: Settings) {
    this.pipeline = pipelineOf(settings);
    this.#settings = settings;
    this.#draw = drawing(entriesSeed);
  }

  /** All entries, none twice, so many at a time. */
  *fill(): Generator<Batch> {
    const { entries } = this.#settings;
    const watermark = this.#watermark;
    for (let from = 0; from < entries; from += mostAtOnce) {
      const length = Math.min(mostAtOnce, entries - from);
      const part = Array.from({ length }, (_, place) => from + place);
      yield { ...this.#batch(part), at: firstBatch, events: eventsAtFirst, watermark, closes: 0 };
    }
  }

  /** Number `at` of those that are measured; those before it are below 0. */
  next(at: number): Batch {
    const { entries, touched: share } = this.#settings;
    const watermark = this.#watermark;
    const touched = this.#touched(Math.max(1, Math.round(entries * share)));
    const closed = this.#closedAt(at);
    const closes = closed - this.#closed;
    for (; this.#closed < closed; this.#closed++) this.#takeBack(this.#closed);
    return { ...this.#batch(touched), at, events: 1, watermark, closes };
  }

  /** Of one task, as its executor has it when it has read all. */
  table({ at, touched, events, watermark }: Batch, task: number): WindowTable {
    const table = new WindowTable(this.pipeline.aggregation!);
    for (const entry of touched[task] ?? []) {
      for (let event = 0; event < events; event++) {
        const fate = table.add(this.#evaluation(entry, Math.max(0, at) + event), noMeta, { batchId: 0, watermark });
        if (fate !== 'counted') throw new Error(`an event of the benchmark is ${fate}`);
      }
    }
    return table;
  }

  get #watermark(): number {
    return begin + this.#closed * hourMs;
  }

  #batch(entries: readonly number[]): Pick<Batch, 'touched' | 'maxEventTime'> {
    const { tasks } = this.#settings;
    const touched = Array.from({ length: tasks }, (_, task) => entries.filter((__, place) => place % tasks === task));
    return { touched, maxEventTime: this.#watermark + delayMs };
  }

  /** How many ends have been reached behind this batch. */
  #closedAt(at: number): number {
    const { windows, batches, mode } = this.#settings;
    // So few are asked for where a close is not to be measured.
    if (at < 0 || batches <= tailBatches) return 0;
    const share = Math.min(1, (at + 1) / (batches - tailBatches));
    const closed = Math.floor(windows * share);
    // Sessions have no end in common: the watermark passes all at once.
    return mode === 'session' && closed > 0 ? sessionEndHours : closed;
  }

  #takeBack(window: number): void {
    const { entries, windows, mode } = this.#settings;
    if (mode === 'session') return;
    for (let entry = window % windows; entry < entries; entry += windows) this.#returning.push(entry);
  }

  #touched(most: number): readonly number[] {
    const { entries, batches } = this.#settings;
    const returning = this.#returning.splice(0, Math.min(most, Math.ceil(entries / batches)));
    const touched = new Set(returning);
    while (touched.size < most) touched.add(Math.floor(this.#draw() * entries));
    return [...touched];
  }

  #evaluation(entry: number, at: number): Evaluation {
    const eventTime = this.#timeOf(entry, at);
    const amount = (mixed(entry + at * 7_919 + 1) % 10_000) / 100;
    return { ...passed, value: { user: userOf(entry), at: eventTime, amount }, eventTime };
  }

  /** Within the window that the entry is in. Of sessions the later, the more batches there have been. */
  #timeOf(entry: number, at: number): number {
    const { windows, mode } = this.#settings;
    if (mode === 'session') return begin + (entry % 1_000) + at * 1_000;
    const own = entry % windows;
    const round = Math.ceil((this.#closed - own) / windows);
    return begin + (own + Math.max(0, round) * windows) * hourMs + (entry % 1_000);
  }
}

const sessionEndHours = 100;
const firstBatch = -100;
/** What the tables of a batch's executors come to is in memory at a time. */
const mostAtOnce = 500_000;
const noMeta = {} as EventMeta;
const passed = { verdict: 'passed', reason: 'invalid-event-time', message: '', expandedBytes: 0 } as const;
const entriesSeed = 20_261_128;

/** The same each time. 0 to 1, without 1. */
function drawing(seed: number): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    return mixed(seed + Math.imul(drawn, 0x9e3779b9)) / 2 ** 32;
  };
}

/** In no order, as ids of users are, and none twice. */
const userOf = (entry: number): string => `user-${mixed(entry).toString(16).padStart(8, '0')}`;

/** Of all 32 bits, one for one: numbers in a row come to what has no pattern, and so to what no compression finds one in. */
function mixed(given: number): number {
  let bits = given | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
