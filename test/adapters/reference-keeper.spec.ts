/** KEEP-1 to KEEP-3, REFERENCE-2 and REFERENCE-3, by a clock that is advanced. */
import { describe, expect, it } from 'vitest';
import { keepReferences } from '../../functions/adapters/reference-keeper.ts';
import type { ReferenceSpec } from '../../functions/pipeline/references.ts';
import type { Clock } from '../../functions/ports/clock.ts';

type Load = () => unknown;

/** Waits end at once and take their time, unless what is waited for ends first. */
function world(load: Load, given: Partial<ReferenceSpec> = {}) {
  let now = Date.UTC(2026, 0, 1);
  const loads: number[] = [];
  const start = now;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms, cut) => {
      // Promises that are kept already come first.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      if (cut?.aborted !== true) now += ms;
    },
  };
  const spec: ReferenceSpec = {
    ...{ name: 'airports', everyMs: 60_000, staleAfterMs: 600_000, versionOf: undefined },
    load: () => {
      loads.push(now - start);
      return load();
    },
    ...given,
  };
  const port = keepReferences([spec])(clock);
  const at = (ms: number): void => {
    now = start + ms;
  };
  return { take: () => port.take(), loads, at, since: () => now - start };
}

/** One answer after the other; the last one for ever. */
function answering(...answers: readonly Load[]): Load {
  let at = 0;
  return () => answers[Math.min(at++, answers.length - 1)]!();
}
const fails: Load = () => Promise.reject(new Error('no route'));
const hangs: Load = () => new Promise(() => {});

describe('reference data', () => {
  it('is loaded when it is first asked for, and again when `every` is over', async () => {
    const { take, loads, at } = world(
      answering(
        () => 'one',
        async () => 'two',
      ),
    );
    expect(await take()).toEqual({
      values: { airports: 'one' },
      uses: { airports: { versions: ['2026-01-01T00:00:00.000Z'], loadedAt: Date.UTC(2026, 0, 1) } },
    });
    at(59_999);
    expect((await take())?.values).toEqual({ airports: 'one' });
    at(60_000);
    expect((await take())?.values).toEqual({ airports: 'two' });
    expect(loads).toEqual([0, 60_000]);
  });

  it('has the version that it says', async () => {
    const { take } = world(() => ({ etag: 'a1' }), { versionOf: (({ etag }: { etag: string }) => etag) as never });
    expect((await take())?.uses.airports?.versions).toEqual(['a1']);
  });

  it.each([
    [() => 7, 'version returned number; return a text of 1 to 64 characters'],
    [() => '', 'version returned a text of 0; return a text of 1 to 64 characters'],
    [async () => 'a', 'version returned a promise; return a text of 1 to 64 characters'],
  ])('is not there where its version is none', async (versionOf, problem) => {
    const { take } = world(() => 'one', { versionOf: versionOf as never });
    await expect(take()).rejects.toThrow(`withReference airports: ${problem}; none was loaded before`);
  });

  it('is none where a pipeline names none', async () => {
    expect(await keepReferences([])({ now: () => 0, sleep: async () => {} }).take()).toBeUndefined();
  });

  it('is one load for all that ask at once', async () => {
    const { take, loads } = world(async () => 'one');
    await Promise.all([take(), take(), take()]);
    expect(loads).toEqual([0]);
  });
});

describe('a load that fails', () => {
  it('leaves what is kept, is counted, and is made again ten seconds later', async () => {
    const { take, loads, at } = world(
      answering(
        () => 'one',
        fails,
        fails,
        () => 'two',
      ),
    );
    await take();
    at(60_000);
    expect(await take()).toMatchObject({ values: { airports: 'one' }, uses: { airports: { failed: 1 } } });
    at(69_999);
    expect((await take())?.uses.airports?.failed).toBeUndefined();
    at(70_000);
    expect((await take())?.uses.airports?.failed).toBe(1);
    at(80_000);
    expect((await take())?.values).toEqual({ airports: 'two' });
    expect(loads).toEqual([0, 60_000, 70_000, 80_000]);
  });

  it('stops who asks, by name, once what is kept is as old as `staleAfter`', async () => {
    const { take, at } = world(answering(() => 'one', fails));
    await take();
    at(599_999);
    expect((await take())?.values).toEqual({ airports: 'one' });
    at(600_000);
    const error = await take().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'ReferenceUnavailable',
      canRetry: true,
      message:
        'withReference airports: load failed: no route; the last one is of 2026-01-01T00:00:00.000Z, older than its staleAfter',
    });
  });

  it('stops who asks first, and each that asks then begins another', async () => {
    const { take, loads } = world(answering(fails, fails, () => 'one'));
    await expect(take()).rejects.toThrow('withReference airports: load failed: no route; none was loaded before');
    await expect(take()).rejects.toMatchObject({ name: 'ReferenceUnavailable' });
    expect((await take())?.values).toEqual({ airports: 'one' });
    expect(loads).toHaveLength(3);
  });

  it('is one that throws, and one that returns nothing', async () => {
    const { take } = world(
      answering(
        () => undefined,
        () => {
          throw new Error('at once');
        },
      ),
    );
    await expect(take()).rejects.toThrow('load returned nothing');
    await expect(take()).rejects.toThrow('load failed: at once');
  });
});

describe('a load that gives no answer', () => {
  it('is waited for five seconds', async () => {
    const { take, since } = world(hangs);
    await expect(take()).rejects.toThrow('load gave no answer within 5 seconds; none was loaded before');
    expect(since()).toBe(5_000);
  });

  it('holds up nobody a second time while something is kept, and is given up after a minute', async () => {
    const { take, loads, at, since } = world(
      answering(
        () => 'one',
        hangs,
        () => 'two',
      ),
    );
    await take();
    at(60_000);
    expect((await take())?.uses.airports?.failed).toBe(1);
    expect(since()).toBe(65_000);
    expect((await take())?.values).toEqual({ airports: 'one' });
    expect(since()).toBe(65_000);
    at(120_000);
    expect((await take())?.values).toEqual({ airports: 'two' });
    expect(loads).toEqual([0, 60_000, 120_000]);
  });

  it('is taken when it comes: a slow one is not begun again', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { take, loads } = world(() => promise);
    await expect(take()).rejects.toMatchObject({ name: 'ReferenceUnavailable' });
    resolve('late');
    await promise;
    expect((await take())?.values).toEqual({ airports: 'late' });
    expect(loads).toEqual([0]);
  });

  it('counts from when it began: what comes too late is too old', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { take, at } = world(answering(() => promise, fails));
    await expect(take()).rejects.toMatchObject({ name: 'ReferenceUnavailable' });
    resolve('late');
    await promise;
    at(600_000);
    await expect(take()).rejects.toThrow('load failed: no route; the last one is of 2026-01-01T00:00:00.000Z');
  });
});
