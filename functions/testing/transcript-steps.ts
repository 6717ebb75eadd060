/** The steps of a transcript: those that do something, and those that say what must have come of it. */
import type { StateRow } from '../core/state/state-row.ts';
import type { BatchResult, OpenEntry } from './run-batches.ts';
import type { TestEvent, Turn } from './test-batch.ts';

export type Expectation =
  | { readonly kind: 'expect'; readonly wanted: readonly unknown[] }
  | { readonly kind: 'expectLate'; readonly wanted: readonly TestEvent<unknown>[] }
  | {
      readonly kind: 'expectDead';
      readonly wanted: readonly Partial<BatchResult<unknown, unknown>['deadLetters'][number]>[];
    }
  | { readonly kind: 'expectOpen'; readonly wanted: readonly OpenEntry[] }
  | { readonly kind: 'expectState'; readonly wanted: readonly ExpectedState[] }
  | { readonly kind: 'expectWatermark'; readonly wanted: readonly [Date | null] };

/** A row of the state as a transcript expects it: some of its columns. */
export type ExpectedState = Partial<StateRow>;

export type Step = Turn<unknown> | Expectation;

export const isExpectation = (step: Step): step is Expectation => step.kind.startsWith('expect');

/** What each of them looks at. Whether something may be there that nobody expects. */
export const lookedAt: Readonly<
  Record<
    Expectation['kind'],
    { readonly of: (result: BatchResult<unknown, unknown>) => readonly unknown[]; readonly isOutput: boolean }
  >
> = {
  expect: { of: rowsOf, isOutput: true },
  expectLate: { of: ({ late }) => late, isOutput: true },
  expectDead: { of: ({ deadLetters }) => deadLetters, isOutput: true },
  expectOpen: { of: ({ open }) => open, isOutput: false },
  expectState: { of: ({ state }) => state, isOutput: false },
  expectWatermark: { of: ({ watermark }) => [watermark], isOutput: false },
};

/** What a record carries beside the row, under the name that it has there. */
export const identityField = '_sluice';

/** Rows with what their identities say of them, as whoever reads the sink sees them; what is no object, as it is. */
function rowsOf({ results, versions }: BatchResult<unknown, unknown>): readonly unknown[] {
  return results.map((row, at) => {
    const isObject = typeof row === 'object' && row !== null && versions[at] !== undefined;
    return isObject ? { ...row, [identityField]: versions[at] } : row;
  });
}

/** In words, as it stands in messages. */
export function wordsOf(step: Step): string {
  switch (step.kind) {
    case 'events':
      return `add, ${counted(step.events.length)}`;
    case 'shards':
      return `addToShards, ${Array.from(step.events, ([shard, events]) => `${shard}: ${counted(events.length)}`).join(', ')}`;
    case 'watermark':
      return `advance to ${new Date(step.time).toISOString()}`;
    case 'clock':
      return `moveClock to ${new Date(step.time).toISOString()}`;
    default:
      return step.kind;
  }
}

const counted = (events: number): string => (events === 1 ? '1 event' : `${events} events`);
