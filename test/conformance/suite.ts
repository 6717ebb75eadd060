/** What a suite of another engine says here, test by test. A case is one line: its name there, and how it does here. */
import type { TranscriptOptions } from '../../functions/index.ts';

/** How a case is run. What comes out must not depend on it. */
export type Variant = Pick<TranscriptOptions, 'parallelism' | 'mergeOrder' | 'cuts' | 'shards'>;

export const variants: readonly Variant[] = [
  {},
  { cuts: 'everywhere' },
  { parallelism: 5 },
  { parallelism: 3, mergeOrder: 'reversed', cuts: 'everywhere' },
];

/** Where no event moves the watermark, it does not matter which shard an event is on. */
export const overShards: readonly Variant[] = [
  { shards: 3 },
  { shards: 4, parallelism: 2, mergeOrder: 'reversed', cuts: 'everywhere' },
];

export type Case =
  | { readonly kind: 'passes'; readonly check: (variant: Variant) => unknown; readonly note: string | undefined }
  /** What there is a counterpart of, and that is checked. */
  | { readonly kind: 'passes in part'; readonly check: (variant: Variant) => unknown; readonly note: string }
  /** Something else is right here, and is checked. */
  | { readonly kind: 'differs'; readonly check: (variant: Variant) => unknown; readonly note: string }
  /** It can be written once this is there. */
  | { readonly kind: 'waits'; readonly note: string }
  | { readonly kind: 'no counterpart'; readonly note: string };

export type Suite = {
  /** Its heading in docs/concepts/conformance.md. */
  readonly name: string;
  /** Whose it is, in which version, and where. */
  readonly source: string;
  /** What its cases are run as. */
  readonly variants: readonly Variant[];
  /** What a case may take, in all variants. */
  readonly timeoutMs?: number;
  /** By their names there. */
  readonly cases: Readonly<Record<string, Case>>;
};

type Given = { run(options: Variant): unknown } | ((variant: Variant) => unknown);

const checkOf = (given: Given) => (typeof given === 'function' ? given : (variant: Variant) => given.run(variant));

export const passes = (given: Given, note?: string): Case => ({ kind: 'passes', check: checkOf(given), note });
export const passesInPart = (given: Given, note: string): Case => ({
  kind: 'passes in part',
  check: checkOf(given),
  note,
});
export const differs = (given: Given, note: string): Case => ({ kind: 'differs', check: checkOf(given), note });
export const waitsFor = (note: string): Case => ({ kind: 'waits', note });
export const noCounterpart = (note: string): Case => ({ kind: 'no counterpart', note });
