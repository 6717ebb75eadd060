/**
 * How many events a step may have: nobody knows beforehand how long user code takes for one, nor what sink and table take.
 * The first one is small, so that a batch gets on by it however slow they are.
 */
import { maxStepEvents } from './read/effects.ts';

const first = 250;
const least = 25;
const quickMs = 250;
const longMs = 1_000;

export class StepPace {
  #most = first;

  get most(): number {
    return this.#most;
  }

  took(ms: number): void {
    if (ms < quickMs) this.#most = Math.min(maxStepEvents, this.#most * 2);
    else if (ms > longMs) this.#most = Math.max(least, Math.floor(this.#most / 2));
  }
}
