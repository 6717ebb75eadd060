/** What the process of a reducer and the one that measures tell each other. */
import type { ReduceKeyGroupOutput } from '../../../functions/steps/messages.ts';
import type { ServiceName } from './services.ts';
import type { Settings } from './settings.ts';

export type FailedCall = { readonly name: string; readonly message: string; readonly status: number };

export type ToReducer =
  | { readonly kind: 'begin'; readonly settings: Settings }
  /** All calls that it takes until all its rows are sent. */
  | {
      readonly kind: 'reduce';
      readonly batchId: number;
      readonly ref: number;
      readonly keyGroup: number;
      readonly now: number;
    }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: object }
  | { readonly kind: 'refusal'; readonly id: number; readonly refusal: FailedCall };

export type FromReducer =
  | { readonly kind: 'ready'; readonly residentMb: number }
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly service: ServiceName;
      readonly operation: string;
      readonly input: unknown;
    }
  | ({ readonly kind: 'reduced' } & Reduced)
  | { readonly kind: 'failed'; readonly error: string };

export type Reduced = {
  readonly answer: ReduceKeyGroupOutput;
  /** Of each call. */
  readonly cpuMs: readonly number[];
  /** Records that the sink took. */
  readonly sent: number;
  /** The most that the process has had in memory since it began. */
  readonly peakMb: number;
};
