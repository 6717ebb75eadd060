/** Windows that drawn pipelines have, each with the windows that an event is in, computed by hand. */
import { globalWindow, perMicroBatch, session, sliding, tumbling } from '../../functions/index.ts';

export type Bounds = readonly [start: number, end: number];

export type WindowCase = {
  readonly name: string;
  readonly window: object;
  /** Undefined: those of the batch. */
  readonly windowsOf: ((at: number) => readonly Bounds[]) | undefined;
  /** Those of a key that overlap are one. */
  readonly areMerged?: true;
  /** All of a key are one, whose result is of all time; it is given out as it changes. */
  readonly isTotal?: true;
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

function slidingCase(name: string, window: object, size: number, every: number, offset = 0): WindowCase {
  return {
    name,
    window,
    windowsOf(at) {
      const windows: Bounds[] = [];
      let start = offset;
      while (start > at) start -= every;
      while (start + every <= at) start += every;
      for (; start + size > at; start -= every) windows.unshift([start, start + size]);
      return windows;
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
  slidingCase('five minutes each minute', sliding('5 minutes', '1 minute'), 5 * minute, minute),
  slidingCase(
    'ten minutes each four, and an offset',
    sliding('10 minutes', '4 minutes', { offset: '30 seconds' }),
    10 * minute,
    4 * minute,
    30_000,
  ),
  slidingCase('half an hour each 90 seconds', sliding('30 minutes', '90 seconds'), 30 * minute, 90_000),
  sessionCase('sessions of half a minute', session('30 seconds'), 30_000),
  sessionCase('sessions of five minutes', session('5 minutes'), 5 * minute),
  {
    ...{ name: 'totals that are kept for ten minutes', window: globalWindow({ ttl: '10 minutes' }), isTotal: true },
    windowsOf: (at) => [[at, at + 10 * minute]],
  },
  { name: 'each batch', window: perMicroBatch(), windowsOf: undefined },
];
