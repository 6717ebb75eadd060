/** Repeats by the identities that Sluice's sinks write. */
import { identityIn, type SentName } from './identity-in.ts';
import type { Met, Repeats, RepeatsOfStep } from './repeats.ts';
import { ShardMemory } from './shard-memory.ts';

export class RepeatsOfShard implements Repeats {
  readonly memory: ShardMemory;
  readonly #field: string;
  #hasChanged = false;

  constructor(memory: ShardMemory, identityField: string) {
    this.memory = memory;
    this.#field = identityField;
  }

  /** Whether something was added. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  begin(): RepeatsOfStep {
    return new OfStep(this.memory, this.#field, () => {
      this.#hasChanged = true;
    });
  }
}

type Taken = { readonly name: SentName; readonly arrivedAt: number };

class OfStep implements RepeatsOfStep {
  readonly #before: ShardMemory;
  readonly #within = new ShardMemory();
  readonly #field: string;
  readonly #changes: () => void;
  readonly #taken: Taken[] = [];
  #last: Taken | undefined;

  constructor(before: ShardMemory, field: string, changes: () => void) {
    this.#before = before;
    this.#field = field;
    this.#changes = changes;
  }

  get taken(): number {
    return this.#taken.length;
  }

  meet(data: Uint8Array, arrivedAt: number): Met {
    this.#last = undefined;
    const name = identityIn(data, this.#field, arrivedAt);
    if (name === undefined) return 'unidentified';
    this.#last = { name, arrivedAt };
    return this.#before.has(name) || this.#within.has(name) ? 'repeated' : 'first';
  }

  /** A repeat, too: its sender is not silent, and its base may be a later one. */
  take(): void {
    if (this.#last === undefined) return;
    this.#taken.push(this.#last);
    this.#within.add(this.#last.name, this.#last.arrivedAt);
    this.#last = undefined;
  }

  keep(taken: number): void {
    if (taken > 0) this.#changes();
    for (const { name, arrivedAt } of this.#taken.slice(0, taken)) this.#before.add(name, arrivedAt);
  }
}
