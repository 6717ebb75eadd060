/** The frame of every handler: typed refusals, measured answers, nothing of a payload in a log. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createHeadStore } from '../../functions/adapters/dynamodb/head-store.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { endingWithSteps } from '../../functions/adapters/step-life.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import { createHandlers, type Handlers } from '../../functions/steps/handlers.ts';
import { object, text, type ValueOf, wholeNumber } from '../../functions/steps/message-rules.ts';
import { type Runtime, systemClock } from '../../functions/steps/runtime.ts';
import { createStepHandler, maxPayloadBytes } from '../../functions/steps/step-handler.ts';
import { decompress, md5, timing } from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';

function runtimeWithLog() {
  const lines: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  const write = (message: string, fields?: Record<string, unknown>) => void lines.push({ message, fields });
  const runtime: Runtime = {
    pipeline: mapped(),
    ports: {} as Runtime['ports'],
    md5,
    decompress,
    log: { info: write, warn: write },
  };
  return { runtime, lines };
}
const input = object({ batchId: wholeNumber({ least: 0 }), secret: text({ least: 0 }) });

function handlerOf(run: (given: ValueOf<typeof input>, runtime: Runtime) => Promise<unknown>) {
  const { runtime, lines } = runtimeWithLog();
  return { handler: createStepHandler({ name: 'test-step', input, run, runtime }), lines };
}

describe('input', () => {
  it('that does not fit is refused with every field that is wrong', async () => {
    const { handler } = handlerOf(async () => 'never');
    await expect(handler({ batchId: 'one' }, {})).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^test-step: batchId: .*; secret: /),
    });
    await expect(handler(undefined, {})).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining('input: '),
    });
  });

  const good: Record<keyof Handlers, Record<string, unknown>> = {
    planBatch: {
      request: {},
      run: 'r',
      executionId: 'e',
      startedAt: '2026-01-01T00:00:00Z',
      timing,
      batch: { next: 'plan', turn: 0 },
      outcomes: [],
    },
    processShards: { run: 'r', epoch: 1, batchId: 0, task: 0, readSeconds: 30 },
    sealBatch: { run: 'r', epoch: 1, batchId: 0, turn: 1, waitUntil: '2026-01-01T00:00:00Z', timing },
    reduceKeyGroup: { epoch: 1, batchId: 0, ref: 1, keyGroup: 0 },
    commitBatch: {
      request: {},
      run: 'r',
      startedAt: '2026-01-01T00:00:00Z',
      timing,
      epoch: 1,
      batchId: 0,
      ref: 1,
      turn: 1,
      waitUntil: '2026-01-01T00:00:00Z',
      reduced: { emitted: 0, stuckSince: 0 },
      groups: [],
    },
  };

  it.each(Object.entries(good))('of %s is refused field by field, by its name', async (step, fields) => {
    const handler = createHandlers(runtimeWithLog().runtime)[step as keyof Handlers];
    for (const field of Object.keys(fields)) {
      const { [field]: _, ...rest } = fields;
      await expect(handler(rest, {}), field).rejects.toMatchObject({
        name: 'InvalidInput',
        message: expect.stringContaining(`${field}: `),
      });
    }
    await expect(
      handler({ ...fields, ...('epoch' in fields ? { epoch: -1 } : { run: '' }) }, {}),
    ).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  it('of a request knows no other wishes', async () => {
    const { planBatch } = createHandlers(runtimeWithLog().runtime);
    await expect(planBatch({ ...good.planBatch, request: { untilCaughtup: true } }, {})).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining('untilCaughtup'),
    });
  });
});

describe('answers', () => {
  // The JSON of a text has two bytes more.
  it.each([
    ['passes one of the largest size', 'x'.repeat(maxPayloadBytes - 2), undefined],
    ['refuses one of a byte more', 'x'.repeat(maxPayloadBytes - 1), 'PayloadTooLarge'],
    ['counts bytes, not characters', 'ü'.repeat(maxPayloadBytes / 2), 'PayloadTooLarge'],
  ])('%s', async (_, answer, name) => {
    const { handler } = handlerOf(async () => answer);
    const result = handler({ batchId: 1, secret: '' }, {});
    if (name === undefined) expect(await result).toBe(answer);
    else await expect(result).rejects.toMatchObject({ name });
  });
});

it('takes two arguments at most: a third would make Lambda wait for a callback', () => {
  expect(handlerOf(async () => 1).handler.length).toBeLessThanOrEqual(2);
  for (const handler of Object.values(createHandlers(runtimeWithLog().runtime)))
    expect(handler.length).toBeLessThanOrEqual(2);
});

describe('logs', () => {
  it('say where in the run, and nothing of the payload', async () => {
    const { handler, lines } = handlerOf(async (_, { log }) => log.info('done', { records: 3 }) ?? null);
    await handler({ batchId: 5, secret: 'hunter2', run: 'r' }, {}).catch(() => {});
    expect(lines).toEqual([
      { message: 'done', fields: { pipeline: 'mapped', step: 'test-step', batchId: 5, records: 3 } },
    ]);
  });

  it('of a failure name our own error and its message, which holds no payload; the error itself passes unchanged', async () => {
    const error = new SluiceError('TemporaryFailure', 'table t: get HEAD: TimeoutError');
    const { handler, lines } = handlerOf(() => Promise.reject(error));
    await expect(handler({ batchId: 5, secret: 'hunter2' }, {})).rejects.toBe(error);
    expect(lines).toEqual([
      {
        message: 'failed',
        fields: {
          pipeline: 'mapped',
          step: 'test-step',
          batchId: 5,
          error: 'TemporaryFailure',
          cause: 'table t: get HEAD: TimeoutError',
          at: expect.any(Array),
        },
      },
    ]);
  });

  it("of anybody else's failure name the error and where it was thrown, and nothing that it says", async () => {
    const { handler, lines } = handlerOf(() => Promise.reject(new TypeError('payload hunter2')));
    await expect(handler({ batchId: 5, secret: 'hunter2' }, {})).rejects.toMatchObject({ name: 'TypeError' });
    expect(lines).toMatchObject([{ message: 'failed', fields: { error: 'TypeError', at: expect.any(Array) } }]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('have an input that is refused, and an answer that ends the execution', async () => {
    const refused = handlerOf(async () => 'never');
    await refused.handler({ batchId: 'one' }, {}).catch(() => {});
    expect(refused.lines).toMatchObject([{ message: 'failed', fields: { step: 'test-step', error: 'InvalidInput' } }]);
    const ended = handlerOf(async () => ({ next: 'done', reason: 'superseded' }));
    await ended.handler({ batchId: 5, secret: '' }, {});
    expect(ended.lines).toMatchObject([{ message: 'done', fields: { batchId: 5, reason: 'superseded' } }]);
  });
});

/** A service whose answers a test gives, behind the ports of a step. */
function hangingStep(run: (ports: Ports, put: () => Promise<void>) => Promise<unknown>) {
  const { runtime, lines } = runtimeWithLog();
  const sent: { readonly name: string; readonly signal: AbortSignal; answer(): void }[] = [];
  const client = {
    send: (command: object, { abortSignal }: { readonly abortSignal: AbortSignal }) =>
      new Promise<object>((resolve, reject) => {
        sent.push({
          name: command.constructor.name,
          signal: abortSignal,
          answer: () => resolve({ Attributes: {} }),
        });
        abortSignal.addEventListener('abort', () => reject(abortSignal.reason));
      }),
  } as unknown as DynamoDBClient;
  const handler = createStepHandler({
    name: 'test-step',
    input,
    run: (_, { ports }) => run(ports, () => ports.head.setControl('stop')),
    runtime: {
      ...runtime,
      ports: endingWithSteps((life) => {
        const clock = life?.clockOf(systemClock) ?? systemClock;
        const table = new Table(life?.clientOf(client, 'DynamoDB') ?? client, 't', clock);
        return { clock, head: createHeadStore(table, 'p') } as Ports;
      }),
    },
  });
  return {
    run: (leftMs: number) => handler({ batchId: 5, secret: '' }, { getRemainingTimeInMillis: () => leftMs }),
    sent,
    lines,
  };
}

