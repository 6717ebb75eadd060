/** What `dropDuplicates` lets pass, in the form in which windows give out results: an event that passes is a result of its own. */
import {
  type Bounds,
  type Computed,
  type Held,
  type Marks,
  nameOf,
  type Result,
} from '../../windows/direct-computation.ts';
import { DirectPassing } from '../../windows/direct-passing.ts';
import type { Contained } from './more-results.ts';

export type PassingRules = {
  readonly withinMs: number;
  readonly outputsOf: (of: readonly Contained[], key: string) => readonly string[];
};

export const timeOf = ({ event }: Contained): number => Math.floor(event.at);
const keyOf = ({ event }: Contained): string => event.key;

export class ExpectedPassing {
  readonly #rules: PassingRules;
  readonly #direct: DirectPassing<Contained>;
  readonly #rows = new Map<string, Map<string, readonly Contained[]>>();
  #held: readonly Held<Contained>[] = [];
  /** Of events that were in time. */
  duplicates = 0;

  constructor(rules: PassingRules) {
    this.#rules = rules;
    this.#direct = new DirectPassing<Contained>({ keyOf, timeOf, compare: byPlace, withinMs: rules.withinMs });
  }

  get held(): readonly Held<Contained>[] {
    return this.#held;
  }

  rowsOf(output: string): ReadonlyMap<string, readonly Contained[]> {
    return this.#rows.get(output) ?? new Map();
  }

  batch(events: readonly Contained[], { watermarkIn, watermarkOut }: Marks): Computed<Contained> {
    const { passed, duplicates, late } = this.#direct.batch(events, watermarkIn);
    this.duplicates = duplicates.length;
    const results = passed.map((contained) => this.#resultOf(contained));
    for (const result of results) for (const output of result.to) this.#put(output, result);
    const kept = results.map(({ key, window: [start, end], of }) => ({ key, start, end, of, given: undefined }));
    this.#held = [...this.#held, ...kept].filter(({ end }) => end > watermarkOut);
    return { results, retractions: [], late, closed: [], replaced: 0 };
  }

  #resultOf(contained: Contained): Result<Contained> {
    const { withinMs, outputsOf } = this.#rules;
    const [key, of, start] = [keyOf(contained), [contained], timeOf(contained)];
    const window: Bounds = [start, start + withinMs];
    const version = { revision: 0, timing: 'on-time', final: true } as const;
    return { key, window, ...version, of, to: outputsOf(of, key), rows: [0, 1] };
  }

  #put(output: string, result: Result<Contained>): void {
    const rows = this.#rows.get(output) ?? new Map<string, readonly Contained[]>();
    this.#rows.set(output, rows);
    rows.set(nameOf(result), result.of);
  }
}

export function byPlace(one: Contained, other: Contained): number {
  if (one.sequenceNumber !== other.sequenceNumber)
    return BigInt(one.sequenceNumber) < BigInt(other.sequenceNumber) ? -1 : 1;
  return one.sub - other.sub || (one.element ?? 0) - (other.element ?? 0);
}
