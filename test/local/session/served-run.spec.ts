/** A run that is served goes on until it is told to end; what it has come to is told in between. */
import { expect, test } from 'vitest';
import { serveUntilTold } from '../../../local/session/served-run.ts';

function around() {
  const stop = new AbortController();
  const seen: string[] = [];
  return {
    ...{ stop, seen },
    options: {
      ...{ stop: stop.signal, abort: new AbortController().signal, publishing: () => undefined },
      shown: async () => {
        await Promise.resolve();
        seen.push('shown');
      },
      ended: async () => seen.push('ended'),
      onIdle(problem: unknown) {
        seen.push(problem === undefined ? 'idle' : String(problem));
        stop.abort();
      },
    },
  };
}

test('that the run has ended is told once its batches were shown', async () => {
  const { seen, options } = around();
  expect(await serveUntilTold(async () => 'caught-up', options)).toBe('caught-up');
  expect(seen).toEqual(['shown', 'idle', 'ended']);
});

test('a failure is told at once, and ends the run when it is told to end', async () => {
  const { seen, options } = around();
  await expect(serveUntilTold(() => Promise.reject('no stream'), options)).rejects.toBe('no stream');
  expect(seen).toEqual(['no stream', 'ended']);
});
