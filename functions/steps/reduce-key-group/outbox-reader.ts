/** The stored steps of a state, one at a time for each output: outputs that are side by side share them. */
import type { OutboxStep } from '../../core/outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import type { RowStore } from '../../ports/row-store.ts';

/** What is sent comes from it, step by step. */
export type StepReader = Pick<OutboxReader, 'step'>;

export class OutboxReader {
  readonly #rows: Pick<RowStore, 'loadStep'>;
  readonly #state: KeyGroupState;
  readonly #most: number;
  /** By number, in the order in which they were last asked for. */
  readonly #held = new Map<number, Promise<OutboxStep>>();

  /** `readers`: so many steps are held at most. */
  constructor(rows: Pick<RowStore, 'loadStep'>, state: KeyGroupState, readers: number) {
    this.#rows = rows;
    this.#state = state;
    this.#most = readers;
  }

  step(number: number): Promise<OutboxStep> {
    const { inline, steps } = this.#state;
    const within = inline?.[number];
    if (within !== undefined) return Promise.resolve(within);
    const step = this.#held.get(number) ?? this.#rows.loadStep(this.#state, steps[number]!.from);
    this.#held.delete(number);
    for (const oldest of this.#held.keys()) if (this.#held.size >= this.#most) this.#held.delete(oldest);
    this.#held.set(number, step);
    // Whoever asks again asks the table again.
    step.catch(() => this.#held.delete(number));
    return step;
  }
}
