/** Windows that drawn pipelines have, each with the windows that an event is in, computed by hand. */
import { perMicroBatch, session, tumbling } from '../../functions/index.ts';

export type Bounds = readonly [start: number, end: number];

export type WindowCase = {
  readonly name: string;
  readonly window: object;
  /** Undefined: those of the batch. */
  readonly windowsOf: ((at: number) => readonly Bounds[]) | undefined;
  /** Those of a key that overlap are one. */
  readonly areMerged?: true;
};

const minute = 60_000;

function tumblingCase(name: string, window: object, size: number, offset = 0): WindowCase {
  return {
    name,
    window,
    windowsOf(at) {
      let start = offset;
      while (start > at) start -= size;
      while (start + size <= at) start += size;
      return [[start, start + size]];
    },
  };
}

function sessionCase(name: string, window: object, gap: number): WindowCase {
  return { name, window, windowsOf: (at) => [[at, at + gap]], areMerged: true };
}

export const windowCases: readonly WindowCase[] = [
  tumblingCase('a minute', tumbling('1 minute'), minute),
  tumblingCase('seven minutes and an offset', tumbling('7 minutes', { offset: '90 seconds' }), 7 * minute, 90_000),
  tumblingCase('an hour', tumbling('1 hour'), 60 * minute),
  sessionCase('sessions of half a minute', session('30 seconds'), 30_000),
  sessionCase('sessions of five minutes', session('5 minutes'), 5 * minute),
  { name: 'each batch', window: perMicroBatch(), windowsOf: undefined },
];
