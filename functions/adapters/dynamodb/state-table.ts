/** The state after a batch as a table: what `sluice state` shows, and `readState` gives to programs. */
import { SluiceError } from '../../core/errors.ts';
import { type AskedKey, askedKeys } from '../../core/state/asked-keys.ts';
import type { StateSize } from '../../core/state/manifest.ts';
import { changesBetween, type StateChange } from '../../core/state/state-changes.ts';
import type { PlacedRow, StateRow } from '../../core/state/state-row.ts';
import { type WindowCount, WindowTally } from '../../core/state/window-tally.ts';
import type { StateAt, StateGroup, StateReader } from './state-reader.ts';

/** Which part of a state is asked for. */
export type StateFilter = {
  /**
   * A key group, from 0 on.
   * @default all
   */
  readonly group?: number | undefined;
  /**
   * A key: its value, of several a list in the order of `groupBy`, or an object of some by name: all keys that have those.
   * @default all
   */
  readonly key?: AskedKey | undefined;
};

/** How many keys each window has; of how many rows the windows are not counted each, since there are more than 10,000. */
export type StateWindows = {
  /** By end and start. */
  readonly windows: readonly WindowCount[];
  /** Rows of windows that are not counted each. */
  readonly left: number;
};

/** The state of a pipeline after a batch. What it has is read when it is asked for, group by group. */
export class StateTable {
  readonly #reader: StateReader;
  readonly #at: StateAt;

  constructor(reader: StateReader, at: StateAt) {
    this.#reader = reader;
    this.#at = at;
  }

  /** After which batch. */
  get batchId(): number {
    return this.#at.batchId;
  }

  /** What the next batch begins with. Null: nothing is known yet. Beyond all dates once the stream is finished: its number. */
  get watermark(): number | null {
    return this.#at.watermark;
  }

  /** How many key groups there are, with state or without. */
  get parallelism(): number {
    return this.#at.parallelism;
  }

  /** Those that have state, and how much. */
  get groups(): readonly StateGroup[] {
    return this.#at.groups.map(({ manifest: _, ...group }) => group);
  }

  /** Of all groups together. */
  get size(): StateSize {
    const sum = (of: (group: StateSize) => number) => this.#at.groups.reduce((all, group) => all + of(group), 0);
    return {
      entries: sum(({ entries }) => entries),
      bytes: sum(({ bytes }) => bytes),
      segments: sum(({ segments }) => segments),
      runs: sum(({ runs }) => runs),
      inlineChars: sum(({ inlineChars }) => inlineChars),
    };
  }

  /**
   * What is kept: by group, in each by window and key. As far as the caller goes is read.
   *
   * @throws `InvalidInput` if there is no such group, or no key of such a form
   */
  async *rows(filter: StateFilter = {}): AsyncGenerator<StateRow> {
    for (const group of this.#groupsOf(filter)) for await (const { row } of this.#placed(group, filter)) yield row;
  }

  /**
   * How many keys each window has, by end and start. All of the state is read.
   *
   * @throws `InvalidInput` if there is no such group, or no key of such a form
   */
  async windows(filter: StateFilter = {}): Promise<StateWindows> {
    const tally = new WindowTally();
    for (const group of this.#groupsOf(filter)) for await (const row of this.#placed(group, filter)) tally.add(row);
    const { windows, left } = tally;
    return { windows, left };
  }

  /**
   * What is another than after an earlier batch: windows that were added, changed or removed, by group, in each by window and key.
   *
   * @throws `InvalidInput` if that batch is not earlier, or was purged, or if there is no such group or key
   */
  async *changesSince(batchId: number, filter: StateFilter = {}): AsyncGenerator<StateChange> {
    if (batchId > this.batchId)
      throw new SluiceError(
        'InvalidInput',
        `changes from ${batchId} to ${this.batchId}: the first batch is the later one`,
      );
    const earlier = new StateTable(this.#reader, await this.#reader.at(batchId));
    for (const group of this.#groupsOf(filter)) {
      const lastOf = (table: StateTable) => table.groups.find((each) => each.group === group)?.batchId;
      // Not reduced in between: it is the same state.
      if (lastOf(earlier) === lastOf(this)) continue;
      yield* changesBetween(earlier.#placed(group, filter), this.#placed(group, filter));
    }
  }

  #placed(group: number, { key }: StateFilter): AsyncGenerator<PlacedRow> | readonly PlacedRow[] {
    const { shape } = this.#at;
    if (key === undefined || shape === undefined) return this.#at.rows(group);
    return this.#at.rows(group, askedKeys(key, shape, this.#at).isAsked);
  }

  #groupsOf({ group, key }: StateFilter): readonly number[] {
    const { parallelism, shape } = this.#at;
    if (group !== undefined && !(Number.isInteger(group) && group >= 0 && group < parallelism))
      throw new SluiceError(
        'InvalidInput',
        `group ${group} is none of this pipeline: use one from 0 to ${parallelism - 1}`,
      );
    const ofKey = key === undefined || shape === undefined ? undefined : askedKeys(key, shape, this.#at).group;
    return Array.from({ length: parallelism }, (_, each) => each).filter(
      (each) => (group === undefined || each === group) && (ofKey === undefined || each === ofKey),
    );
  }
}
