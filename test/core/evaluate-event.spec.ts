/** EVENT-1, EVENT-2: every event gets one verdict, whatever its bytes and whatever the user's code does with it. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createEvaluator, isAsynchronous } from '../../functions/core/evaluate-event.ts';
import { bytesKind } from '../../functions/decoders/bytes.ts';
import { jsonKind } from '../../functions/decoders/json.ts';
import type { Operation } from '../../functions/pipeline/pipeline.ts';
import { noon, utf8 } from '../support/builders.ts';

const meta = {
  streamName: 'source',
  shardId: 'shard',
  partitionKey: 'key',
  explicitHashKey: undefined,
  sequenceNumber: '1',
  subSequenceNumber: 0,
  arrivalTime: new Date(noon),
};

type Schema = StandardSchemaV1;

const json = (schema: Schema, options: { readonly largeIntegers?: 'number' | 'text' } = {}) => ({
  kind: jsonKind,
  options: { schema, ...options },
});

function evaluate(
  data: Uint8Array | string,
  operations: readonly Operation[] = [],
  schema: Schema = z.object({ a: z.number() }),
) {
  const { verdict, value, eventTime, reason, message } = createEvaluator({
    decoder: json(schema),
    operations,
  })(typeof data === 'string' ? utf8(data) : data, meta);
  return verdict === 'dead' ? { verdict, reason, message, eventTime } : { verdict, value, eventTime };
}

const watermark = (selector: (event: never) => unknown, maxFutureMs = 1000): Operation => ({
  kind: 'watermark',
  eventTime: { selector: selector as never, delayMs: 0, idleTimeoutMs: undefined, maxFutureMs },
});
const filter = (predicate: (event: never) => boolean): Operation => ({ kind: 'filter', predicate });
const map = (mapper: (event: never) => unknown): Operation => ({ kind: 'map', mapper });
const boom = (): never => {
  throw new Error('boom');
};

describe('decoding (EVENT-1)', () => {
  it('passes what the schema makes of the JSON', () => {
    expect(evaluate('{"a":1,"b":2}')).toEqual({ verdict: 'passed', value: { a: 1 }, eventTime: undefined });
  });

  it('takes a byte order mark for none of the JSON', () => {
    expect(evaluate(Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8('{"a":1}')))).toMatchObject({
      verdict: 'passed',
      value: { a: 1 },
    });
  });

  it.each<[string, Uint8Array | string, string, RegExp]>([
    ['no bytes', '', 'empty-record', /no bytes/],
    ['a lone continuation byte', Uint8Array.of(0x22, 0x80, 0x22), 'invalid-utf8', /UTF-8/],
    ['a cut character', Uint8Array.of(0x22, 0xf0, 0x9f, 0x98, 0x22), 'invalid-utf8', /UTF-8/],
    ['half of a surrogate pair', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'invalid-utf8', /UTF-8/],
    ['half an object', '{"a":', 'invalid-json', /JSON/],
    ['a byte order mark alone', Uint8Array.of(0xef, 0xbb, 0xbf), 'invalid-json', /JSON/],
    ['two values', '{"a":1}{"a":2}', 'invalid-json', /JSON/],
    ['a wrong field, by its path', '{"a":"x"}', 'schema-mismatch', /^a: /],
    ['no object, without a path', 'null', 'schema-mismatch', /^(?!:).*object/],
  ])('buries %s', (_, data, reason, message) => {
    expect(evaluate(data)).toMatchObject({ verdict: 'dead', reason, message: expect.stringMatching(message) });
  });

  it('writes nested paths with dots, of any library', () => {
    const nested = v.object({ a: v.array(v.object({ b: v.number() })) });
    expect(evaluate('{"a":[{"b":1},{"b":"x"}]}', [], nested)).toMatchObject({
      message: expect.stringMatching(/^a\.1\.b: /),
    });
  });

  const answering = (result: unknown): Schema =>
    ({ '~standard': { version: 1, vendor: 'own', validate: () => result } }) as Schema;

  it.each<[string, unknown, string, string]>([
    [
      'a symbol in the path',
      { issues: [{ message: 'bad', path: [Symbol('s'), 0] }] },
      'schema-mismatch',
      'Symbol(s).0: bad',
    ],
    [
      'a key that is no text',
      { issues: [{ message: 'bad', path: [{ key: Object.create(null) }] }] },
      'schema-mismatch',
      '[object Object]: bad',
    ],
    ['a message that is no text', { issues: [{ message: { code: 1 } }] }, 'schema-mismatch', '{"code":1}'],
    ['issues without one', { issues: [] }, 'schema-mismatch', 'does not match the schema'],
    ['issues that are no list', { issues: true }, 'schema-mismatch', 'does not match the schema'],
    ['a path that is no list', { issues: [{ message: 'bad', path: 7 }] }, 'schema-mismatch', 'bad'],
    ['a part of a path that is nothing', { issues: [{ message: 'bad', path: [null] }] }, 'callback-failed', 'decode: '],
    ['no answer', undefined, 'callback-failed', 'decode: '],
    [
      'an answer that cannot be looked at',
      {
        get issues() {
          return boom();
        },
      },
      'callback-failed',
      'decode: boom',
    ],
    [
      'a value that cannot be looked at',
      {
        get value() {
          return boom();
        },
      },
      'callback-failed',
      'decode: boom',
    ],
  ])('buries an event for which the schema answers with %s', (_, answer, reason, message) => {
    const fate = evaluate('{}', [], answering(answer));
    expect(fate).toMatchObject({ verdict: 'dead', reason, message: expect.stringContaining(message) });
  });

  it('is not confused by the event before', () => {
    const evaluator = createEvaluator({
      decoder: json(z.number()),
      operations: [watermark((event) => event)],
    });
    expect(evaluator(utf8('5'), meta)).toMatchObject({ verdict: 'passed', eventTime: 5 });
    expect(evaluator(utf8('"x"'), meta)).toMatchObject({ verdict: 'dead', eventTime: undefined });
    expect(evaluator(Uint8Array.of(0xff), meta)).toMatchObject({ verdict: 'dead', reason: 'invalid-utf8' });
    expect(evaluator(utf8('6'), meta)).toMatchObject({ verdict: 'passed', eventTime: 6, value: 6 });
  });

  it('hands on bytes as they are, also none', () => {
    const evaluator = createEvaluator({ decoder: { kind: bytesKind, options: {} }, operations: [] });
    const data = Uint8Array.of(0xff, 0);
    expect(evaluator(data, meta).value).toBe(data);
    expect(evaluator(new Uint8Array(), meta).verdict).toBe('passed');
  });
});

describe('a schema', () => {
  it.each([
    ['that is asynchronous', z.number().refine(async () => true), true],
    ['that throws behind a promise', z.number().transform((): number => boom()), false],
    ['that answers at once', z.number(), false],
  ])('%s is told from the others by what became of its promises', async (_, schema, expected) => {
    const evaluator = createEvaluator({ decoder: json(schema), operations: [] });
    evaluator(utf8('1'), meta);
    expect(await isAsynchronous(evaluator)).toBe(expected);
  });

  it('that throws buries the event (EVENT-1)', () => {
    const throwing: Schema = { '~standard': { version: 1, vendor: 'test', validate: boom } };
    expect(evaluate('1', [], throwing)).toMatchObject({
      verdict: 'dead',
      reason: 'callback-failed',
      message: 'decode: boom',
    });
  });

  it('whose library hides a throw behind a promise buries the event (EVENT-1)', () => {
    const schema = z.number().transform((value) => (value === 13 ? boom() : value));
    const evaluator = createEvaluator({ decoder: json(schema), operations: [] });
    expect(evaluator(utf8('12'), meta).verdict).toBe('passed');
    expect(evaluator(utf8('13'), meta)).toMatchObject({ verdict: 'dead', reason: 'callback-failed' });
    expect(evaluator(utf8('14'), meta).verdict).toBe('passed');
  });
});

describe('operations', () => {
  it('run in the order written', () => {
    const operations = [
      map((event: { a: number }) => event.a + 1),
      filter((value: number) => value > 1),
      map((value: number) => value * 10),
    ];
    expect(evaluate('{"a":1}', operations)).toMatchObject({ verdict: 'passed', value: 20 });
    expect(evaluate('{"a":0}', operations)).toMatchObject({ verdict: 'filtered' });
  });

  it.each([
    ['filter', filter(boom)],
    ['map', map(boom)],
    ['the selector of the event time', watermark(boom)],
    [
      'a map that throws no Error',
      map(() => {
        throw 'boom';
      }),
    ],
  ])('bury an event when %s throws (EVENT-1)', (_, operation) => {
    expect(evaluate('{"a":1}', [operation])).toMatchObject({
      verdict: 'dead',
      reason: 'callback-failed',
      message: 'boom',
    });
  });

  it('are given what Kinesis knows about the event', () => {
    const decoder = json(z.number());
    const operations: Operation[] = [{ kind: 'map', mapper: (_, about) => about.sequenceNumber }];
    expect(createEvaluator({ decoder, operations })(utf8('1'), meta).value).toBe('1');
  });
});

describe('a promise taken for a value', () => {
  const inTime = (): Promise<boolean> => Promise.resolve(true);
  const never = (): Promise<boolean> => Promise.reject(new Error('nobody waits for it'));
  const lookUp = Object.fromEntries([['then', boom]]);

  it.each<[string, (promise: () => unknown) => Operation]>([
    ['filter', (promise) => filter(promise as () => boolean)],
    ['map', (promise) => map(promise)],
    ['withWatermark', (promise) => watermark(promise)],
  ])('by %s is a wrong pipeline, kept or broken, of whatever library', (callback, operationOf) => {
    for (const promise of [inTime, never, () => lookUp]) {
      const call = () => evaluate('{"a":1}', [operationOf(promise)]);
      expect(call).toThrow(`${callback} returned a promise; callbacks must answer at once`);
      expect(call).toThrow(expect.objectContaining({ name: 'InvalidPipeline' }));
    }
  });

  it('is none where only a field is named so', () => {
    const value = JSON.parse('{"then":1}');
    expect(evaluate('{"a":1}', [map(() => value)])).toMatchObject({ verdict: 'passed', value });
  });

  it('is told from one that user code throws', () => {
    const throwing = map(() => {
      throw Promise.resolve(1);
    });
    expect(evaluate('{"a":1}', [throwing])).toMatchObject({ verdict: 'dead', reason: 'callback-failed' });
  });
});

describe('whole numbers beyond 2^53', () => {
  const read = (largeIntegers: 'number' | 'text' | undefined) =>
    createEvaluator({
      decoder: json(z.any(), largeIntegers === undefined ? {} : { largeIntegers }),
      operations: [],
    })(utf8('{"id":1524831183200260097,"n":12}'), meta).value;

  it('are text if the decoder is asked for it, and else the next double', () => {
    expect(read('text')).toEqual({ id: '1524831183200260097', n: 12 });
    expect(read('number')).toEqual({ id: 1524831183200260000, n: 12 });
    expect(read(undefined)).toEqual({ id: 1524831183200260000, n: 12 });
  });
});

describe('the event time', () => {
  it.each<[string, unknown, number]>([
    ['a Date', new Date(5), 5],
    ['milliseconds', -5, -5],
    ['fractions, cut downwards', -5.5, -6],
    ['an ISO time with a zone', '1970-01-01T01:00:00+01:00', 0],
  ])('is taken from %s', (_, time, expected) => {
    expect(evaluate('{"a":1}', [watermark(() => time)])).toMatchObject({ verdict: 'passed', eventTime: expected });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an invalid Date', new Date(Number.NaN)],
    ['a time without a zone', '2026-01-01T00:00:00'],
    ['a number no Date can hold', 8.64e15 + 1],
  ])('is invalid from %s', (_, time) => {
    expect(evaluate('{"a":1}', [watermark(() => time)])).toMatchObject({
      verdict: 'dead',
      reason: 'invalid-event-time',
      eventTime: undefined,
    });
  });

  it.each([
    [noon + 1000, 'passed'],
    [noon + 1001, 'dead'],
  ])('%i, with arrival at noon and a second allowed, is %s', (time, verdict) => {
    const evaluation = evaluate('{"a":1}', [watermark(() => time)]);
    expect(evaluation.verdict).toBe(verdict);
    if (verdict === 'dead')
      expect(evaluation).toMatchObject({
        reason: 'event-time-in-future',
        message: expect.stringContaining('2026-03-01T12:00:01.001Z'),
      });
  });

  it('counts where it is declared: before a filter, not behind it (EVENT-2)', () => {
    const never = filter(() => false);
    expect(evaluate('{"a":1}', [watermark(() => 5), never])).toMatchObject({ verdict: 'filtered', eventTime: 5 });
    expect(evaluate('{"a":1}', [never, watermark(() => 5)])).toMatchObject({
      verdict: 'filtered',
      eventTime: undefined,
    });
  });
});
