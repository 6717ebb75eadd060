/** How one counts by hand: a Map by key and minute. */
import type { Answer } from '../side-by-side/scenario.ts';

export type Counted = { events: number; total: number };

export class CountByHand {
  readonly #counts = new Map<string, Counted>();
  #events = 0;

  add(country: string, at: number, amount: number): void {
    const key = `${country}|${Math.floor(at / 60_000)}`;
    const found = this.#counts.get(key);
    if (found === undefined) this.#counts.set(key, { events: 1, total: amount });
    else {
      found.events += 1;
      found.total += amount;
    }
    this.#events += 1;
  }

  answer(): Answer {
    return { units: this.#events, digest: digestOf(this.#counts.values()) };
  }
}

/** Groups, events and the sum of all. */
export function digestOf(groups: Iterable<Counted>): string {
  let [count, events, total] = [0, 0, 0];
  for (const group of groups) {
    count += 1;
    events += group.events;
    total += group.total;
  }
  return `${count} groups, ${events} events, ${total} in all`;
}
