import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { signals } from '../../functions/adapters/isolation/thread.ts';
import { eventOf, openEquippedThread, openRowThread, openThread } from './open-thread.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function open(timeLimitMs = 500, pipelineName = 'harmful') {
  const isolate = openThread(pipelineName, { timeLimitMs });
  closers.push(isolate.close);
  return isolate;
}

describe('user code in a thread', () => {
  it('answers call by call, as in place', () => {
    const isolate = open();
    for (const text of ['one', 'two']) {
      expect(isolate.run(eventOf(text))).toMatchObject({
        kind: 'answered',
        output: {
          verdict: 'counted',
          records: [
            { output: 'main', record: { partitionKey: 'p', data: expect.stringContaining(`{"text":"${text}"`) } },
          ],
        },
      });
    }
  });

  it.each([
    ['loop', /no answer within 0.5 s/],
    ['spin', /no answer within 0.5 s/],
    ['pattern', /no answer within 0.5 s/],
    ['memory', /used up 64 MB/],
    ['exit', /ended the thread/],
  ])('that does not come back (%s) is ended, and the one who asked goes on', (harm, message) => {
    const isolate = open();
    expect(isolate.run(eventOf('before')).kind).toBe('answered');
    const before = performance.now();
    expect(isolate.run(eventOf(harm))).toMatchObject({ kind: 'died', message: expect.stringMatching(message) });
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(open().run(eventOf('after')).kind).toBe('answered');
  });

  it.each([
    ['add', 'loop'],
    ['add', 'exit'],
    ['merge', 'loop'],
    ['result', 'exit'],
  ])('of an aggregate that does not come back (%s, %s) is found out by its event', (where, harm) => {
    const orderOf = (order: object) => eventOf(JSON.stringify(order));
    const isolate = open(500, 'harmful-aggregate');
    expect(isolate.run(orderOf({ where: 'none', harm: '' }))).toMatchObject({ output: { verdict: 'counted' } });
    expect(isolate.run(orderOf({ where, harm }))).toMatchObject({ kind: 'died' });
  });

  it.each([
    ['a row', {}, { kind: 'output', records: [{ record: { data: expect.stringContaining('"orders":2') } }] }],
    ['a window that stays open', { isOpen: true }, { kind: 'merged', saved: { orders: [[{}, {}]] } }],
  ])('of an aggregate that does not come back where parts meet is found out by %s', (_, about, expected) => {
    const inputOf = (where: string) => ({
      ...{ index: 0, row: {}, keyValues: [], window: { start: 0, end: 10 }, ...about },
      unmerged: { orders: [[[{}]], [[{ where, harm: 'loop' }]]] },
    });
    const isolate = openRowThread('harmful-aggregate', { timeLimitMs: 500 });
    closers.push(isolate.close);
    expect(isolate.run(inputOf('none'))).toMatchObject({ kind: 'answered', output: expected });
    expect(isolate.run(inputOf('merge of two'))).toMatchObject({ kind: 'died' });
  });

  it('that returns a promise is refused as in place, and is no death: the thread goes on', () => {
    const isolate = open(500, 'asynchronous-callback');
    expect(isolate.run(eventOf('often')).kind).toBe('answered');
    expect(() => isolate.run(eventOf('rare'))).toThrow(
      expect.objectContaining({ name: 'InvalidPipeline', message: expect.stringContaining('map returned a promise') }),
    );
    expect(isolate.run(eventOf('often')).kind).toBe('answered');
  });

  it.each(['at_once', 'later', 'never'])('whose schema is asynchronous (%s) is refused as in place', (when) => {
    const isolate = open(4_000, 'asynchronous-schema');
    expect(isolate.run(eventOf('"plain"'))).toMatchObject({ output: { verdict: 'counted' } });
    expect(() => isolate.run(eventOf(`"${when}"`))).toThrow(
      expect.objectContaining({ name: 'InvalidPipeline', message: expect.stringContaining('schema is asynchronous') }),
    );
  });

  it('whose schema promises only because it threw makes a dead letter of its event', () => {
    const isolate = open(4_000, 'asynchronous-schema');
    const answer = isolate.run(eventOf('"broken"'));
    expect(answer).toMatchObject({ output: { verdict: 'dead', reason: 'callback-failed' } });
    expect(isolate.run(eventOf('"plain"'))).toMatchObject({ output: { verdict: 'counted' } });
  });

  it('is not blamed for an error of the engine, which comes back by its name alone', () => {
    const isolate = open();
    const broken = { ...eventOf('secret'), meta: undefined as never };
    expect(() => isolate.run(broken)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: 'in the thread that runs user code apart' }),
    );
    expect(isolate.run(eventOf('after')).kind).toBe('answered');
  });

  it('has its own limit of memory also where Node was started with one, as Lambda does, which the function keeps', async () => {
    const child = fileURLToPath(new URL('limited-child.ts', import.meta.url));
    const flags = ['--max-old-space-size=1592', '--max-semi-space-size=16'];
    const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, ...flags, child]);
    const said = JSON.parse(stdout) as Record<'before' | 'after' | 'used', number> & { readonly thread: string };
    const { heapLimitMb } = JSON.parse(said.thread) as { readonly heapLimitMb: number };
    expect(heapLimitMb).toBeLessThan(100);
    expect(said.after).toBe(said.before);
    expect(said.after).toBeGreaterThan(1_500);
    expect(said.used).toBeGreaterThan(190);
  });

  it('that leaves a promise behind which is rejected has answered, and goes on', () => {
    const isolate = open();
    expect(isolate.run(eventOf('rejection')).kind).toBe('answered');
    expect(isolate.run(eventOf('after')).kind).toBe('answered');
  });

  it('that can not be started is nobody’s fault but the start’s: to be tried again', () => {
    expect(() => openThread('file:///nowhere/pipeline.ts', { startLimitMs: 300 })).toThrow(
      expect.objectContaining({ name: 'TemporaryFailure' }),
    );
  });
});

describe('reference data in a thread', () => {
  it('is what the thread loads itself: a value need not pass from one to another', () => {
    const isolate = openEquippedThread('enriched');
    closers.push(isolate.close);
    expect(isolate.references).toEqual({ cities: { versions: ['1'], loadedAt: expect.any(Number) } });
    expect(isolate.run(eventOf('ORD'))).toMatchObject({
      output: { records: [{ record: { data: expect.stringContaining('{"city":"Chicago"') } }] },
    });
  });

  it('that can not be loaded keeps it from starting, by name', () => {
    expect(() => openEquippedThread('unequipped')).toThrow(
      expect.objectContaining({
        name: 'ReferenceUnavailable',
        message: 'withReference cities: load failed: no route; none was loaded before',
      }),
    );
  });

  it('that can not be loaded is told by name also where the thread has ended before the one who waits goes on', () => {
    const { wait } = Atomics;
    const endsMeanwhile = vi.spyOn(Atomics, 'wait').mockImplementation(((
      cell: Int32Array,
      ...which: [number, number, number]
    ) => {
      const end = wait(cell, ...which);
      wait(cell, 0, signals.answered, 500);
      return end;
    }) as typeof wait);
    closers.push(() => endsMeanwhile.mockRestore());
    expect(() => openEquippedThread('unequipped')).toThrow(expect.objectContaining({ name: 'ReferenceUnavailable' }));
  });
});
