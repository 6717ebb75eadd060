/**
 * Virtual time: nothing waits, and what is due happens one after the other, in the order of its time and of its making.
 *
 * After each due call everything that it set free runs to its next wait before time goes on. The code under simulation
 * waits for nothing but this scheduler, so one order of draws gives one order of events.
 */

type Due = { readonly time: number; readonly order: number; readonly run: () => void; isCancelled: boolean };

export class Scheduler {
  #now: number;
  #order = 0;
  readonly #heap: Due[] = [];
  readonly #settled: () => Promise<void>;

  /** Code that waits for the event loop itself, as streams do, needs its turns: they take several times as long. */
  constructor(start: number, waitsFor: 'promises' | 'event loop' = 'promises') {
    this.#now = start;
    this.#settled = waitsFor === 'promises' ? ticked : turned;
  }

  /** Epoch milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Calls `run` at that time, or next if it has passed; returns what cancels it. */
  at(time: number, run: () => void): () => void {
    const due: Due = { time: Math.max(time, this.#now), order: this.#order++, run, isCancelled: false };
    push(this.#heap, due);
    return () => {
      due.isCancelled = true;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.#now + ms, resolve);
    });
  }

  /** Runs until `isOver`, until nothing is due, or until that time has come. */
  async run(until: number, isOver: () => boolean = () => false): Promise<'over' | 'nothing-due' | 'time'> {
    await this.#settled();
    while (!isOver()) {
      const due = this.#heap[0];
      if (due === undefined) return 'nothing-due';
      if (due.time > until) {
        this.#now = Math.max(this.#now, until);
        return 'time';
      }
      pop(this.#heap);
      if (due.isCancelled) continue;
      this.#now = due.time;
      due.run();
      await this.#settled();
    }
    return 'over';
  }
}

/** All promises that can go on without time have gone on: ticks come only then, and so do turns of the event loop. */
const ticked = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
const turned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = (one: Due, other: Due): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order);

function push(heap: Due[], due: Due): void {
  let at = heap.length;
  heap.push(due);
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(due, heap[above]!)) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
    if (!isBefore(heap[below]!, last)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = last;
}
