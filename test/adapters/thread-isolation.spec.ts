import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createThreadIsolation } from '../../functions/adapters/isolation/thread-isolation.ts';
import type { EventInput } from '../../functions/core/judge-event.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const fileOf = (name: string): string => new URL(`pipelines/${name}.ts`, import.meta.url).href;
const entry = new URL('../../local/isolate.ts', import.meta.url);

function open(timeLimitMs = 500, pipelineName = 'harmful') {
  const data = { pipelineFile: fileOf(pipelineName) };
  const isolation = createThreadIsolation({ entry, data, memoryMb: 128, timeLimitMs });
  const isolate = isolation.open('event', { batchId: 0, watermark: null, generation: 1 });
  closers.push(isolate.close);
  return isolate;
}

const event = (text: string): EventInput => ({
  data: new TextEncoder().encode(text),
  base: 'trim-horizon',
  meta: {
    streamName: 'in',
    shardId: 'shardId-0',
    partitionKey: 'p',
    explicitHashKey: undefined,
    sequenceNumber: '1',
    subSequenceNumber: 0,
    arrivalTime: new Date(0),
  },
});

describe('user code in a thread', () => {
  it('answers call by call, as in place', () => {
    const isolate = open();
    for (const text of ['one', 'two']) {
      expect(isolate.run(event(text))).toMatchObject({
        kind: 'answered',
        output: {
          verdict: 'counted',
          output: { partitionKey: 'p', data: expect.stringContaining(`{"text":"${text}"`) },
        },
      });
    }
  });

  it.each([
    ['loop', /no answer within 0.5 s/],
    ['pattern', /no answer within 0.5 s/],
    ['memory', /used up 64 MB/],
    ['exit', /ended the thread/],
  ])('that does not come back (%s) is ended, and the one who asked goes on', (harm, message) => {
    const isolate = open();
    expect(isolate.run(event('before')).kind).toBe('answered');
    const before = performance.now();
    expect(isolate.run(event(harm))).toMatchObject({ kind: 'died', message: expect.stringMatching(message) });
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(open().run(event('after')).kind).toBe('answered');
  });

  it('that returns a promise is refused as in place, and is no death: the thread goes on', () => {
    const isolate = open(500, 'asynchronous-callback');
    expect(isolate.run(event('often')).kind).toBe('answered');
    expect(() => isolate.run(event('rare'))).toThrow(
      expect.objectContaining({ name: 'InvalidPipeline', message: expect.stringContaining('map returned a promise') }),
    );
    expect(isolate.run(event('often')).kind).toBe('answered');
  });

  it.each(['at_once', 'later', 'never'])('whose schema is asynchronous (%s) is refused as in place', (when) => {
    const isolate = open(4_000, 'asynchronous-schema');
    expect(isolate.run(event('"plain"'))).toMatchObject({ output: { verdict: 'counted' } });
    expect(() => isolate.run(event(`"${when}"`))).toThrow(
      expect.objectContaining({ name: 'InvalidPipeline', message: expect.stringContaining('schema is asynchronous') }),
    );
  });

  it('whose schema promises only because it threw makes a dead letter of its event', () => {
    const isolate = open(4_000, 'asynchronous-schema');
    const answer = isolate.run(event('"broken"'));
    expect(answer).toMatchObject({ output: { verdict: 'dead', reason: 'callback-failed' } });
    expect(isolate.run(event('"plain"'))).toMatchObject({ output: { verdict: 'counted' } });
  });

  it('is not blamed for an error of the engine, which comes back by its name alone', () => {
    const isolate = open();
    const broken = { ...event('secret'), meta: undefined as never };
    expect(() => isolate.run(broken)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: 'in the thread that runs user code apart' }),
    );
    expect(isolate.run(event('after')).kind).toBe('answered');
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
    expect(isolate.run(event('rejection')).kind).toBe('answered');
    expect(isolate.run(event('after')).kind).toBe('answered');
  });

  it('that can not be started is nobody’s fault but the start’s: to be tried again', () => {
    const isolation = createThreadIsolation({
      entry,
      data: { pipelineFile: 'file:///nowhere/pipeline.ts' },
      memoryMb: 128,
      startLimitMs: 300,
    });
    expect(() => isolation.open('event', { batchId: 0, watermark: null, generation: 1 })).toThrow(
      expect.objectContaining({ name: 'TemporaryFailure' }),
    );
  });
});
