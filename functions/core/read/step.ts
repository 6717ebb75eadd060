/** Some events of a page as they are taken: what they change, and what they give out. */

import type { RepeatsOfStep } from '../repeats/repeats.ts';
import { EffectsWithinBounds } from './effects.ts';
import type { Entry } from './entry.ts';
import type { OpenRecord } from './open-record.ts';
import { account, copyOf, type ReadProgress } from './progress.ts';
import type { Halt, ReadState } from './read-state.ts';
import type { Held } from './sent-run.ts';
import type { ShardReader } from './shard-reader.ts';

export class Step {
  readonly reader: ShardReader;
  /** What it was taken from. */
  readonly state: ReadState;
  readonly effects: EffectsWithinBounds;
  readonly repeats: RepeatsOfStep | undefined;
  /** The record of the page where the next step goes on: the same one, if it has more. */
  next: number;
  halt: Halt | undefined;
  open: OpenRecord | undefined;
  sawLastRead: boolean;
  progress: ReadProgress;
  /** Those that count only once the step is delivered. */
  readonly held: Held[] = [];
  /** Progress before the first of them. */
  heldFrom: ReadProgress;
  #isHolding: boolean;
  /** Nothing that is sent was sent before. */
  readonly #sendsAnew: boolean;

  constructor(reader: ShardReader, state: ReadState, from: number, mostEvents: number) {
    this.reader = reader;
    this.state = state;
    this.effects = new EffectsWithinBounds(reader.task.direct, mostEvents);
    this.repeats = reader.repeats?.begin();
    this.next = from;
    this.halt = state.halt;
    this.open = state.open && { ...state.open };
    this.sawLastRead = state.sawLastRead;
    this.progress = copyOf(state.progress);
    this.heldFrom = state.progress;
    this.#isHolding = reader.task.table === undefined;
    this.#sendsAnew = state.sent.every(({ before }) => before.length === 0);
  }

  /** Without a table all entries are held; with one, those from the first letter on: what needs no delivery counts at once. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Of what follows nothing is held one by one, and no repeat looked for. */
  get takesRuns(): boolean {
    const { takesRuns, table } = this.reader.task;
    if (!takesRuns || this.repeats !== undefined) return false;
    return table === undefined ? this.#sendsAnew : !this.#isHolding;
  }

  hold(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.heldFrom = copyOf(this.progress);
  }

  add(entry: Entry): void {
    account(this.progress, entry);
    this.effects.took();
    if (this.#isHolding) this.held.push(entry);
  }

  get goesOn(): boolean {
    return !this.progress.isEnded && this.halt === undefined && this.effects.hasRoom;
  }
}
