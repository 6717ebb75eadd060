/**
 * The steps of a key group's outbox, as they are stored one after the other (STEP-1, STEP-2).
 *
 * Where all rows fit into one step, and come about in one try, they lie in the state: nothing is put beside it.
 */
import type { Delivery } from '../../core/deliver-results.ts';
import type { EvaluatedRow } from '../../core/evaluate-row.ts';
import type { Outbox, OutboxStep } from '../../core/outbox.ts';
import type { OutputLimits } from '../../core/record-limit.ts';
import { addUses, type ReferenceUses, usesPart } from '../../core/references.ts';
import type { StateName } from '../../ports/state-store.ts';
import { knowingTheLimits } from '../knowing-the-limit.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

export class OutboxWriter {
  readonly delivery: Delivery;
  readonly #ports: ReduceRuntime['ports'];
  readonly #state: StateName;
  readonly #limits: OutputLimits;
  #inline: OutboxStep[] | undefined;
  #references: ReferenceUses = {};

  constructor(
    ports: ReduceRuntime['ports'],
    state: StateName,
    { delivery, limits }: { readonly delivery: Delivery; readonly limits: OutputLimits },
  ) {
    this.delivery = delivery;
    this.#ports = ports;
    this.#state = state;
    this.#limits = limits;
    if (delivery.rows === 0 && delivery.most <= this.mostInStep) this.#inline = [];
  }

  get mostInStep(): number {
    return this.#ports.rows.mostInStep;
  }

  /** Rows that are in steps. */
  get end(): number {
    return this.delivery.end;
  }

  /** Goes on behind what reducers before this one have stored. `again`: they may have. */
  async resume({ again }: { readonly again: boolean }): Promise<void> {
    const { delivery } = this;
    if (!again && delivery.most <= this.mostInStep) return;
    for (;;) {
      const step = await this.#ports.rows.findStep(this.#state, delivery.end);
      if (step === undefined) return;
      this.#inline = undefined;
      delivery.take(step);
    }
  }

  /** What user code is given for the rows to come. */
  uses(references: ReferenceUses): void {
    this.#references = addUses(this.#references, references);
  }

  /** The rows from `end` on. What is taken may be fewer, or more, if another was first. */
  async add(results: readonly EvaluatedRow[]): Promise<void> {
    const { delivery } = this;
    if (delivery.end === 0 && results.length === delivery.rows && delivery.most <= this.mostInStep) this.#inline = [];
    const step = await knowingTheLimits(this.#ports.sink, () => delivery.stepOf(results, this.#limits));
    await this.#put({ ...step, ...usesPart(this.#references) });
  }

  /** The next of those that take a row back. False: there was none. */
  async addRetractions(): Promise<boolean> {
    const step = await knowingTheLimits(this.#ports.sink, () =>
      this.delivery.retractions(this.mostInStep, this.#limits),
    );
    if (step !== undefined) await this.#put(step);
    return step !== undefined;
  }

  /** The next of what the blocks have carried. False: there was none. */
  async addCarried(): Promise<boolean> {
    const step = this.delivery.carried(this.mostInStep);
    if (step !== undefined) await this.#put(step);
    return step !== undefined;
  }

  /** What another try can go on behind. */
  get isStored(): boolean {
    return this.#inline === undefined;
  }

  get inline(): Pick<Outbox, 'inline'> {
    return this.#inline === undefined ? {} : { inline: this.#inline };
  }

  async #put(step: OutboxStep): Promise<void> {
    if (this.#inline !== undefined) {
      this.#inline.push(step);
      this.delivery.take(step);
      return;
    }
    this.delivery.take(await this.#ports.rows.putStep(this.#state, this.delivery.end, step));
  }
}
