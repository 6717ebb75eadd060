/**
 * Records that travel in the block to the outbox of a key group: late events, and dead letters of a pipeline that groups.
 *
 * CARRY-1 They are sent with the rows of the sealed batch, from what is stored, and by nobody before. So none is sent of a batch that never
 *    commits, and a committed batch has sent all of them.
 * CARRY-2 A task carries so many bytes and a step more, events that may pass (`dropDuplicates`) among them. Where it has them its reads end,
 *    and the next batch goes on there.
 * CARRY-3 Of windows that merge executors carry what may be late: whose own window was over before the batch. When all have merged, the
 *    reduce drops those that are not.
 * CARRY-4 In the outbox they are in the order of their places, whoever has read them.
 * CARRY-5 No user code is asked about them. What would be larger with its payload than a record of the sink may be goes without it.
 * CARRY-6 Of the elements of one event so many as have `mostBytesOfTask` together are with the payload, which each would repeat: it is in memory at once.
 */
import { compareNumbers } from '../aggregates/event-rank.ts';
import type { KeyValue, Output } from '../pipeline/pipeline.ts';
import { usualTasks } from '../pipeline/scale.ts';
import type { PayloadForm } from '../pipeline/side-outputs.ts';
import type { Identity } from '../sinks/identity.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import { canonicalKey } from './key-group.ts';
import type { Addressed } from './output.ts';
import { payloadForm } from './payload-form.ts';
import type { Bounds } from './saved-windows.ts';

export type Carried = {
  readonly output: string;
  readonly record: OutputRecord;
  readonly place: CarriedPlace;
  /** It is late only if this window of that key is, when all have merged. Absent: it is sent whatever becomes of windows. */
  readonly ifLate?: { readonly key: readonly KeyValue[]; readonly window: Bounds };
};

/** Of the event, and of its element. */
export type CarriedPlace = readonly [shardId: string, sequenceNumber: string, sub: number, element: number];

/** A record, and the key group in whose outbox it goes. */
export type ToCarry = { readonly keyGroup: number; readonly carried: Carried; readonly bytes: number };

/** Of one of forty tasks or fewer. */
export const mostBytesOfTask = 4_194_304;

/** Of one task: of more than forty each has less, since a reducer may have those of all. */
export const bytesOfTask = (maxTasks: number): number =>
  maxTasks <= usualTasks ? mostBytesOfTask : Math.floor((mostBytesOfTask * usualTasks) / maxTasks);

/** Of one task, filled event by event. */
export class CarriedRecords {
  readonly #byGroup = new Map<number, Carried[]>();
  readonly #most: number;
  #bytes = 0;

  constructor(most = mostBytesOfTask) {
    this.#most = most;
  }

  add({ keyGroup, carried, bytes }: ToCarry): void {
    const ofGroup = this.#byGroup.get(keyGroup);
    if (ofGroup === undefined) this.#byGroup.set(keyGroup, [carried]);
    else ofGroup.push(carried);
    this.#bytes += bytes;
  }

  /** The block has so much more, beside what goes into outboxes. */
  makesRoomFor(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Nothing more is to be read in this batch. */
  get isFull(): boolean {
    return this.#bytes >= this.#most;
  }

  get byGroup(): ReadonlyMap<number, readonly Carried[]> {
    return this.#byGroup;
  }
}

/** `value`: what is written, but for its payload. `payload` undefined: it is written without. */
export function sideRecord(
  { sink: { kind, options } }: Output,
  value: (payload: PayloadForm | null) => object,
  {
    payload,
    ...about
  }: { readonly payload: Uint8Array | undefined; readonly identity: Identity; readonly defaultKey: string },
): { readonly record: OutputRecord; readonly bytes: number } {
  const { said, always } = kind.limits(options);
  const encoded = (form: PayloadForm | null) => {
    const record = kind.encode(options, value(form), about);
    return { record, bytes: kind.bytesOf(record) };
  };
  const most = said ?? always;
  // Text that is escaped has more bytes, never less.
  const whole = payload === undefined || payload.length > most ? undefined : encoded(payloadForm(payload));
  return whole !== undefined && whole.bytes <= most ? whole : encoded(null);
}

/** Windows that are late when all have merged, by the canonical text of their key. */
export type LateBounds = ReadonlyMap<string, readonly { readonly start: number; readonly end: number }[]>;

/** In the order of their places, those that go out. */
export const carriedOut = (all: readonly Carried[], late: LateBounds): readonly Addressed[] =>
  all
    .filter(({ ifLate }) => ifLate === undefined || isLateIn(ifLate, late))
    .sort(byPlace)
    .map(({ output, record }) => ({ output, record }));

function isLateIn({ key, window: [start, end] }: NonNullable<Carried['ifLate']>, late: LateBounds): boolean {
  return (late.get(canonicalKey(key)) ?? []).some((window) => window.start <= start && end <= window.end);
}

function byPlace({ place: one }: Carried, { place: other }: Carried): number {
  if (one[0] !== other[0]) return one[0] < other[0] ? -1 : 1;
  return compareNumbers(one[1], other[1]) || one[2] - other[2] || one[3] - other[3];
}
