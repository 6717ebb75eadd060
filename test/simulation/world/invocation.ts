/**
 * One invocation of a function: it can die at any await, or stand still at one and move on later, when its caller has
 * long been told that it failed (a zombie).
 */
import type { Scheduler } from '../scheduler.ts';
import type { Execution } from '../services/step-functions/simulated-step-functions.ts';

const dayMs = 86_400_000;

export type InvocationParts = {
  readonly id: string;
  readonly step: string;
  readonly payload: unknown;
  readonly version: number;
  readonly execution: Execution;
  /** How far this sandbox's clock is off. */
  readonly clockSkewMs: number;
  /** After which the function is cut. */
  readonly timeoutMs: number;
  readonly scheduler: Scheduler;
};

export class Invocation {
  readonly id: string;
  readonly step: string;
  readonly payload: unknown;
  readonly version: number;
  readonly execution: Execution;
  readonly #scheduler: Scheduler;
  readonly #clockSkewMs: number;
  readonly #answer = Promise.withResolvers<unknown>();
  #isDead = false;
  #frozenUntil = 0;
  #workedUntil = 0;
  #asleep: PromiseWithResolvers<void> | undefined;
  #isAnswered = false;
  #isOver = false;
  #stoodStill = false;
  readonly startedAt: number;
  readonly #endsAt: number;

  constructor(parts: InvocationParts) {
    this.id = parts.id;
    this.step = parts.step;
    this.payload = parts.payload;
    this.version = parts.version;
    this.execution = parts.execution;
    this.#scheduler = parts.scheduler;
    this.#clockSkewMs = parts.clockSkewMs;
    this.startedAt = parts.scheduler.now;
    this.#endsAt = parts.scheduler.now + parts.timeoutMs;
    this.#answer.promise.catch(() => {});
  }

  /** What the caller hears. */
  get answer(): Promise<unknown> {
    return this.#answer.promise;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** It went on all the while, and could have answered. */
  get isAtWork(): boolean {
    return !this.#isDead && !this.#stoodStill;
  }

  get clockNow(): number {
    return Math.floor(Math.max(this.#scheduler.now, this.#workedUntil) + this.#clockSkewMs);
  }

  /** Whether its own code has given the answer, and should be at its end. */
  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Who stood still does not know for how long: its own end of time never comes, whatever its caller was told. */
  get remainingMs(): number {
    return this.#stoodStill ? dayMs : Math.max(0, this.#endsAt - this.#scheduler.now);
  }

  succeed(value: unknown): void {
    this.#isAnswered = true;
    this.#answer.resolve(value);
  }

  /** The caller hears of an error by this name, whatever the function does from now on. */
  fail(name: string, message: string): void {
    this.#isAnswered = true;
    const error = new Error(message);
    error.name = name;
    this.#answer.reject(error);
  }

  /** Never moves again. */
  kill(): void {
    this.#isDead = true;
  }

  freeze(ms: number): void {
    this.#stoodStill = true;
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#scheduler.now + ms);
  }

  /** Its own code takes so long: its clock goes on at once, and everything else at the next thing that it waits for. */
  work(ms: number): void {
    this.#workedUntil = Math.max(this.#scheduler.now, this.#workedUntil) + ms;
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#workedUntil);
  }

  fallAsleep(): void {
    this.#stoodStill = true;
    this.#asleep ??= Promise.withResolvers();
  }

  wake(): void {
    this.#asleep?.resolve();
    this.#asleep = undefined;
  }

  /** Passed before and after everything that the function waits for. */
  async gate(): Promise<void> {
    await this.#asleep?.promise;
    while (this.#frozenUntil > this.#scheduler.now && !this.#isDead) {
      await this.#scheduler.sleep(this.#frozenUntil - this.#scheduler.now);
    }
    if (this.#isDead) await new Promise<never>(() => {});
  }

  /** Ends early when `cut` is aborted. */
  async sleep(ms: number, cut?: AbortSignal): Promise<void> {
    await this.gate();
    if (cut?.aborted !== true) await (cut === undefined ? this.#scheduler.sleep(ms) : this.#sleepUnless(ms, cut));
    await this.gate();
  }

  #sleepUnless(ms: number, cut: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#scheduler.at(this.#scheduler.now + ms, resolve);
      const end = (): void => {
        cancel();
        resolve();
      };
      cut.addEventListener('abort', end, { once: true });
    });
  }
}
