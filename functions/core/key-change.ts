/** What a batch does to the windows of one key. */
import type { KeyValue } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';
import type { SealedBatch } from './model.ts';
import type { Bounds } from './saved-windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** Windows by start and end. */
export type KeyChange = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  readonly closed: readonly OpenWindow[];
  /** They stay open, and are no more what they were before, if they were. */
  readonly changed: readonly OpenWindow[];
  /** Were open before, and have closed or become part of others. */
  readonly removed: readonly Bounds[];
  /** Of kinds that merge: closed before the batch, and part of none that had not. Nothing is left of them but their numbers. */
  readonly late: readonly LateWindow[];
};

export type LateWindow = Window & { readonly events: number };

/** That the batch begins with, and that it ends with. */
export type Watermarks = Pick<SealedBatch, 'watermarkIn' | 'watermarkOut'>;
