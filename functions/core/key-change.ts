/** What a batch does to the windows of one key. */
import type { KeyValue } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';
import type { VersionNumbers } from './result-version.ts';
import type { Bounds, Given, GivenRun } from './saved-windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** Windows by start and end. */
export type KeyChange = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  /** They give out their results. Those that are not over are among the changed ones as well, the very same. */
  readonly results: readonly ResultWindow[];
  /** They stay, and are no more what they were before, if they were. */
  readonly changed: readonly ChangedWindow[];
  /** Were there before, and are over or have become part of others. */
  readonly removed: readonly Bounds[];
  /** They have become part of others, and their rows are taken back. */
  readonly retracted: readonly RetractedWindow[];
  /** Of kinds that merge: over before the batch, and part of none that was not. Nothing is left of them but their numbers. */
  readonly late: readonly LateWindow[];
  /** With panes. Absent: nothing was given out that may still change, and nothing is. */
  readonly given?: GivenOfPanes;
};

/** Windows that overlap are counted in panes, so what was given out of them has a place of its own. */
export type GivenOfPanes = {
  readonly before: readonly GivenRun[];
  /** Of the results those whose windows are not over. */
  readonly results: readonly ResultWindow[];
  /** From the first end of a window that is not over. */
  readonly from: number;
  readonly everyMs: number;
};

/** `given`: what was given out of it before the batch. */
export type ChangedWindow = OpenWindow & {
  readonly given: Given | undefined;
  /** Its bounds in the state, where they are not those of the result. */
  readonly held?: Window;
  /** The state has nothing of it but its bounds. */
  readonly isBare?: true;
};
export type ResultWindow = ChangedWindow & {
  readonly version: VersionNumbers;
  /** A total whose key is forgotten with the batch: what it gives out is taken back at once. */
  readonly isForgotten?: true;
};
export type RetractedWindow = Window & { readonly given: Given | undefined; readonly version: VersionNumbers };
export type LateWindow = Window & { readonly events: number };

export type { Watermarks } from './result-version.ts';
