/**
 * For how long a server has been silent: requests begin or fail, and none is answered, with whatever answer.
 *
 * Only time in which somebody waits for it counts, or has just waited: a run may have nothing to ask for an hour. And no
 * tick counts for more than a while, so a process that stood still (user code, a laptop that slept) blames nobody.
 */
export class Silence {
  #waiting = 0;
  #failedAt: number | undefined;
  #reason: string | undefined;
  #lastTick: number | undefined;
  #ms = 0;

  /** Silent for, by what was seen up to the last tick. */
  get ms(): number {
    return this.#ms;
  }

  /** What the last failure said. */
  get reason(): string | undefined {
    return this.#reason;
  }

  began(): void {
    this.#waiting++;
  }

  answered(): void {
    this.#waiting--;
    this.#ms = 0;
    this.#failedAt = undefined;
    this.#reason = undefined;
  }

  failed(now: number, reason: string): void {
    this.#waiting--;
    this.#failedAt = now;
    this.#reason = reason;
  }

  tick(now: number): void {
    const passed = Math.min(longestTickMs, now - (this.#lastTick ?? now));
    this.#lastTick = now;
    if (this.#waiting > 0 || (this.#failedAt !== undefined && now - this.#failedAt <= remembersMs)) this.#ms += passed;
  }
}

export const tickMs = 250;
const longestTickMs = 2 * tickMs;
/** The next try of what failed begins within this time. */
const remembersMs = 5_000;
