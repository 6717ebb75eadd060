/** Reference data of a pipeline: what `withReference` of the chain takes, and what is made of it. */
import type { Duration } from './duration.ts';

/** How reference data is kept: the third argument of `withReference`. */
export type ReferenceOptions<Value = unknown> = {
  /** How old it may be before it is loaded again: at the beginning of the next task, never in the middle of one. */
  readonly every: Duration;
  /**
   * While loads fail, how old what is kept may be. Then executors and reducers that need it stop (`ReferenceUnavailable`), nothing is
   * read, and each turn tries again. At least `every`.
   * @default ten times `every`
   */
  readonly staleAfter?: Duration | undefined;
  /**
   * Names the version of what was loaded, for the report: a text of 1 to 64 characters.
   * @default when its load began
   */
  readonly version?: ((value: Value) => string) | undefined;
};

/** What a `load` comes to. */
export type ValueOfLoad<Loaded> = Awaited<Loaded>;

/** With one more. */
export type WithReference<Refs extends object, Name extends string, Value> = {
  readonly [Each in keyof Refs | Name]: Each extends keyof Refs ? Refs[Each] : Value;
};

/** Checked. */
export type ReferenceSpec = {
  readonly name: string;
  readonly load: () => unknown;
  readonly everyMs: number;
  readonly staleAfterMs: number;
  /** Undefined: when its load began. */
  readonly versionOf: ((value: never) => string) | undefined;
};
