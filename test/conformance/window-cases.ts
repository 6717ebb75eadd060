/** Windows that drawn pipelines have, each with the windows that an event is in, computed by hand. */
import { perMicroBatch, tumbling } from '../../functions/index.ts';

export type Bounds = readonly [start: number, end: number];

export type WindowCase = {
  readonly name: string;
  readonly window: object;
  /** Undefined: those of the batch. */
  readonly windowsOf: ((at: number) => readonly Bounds[]) | undefined;
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

export const windowCases: readonly WindowCase[] = [
  tumblingCase('a minute', tumbling('1 minute'), minute),
  tumblingCase('seven minutes and an offset', tumbling('7 minutes', { offset: '90 seconds' }), 7 * minute, 90_000),
  tumblingCase('an hour', tumbling('1 hour'), 60 * minute),
  { name: 'each batch', window: perMicroBatch(), windowsOf: undefined },
];
