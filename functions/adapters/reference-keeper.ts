/**
 * Reference data of one process: what was loaded last, and the load that is under way.
 *
 * KEEP-1 Whoever takes waits for a load no longer than `loadLimitMs`; with something usable in hand, for no load that has taken so long
 *    already. What comes later is taken by the next: a load that is slow is not begun again and again.
 * KEEP-2 A load that gives no answer for `abandonedAfterMs` is given up, and another may begin.
 * KEEP-3 After a load that failed the next one begins `retryMs` later, where something usable is kept; else at once, when it is asked for.
 */
import {
  isDue,
  isUsable,
  type LoadedReference,
  objectionToVersion,
  type TakenReferences,
  unavailable,
  useOf,
  whyFailed,
} from '../core/references.ts';
import type { ReferenceSpec } from '../pipeline/references.ts';
import type { Clock } from '../ports/clock.ts';
import type { ReferencePort } from '../ports/references.ts';

export const loadLimitMs = 5_000;
export const abandonedAfterMs = 60_000;
export const retryMs = 10_000;

type Keeper = (clock: Clock) => ReferencePort;

/** One for all steps of a process. */
export function keepReferences(specs: readonly ReferenceSpec[]): Keeper {
  const kept = globalThis.SLUICE_REFERENCES === false ? [] : specs.map((spec) => new KeptReference(spec));
  const take = async (clock: Clock): Promise<TakenReferences | undefined> => {
    if (kept.length === 0) return undefined;
    const taken = await Promise.all(kept.map(async (each) => ({ name: each.name, ...(await each.take(clock)) })));
    return {
      values: Object.freeze(Object.fromEntries(taken.map(({ name, loaded }) => [name, loaded.value]))),
      uses: Object.fromEntries(taken.map(({ name, loaded, failed }) => [name, useOf(loaded, failed)])),
    };
  };
  return (clock) => ({ take: () => take(clock) });
}

type End =
  | { readonly kind: 'loaded'; readonly loaded: LoadedReference }
  | { readonly kind: 'failed'; readonly why: string };
type Pending = { readonly ending: Promise<End>; readonly since: number };
type Taken = { readonly loaded: LoadedReference; readonly failed: number };

class KeptReference {
  readonly #spec: ReferenceSpec;
  #loaded: LoadedReference | undefined;
  #pending: Pending | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(spec: ReferenceSpec) {
    this.#spec = spec;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** @throws SluiceError ReferenceUnavailable */
  async take(clock: Clock): Promise<Taken> {
    const usable = this.#usableAt(clock.now());
    if (usable !== undefined && !isDue(this.#spec, usable, clock.now())) return { loaded: usable, failed: 0 };
    const end = await this.#endOfLoad(clock, usable !== undefined);
    // Also of a load that has taken so long that what it gave is too old.
    const loaded = this.#usableAt(clock.now());
    if (loaded === undefined) throw unavailable(this.#spec, this.#loaded, end.kind === 'loaded' ? tooSlow : end.why);
    return { loaded, failed: end.kind === 'failed' ? 1 : 0 };
  }

  #usableAt(now: number): LoadedReference | undefined {
    return this.#loaded !== undefined && isUsable(this.#spec, this.#loaded, now) ? this.#loaded : undefined;
  }

  async #endOfLoad(clock: Clock, mayGoOn: boolean): Promise<End | { readonly kind: 'put-off'; readonly why: string }> {
    const now = clock.now();
    if (this.#pending !== undefined && now - this.#pending.since >= abandonedAfterMs) this.#pending = undefined;
    if (this.#pending === undefined && mayGoOn && now - this.#failedAt < retryMs) return putOff;
    this.#pending ??= this.#begin(clock);
    const { ending, since } = this.#pending;
    const hasTaken = now - since;
    if (mayGoOn && hasTaken >= loadLimitMs) return putOff;
    const end = await within(mayGoOn ? loadLimitMs - hasTaken : loadLimitMs, ending, clock);
    return end === 'no answer' ? { kind: 'failed', why: noAnswer } : end;
  }

  /** Its end is noted when it comes: whoever waited for it may be gone. */
  #begin(clock: Clock): Pending {
    const since = clock.now();
    const ending = loadBy(this.#spec, since);
    const pending: Pending = { ending, since };
    void ending.then((end) => {
      if (this.#pending === pending) this.#pending = undefined;
      // Also of one that was given up.
      if (end.kind === 'failed') this.#failedAt = clock.now();
      else if (since >= (this.#loaded?.loadedAt ?? since)) this.#loaded = end.loaded;
    });
    return pending;
  }
}

const noAnswer = `load gave no answer within ${loadLimitMs / 1_000} seconds`;
const tooSlow = 'load took longer than what it gives may be old';
const putOff = { kind: 'put-off', why: 'it could not be loaded a moment ago' } as const;

/** Never fails. */
async function loadBy({ load, versionOf }: ReferenceSpec, loadedAt: number): Promise<End> {
  try {
    const value = await load();
    if (value === undefined) return { kind: 'failed', why: 'load returned nothing' };
    const version = versionOf === undefined ? new Date(loadedAt).toISOString() : versionOf(value as never);
    const objection = objectionToVersion(version);
    if (objection !== undefined) return { kind: 'failed', why: objection };
    return { kind: 'loaded', loaded: { value, version, loadedAt } };
  } catch (error) {
    return { kind: 'failed', why: whyFailed(error) };
  }
}

/** The wait does not outlast it. */
async function within<Value>(ms: number, ending: Promise<Value>, clock: Clock): Promise<Value | 'no answer'> {
  const cut = new AbortController();
  try {
    return await Promise.race([ending, clock.sleep(ms, cut.signal).then(() => 'no answer' as const)]);
  } finally {
    cut.abort();
  }
}
