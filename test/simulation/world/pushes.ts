/**
 * What Kinesis pushes into a connection, at its own times: it waits there until the function takes it, however late that
 * is. A connection that is full holds up the pushes.
 */
import type { Scheduler } from '../scheduler.ts';
import type { Push, Subscription } from '../services/kinesis/subscription.ts';

const maxWaiting = 8;

export class Pushes {
  readonly #scheduler: Scheduler;
  readonly #subscription: Subscription;
  readonly #take: () => Push | undefined;
  #waiting: Push[] = [];
  #taker: ((push: Push) => void) | undefined;
  #cancel: () => void = () => {};
  #isClosed = false;

  /** `take` asks the subscription for what is due. */
  constructor(parts: {
    readonly scheduler: Scheduler;
    readonly subscription: Subscription;
    readonly take: () => Push | undefined;
  }) {
    this.#scheduler = parts.scheduler;
    this.#subscription = parts.subscription;
    this.#take = parts.take;
    this.#subscription.onChange(() => this.#plan());
    this.#plan();
  }

  /** One at a time; never, once it is closed. */
  next(): Promise<Push> {
    return new Promise((resolve) => {
      const push = this.#waiting.shift();
      if (push === undefined) {
        this.#taker = resolve;
        return;
      }
      resolve(push);
      this.#plan();
    });
  }

  /** The connection is gone; what it held is lost. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#taker = undefined;
    this.#cancel();
    this.#subscription.close();
  }

  #plan(): void {
    this.#cancel();
    if (this.#isClosed || this.#waiting.length >= maxWaiting) return;
    const time = this.#subscription.nextAt();
    if (time < Number.POSITIVE_INFINITY) this.#cancel = this.#scheduler.at(time, () => this.#push());
  }

  #push(): void {
    const push = this.#take();
    if (push !== undefined && this.#taker !== undefined) {
      this.#taker(push);
      this.#taker = undefined;
    } else if (push !== undefined) this.#waiting.push(push);
    this.#plan();
  }
}
