/**
 * Which events of a shard an output has acknowledged, beyond what its position says: what one has says nothing of another.
 *
 * A run says it of every event from its first place to its last. Records are never changed and never come between two
 * others, so a run means the same for whoever reads the shard later, whatever his code makes of the events. Where an event
 * in between was not sent, a run ends.
 */
import { isAfter } from './position.ts';

export type PlaceRun = readonly [
  firstSequenceNumber: string,
  firstSub: number,
  lastSequenceNumber: string,
  lastSub: number,
];

/** `to`: the output and the sink that have them; another one has none of them. */
export type SentPlaces = { readonly to: string; readonly runs: readonly PlaceRun[] };

/** Of an output. */
export const runsTo = (to: string, places: readonly SentPlaces[] | undefined): readonly PlaceRun[] =>
  places?.find((one) => one.to === to)?.runs ?? [];

/** Of outputs of which nothing is known, nothing is told. */
export const toldPlaces = (places: readonly SentPlaces[]): readonly SentPlaces[] =>
  places.filter(({ runs }) => runs.length > 0);

export type EventPlace = { readonly sequenceNumber: string; readonly sub: number };

const isBehind = (sequenceNumber: string, sub: number, other: string, otherSub: number): boolean =>
  sequenceNumber === other ? sub > otherSub : isAfter(sequenceNumber, other);

/** `runs`: in order and apart from each other, as `unionOfRuns` makes them. */
export function isInRuns(runs: readonly PlaceRun[], sequenceNumber: string, sub: number): boolean {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const [, , last, lastSub] = runs[middle]!;
    if (isBehind(sequenceNumber, sub, last, lastSub)) low = middle + 1;
    else high = middle;
  }
  const run = runs[low];
  return run !== undefined && !isBehind(run[0], run[1], sequenceNumber, sub);
}

/** Those that reach beyond a place; all of them without one. */
export function runsBehind(runs: readonly PlaceRun[], place: EventPlace | undefined): readonly PlaceRun[] {
  if (place === undefined) return runs;
  return runs.filter(([, , last, lastSub]) => isBehind(last, lastSub, place.sequenceNumber, place.sub));
}

export function unionOfRuns(...lists: readonly (readonly PlaceRun[])[]): readonly PlaceRun[] {
  const all = lists
    .flat()
    .sort((one, other) =>
      isBehind(one[0], one[1], other[0], other[1]) ? 1 : one[0] === other[0] && one[1] === other[1] ? 0 : -1,
    );
  const union: PlaceRun[] = [];
  for (const run of all) {
    const before = union.at(-1);
    if (before === undefined || isBehind(run[0], run[1], before[2], before[3])) union.push(run);
    else if (isBehind(run[2], run[3], before[2], before[3]))
      union[union.length - 1] = [before[0], before[1], run[2], run[3]];
  }
  return union;
}

/** Told of a shard's events in their order. */
export class RunBuilder {
  readonly #runs: [string, number, string, number][];
  readonly #most: number;
  #isOpen: boolean;

  /** `before`: goes on with a copy of what that one was told. */
  constructor(most = Number.POSITIVE_INFINITY, before?: RunBuilder) {
    this.#most = most;
    this.#runs = (before?.runs ?? []).map((run) => [...run]);
    this.#isOpen = before === undefined ? false : before.#isOpen;
  }

  sent(sequenceNumber: string, sub: number): void {
    const last = this.#runs.at(-1);
    if (this.#isOpen && last !== undefined) {
      last[2] = sequenceNumber;
      last[3] = sub;
    } else if (this.#runs.length < this.#most) {
      this.#runs.push([sequenceNumber, sub, sequenceNumber, sub]);
      this.#isOpen = true;
    }
  }

  /** An event that was not sent. */
  gap(): void {
    this.#isOpen = false;
  }

  get runs(): readonly PlaceRun[] {
    return this.#runs;
  }
}