describe('a step that runs out of time', () => {
  it('fails by a name that is tried again, says what it waited for, and is logged', async () => {
    const { run, lines } = hangingStep((_, put) => put());
    const message = expect.stringMatching(
      /^test-step ran out of time; it waited for DynamoDB\.UpdateItem for 0\.\d s$/,
    );
    await expect(run(500)).rejects.toMatchObject({ name: 'TimeoutError', message });
    expect(lines).toMatchObject([
      { message: 'failed', fields: { step: 'test-step', batchId: 5, error: 'TimeoutError', cause: message } },
    ]);
  });

  it('has its requests aborted and its waits cut, and asks for nothing any more', async () => {
    const went: string[] = [];
    const { run, sent } = hangingStep(async (ports, put) => {
      const waited = ports.clock.sleep(60_000).then(() => went.push('waited'));
      await put().catch(({ name }) => went.push(name));
      await waited;
      await put().catch(({ name }) => went.push(name));
    });
    await expect(run(500)).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => went).toEqual(['waited', 'TemporaryFailure', 'TemporaryFailure']);
    expect(sent.map(({ name, signal }) => [name, signal.aborted])).toEqual([['UpdateItemCommand', true]]);
  });

  it('is not cut before: a step that answers in time writes what it wants', async () => {
    const { run, sent } = hangingStep(async (_, put) => {
      const written = put();
      sent[0]!.answer();
      await written;
      return 'written';
    });
    expect(await run(60_000)).toBe('written');
    expect(sent.map(({ signal }) => signal.aborted)).toEqual([true]);
  });
});

it('a step that fails leaves nothing behind that goes on', async () => {
  let goOn = (): void => {};
  const later = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const ends: string[] = [];
  const { run, sent } = hangingStep(async (_, put) => {
    void later.then(put).catch(({ name }) => ends.push(name));
    throw new SluiceError('TemporaryFailure', 'one of several reads');
  });
  await expect(run(60_000)).rejects.toMatchObject({ name: 'TemporaryFailure' });
  goOn();
  await expect.poll(() => ends).toEqual(['TemporaryFailure']);
  expect(sent).toEqual([]);
});
