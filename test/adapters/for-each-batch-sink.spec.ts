/** The user's function as it is called: until it has taken the rows, or time is over. */
import { describe, expect, it } from 'vitest';
import { createCallbackSink } from '../../functions/adapters/callback/for-each-batch-sink.ts';
import type { Clock } from '../../functions/ports/clock.ts';
import type { BatchRow } from '../../functions/sinks/batch-row.ts';
import { type BatchCallback, forEachBatchKind } from '../../functions/sinks/for-each-batch.ts';
import { resultIdentity } from '../support/builders.ts';

const part = { pipeline: 'p', output: 'main', generation: 5, batchId: 7, ref: 9, keyGroup: 2, part: 3, parts: 4 };
const options = { callback: () => {}, number: 1, maxRows: 1_000 };
const records = [{ a: 1 }, { a: 2 }].map((value, index) =>
  forEachBatchKind.encode(options, value, { identity: { ...resultIdentity(), index }, defaultKey: 'k' }),
);

/** Time passes when somebody waits; waits end in the order of their ends. */
function virtualClock() {
  const waits: { readonly at: number; readonly wake: () => void }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: (ms, cut) =>
      new Promise((wake) => {
        if (cut?.aborted) return wake();
        const wait = { at: now + ms, wake };
        waits.push(wait);
        cut?.addEventListener('abort', () => {
          waits.splice(waits.indexOf(wait), 1);
          wake();
        });
      }),
  };
  const pass = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    const next = waits.sort((one, other) => one.at - other.at)[0];
    if (next === undefined) return;
    waits.splice(waits.indexOf(next), 1);
    now = Math.max(now, next.at);
    next.wake();
  };
  return { clock, pass, isWaiting: () => waits.length > 0 };
}

async function send(
  callback: BatchCallback<BatchRow<{ a: number }>>,
  { deadline = 10_000, over }: { deadline?: number; over?: AbortSignal } = {},
) {
  const { clock, pass, isWaiting } = virtualClock();
  const sink = createCallbackSink({ callback }, { clock, random: () => 0.5, over });
  let isDone = false;
  const sending = sink.send(records, deadline, part).finally(() => {
    isDone = true;
  });
  for (let turn = 0; turn < 100 && !isDone; turn++) await pass();
  const end = await sending;
  return { end, at: clock.now(), isWaiting };
}

describe('a call', () => {
  it('has the rows in their order, and says which they are', async () => {
    const calls: unknown[] = [];
    const { end, isWaiting } = await send(async (rows, { signal, ...call }) => {
      calls.push({ rows: rows.map(({ index, value }) => [index, value]), call, isAborted: signal.aborted });
    });
    expect(end).toBeUndefined();
    const rows = [
      [0, { a: 1 }],
      [1, { a: 2 }],
    ];
    expect(calls).toEqual([{ rows, call: { ...part, id: 'p/main/5/7/9/2/3' }, isAborted: false }]);
    expect(isWaiting()).toBe(false);
  });

  it('may be of a function that answers at once', async () => {
    expect((await send(() => 'taken')).end).toBeUndefined();
  });
});

describe('a function that throws', () => {
  it('is called again after growing pauses, with the rows as they were (CALLED-2)', async () => {
    const seen: string[] = [];
    const { end, at } = await send(async (rows) => {
      seen.push(JSON.stringify(rows));
      for (const row of rows as unknown as { value: unknown }[]) row.value = 'changed';
      (rows as unknown as unknown[]).length = 0;
      if (seen.length < 4) throw new Error('not yet');
    });
    expect(end).toBeUndefined();
    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(1);
    expect(at).toBe(100 + 200 + 400);
  });

  it('takes none of the rows if it throws until time is over, which is told without a word of them (CALLED-1, INTIME-2)', async () => {
    let calls = 0;
    const { end, at } = await send(
      () => {
        calls += 1;
        throw Object.assign(new TypeError('no room for SEA 4711'), { code: '23505' });
      },
      { deadline: 3_000 },
    );
    expect(end).toMatchObject({ places: [0, 1], isOnlySlow: false, error: { name: 'TemporaryFailure' } });
    const { message } = end!.error;
    expect(message).toMatch(
      /^forEachBatch: the function threw TypeError \(23505\) at .*for-each-batch-sink\.spec\.ts:\d+:\d+\)?, with part 4 of 4 of batch 7 and key group 2$/,
    );
    expect(message).not.toContain('4711');
    expect(calls).toBe(5);
    expect(at).toBeLessThan(3_000);
  });

  it.each([
    ['a text', 'SEA 4711', /threw string, with/],
    ['nothing', undefined, /threw undefined, with/],
    [
      'what throws when it is read',
      new Proxy(new Error(''), {
        get: () => {
          throw new Error('SEA 4711');
        },
      }),
      /threw something that can not be read, with/,
    ],
    ['a name that is none', Object.assign(new Error('x'), { name: 'SEA 4711', code: 'SEA 4711' }), /threw Error at /],
  ])('may throw %s', async (_, thrown, message) => {
    const { end } = await send(() => Promise.reject(thrown), { deadline: 1 });
    expect(end!.error.message).toMatch(message);
    expect(end!.error.message).not.toContain('4711');
  });
});

describe('a function that does not answer', () => {
  it('hears at the deadline that time is over, and is not waited for a second later (CALLED-3, INTIME-1)', async () => {
    let signal: AbortSignal | undefined;
    const { end, at } = await send((_, call) => {
      signal = call.signal;
      return new Promise(() => {});
    });
    expect(signal?.aborted).toBe(true);
    expect(at).toBe(11_000);
    expect(end?.error.message).toMatch(/gave no answer in time, with part 4/);
  });

  it('has taken the rows if it answers within that second', async () => {
    const { end, at } = await send((_, { signal }) => new Promise((taken) => signal.addEventListener('abort', taken)));
    expect(end).toBeUndefined();
    expect(at).toBe(10_000);
  });

  it('hears at once that its step is over', async () => {
    const over = new AbortController();
    const { end } = await send(
      (_, { signal }) => {
        over.abort();
        return signal.aborted ? 'taken' : Promise.reject(new Error('not told'));
      },
      { over: over.signal },
    );
    expect(end).toBeUndefined();
  });
});
