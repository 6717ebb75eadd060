/** EventBridge Scheduler: a start a minute; at times late, twice, or not at all. */
import type { Injector } from '../faults/injector.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

const minuteMs = 60_000;

export class Schedule {
  readonly #parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly injector: Injector;
    readonly everyMs?: number | undefined;
    readonly start: () => void;
  };
  #isStopped = false;
  #pausedUntil = 0;

  constructor(parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly injector: Injector;
    readonly everyMs?: number | undefined;
    readonly start: () => void;
  }) {
    this.#parts = parts;
  }

  begin(): void {
    const { scheduler, random } = this.#parts;
    scheduler.at(scheduler.now + random.int(10, 3_000), () => this.#tick());
  }

  stop(): void {
    this.#isStopped = true;
  }

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  pauseUntil(time: number): void {
    this.#pausedUntil = time;
  }

  #tick(): void {
    const { scheduler, random, injector, start } = this.#parts;
    if (this.#isStopped) return;
    const { now } = scheduler;
    scheduler.at(Math.max(now + (this.#parts.everyMs ?? minuteMs), this.#pausedUntil), () => this.#tick());
    if (now < this.#pausedUntil) return;
    if (injector.spanAt('no-schedule', now) !== undefined) {
      injector.count('no-schedule');
      return;
    }
    const lateMs = injector.spanAt('late-schedule', now);
    if (lateMs !== undefined) {
      injector.count('late-schedule');
      scheduler.at(now + random.int(0, lateMs), start);
    } else start();
    if (injector.spanAt('double-schedule', now) !== undefined) {
      injector.count('double-schedule');
      scheduler.at(now + random.int(0, 2_000), start);
    }
  }
}
