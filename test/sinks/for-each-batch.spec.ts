/** A function of the user's own as a sink: its options, where it is refused, and what its rows are. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  bytes,
  checkPipeline,
  count,
  forEachBatch,
  kinesis,
  perMicroBatch,
  pipeline,
  tumbling,
  type WrittenPipeline,
} from '../../functions/index.ts';
import { callOf, forEachBatchKind, rowOf } from '../../functions/sinks/for-each-batch.ts';
import type { SentIdentity } from '../../functions/sinks/identity.ts';
import { resultIdentity, sealedEventIdentity } from '../support/builders.ts';

const events = () =>
  pipeline('test')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes());
const rows = () =>
  events()
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(perMicroBatch())
    .aggregate({ events: count() });
const take = () => {};
const written = (callback: unknown, options?: object) =>
  rows().writeStream(forEachBatch(callback as () => void, options));
const messages = (definition: WrittenPipeline<never, never, never>) => {
  const checked = checkPipeline(definition as never);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};
const messagesOf = (callback: unknown, options?: object) => messages(written(callback, options) as never);

describe('options', () => {
  it('are a function, also an async one, and how many rows a call has', () => {
    expect(messagesOf(take)).toEqual([]);
    expect(messagesOf(async () => {}, { maxRows: 1 })).toEqual([]);
    expect(messagesOf(take, { maxRows: 1_000 })).toEqual([]);
  });

  it.each([
    [undefined, {}, /^sink\.callback: nothing is given; use a function, such as async \(rows, \{ id \}\) => …$/],
    ['rows', {}, /^sink\.callback: 'rows' is not allowed; use a function/],
    [take, { maxRows: 0 }, /^sink\.maxRows: 0 is not allowed; use a whole number from 1 to 1000/],
    [take, { maxRows: 1_001 }, /^sink\.maxRows: 1001 is not allowed/],
    [take, { maxrows: 5 }, /^sink\.maxrows: there is no such option/],
    [take, 7, /^sink: 7 is not allowed; use an object of options/],
  ])('%o with %o is refused, and with one problem', (callback, options, message) => {
    const [problem, ...others] = messagesOf(callback, options as object);
    expect(problem).toMatch(message);
    expect(others).toEqual([]);
  });
});

test('events are taken as results are, also beside an output that is sent to while reading', () => {
  expect(messages(events().writeStream(forEachBatch(take)) as never)).toEqual([]);
  const beside = events()
    .writeStream(kinesis({ streamName: 'out' }))
    .writeStream(forEachBatch(take), { name: 'saved' });
  expect(messages(beside as never)).toEqual([]);
});

test('late events are taken, and dead letters, with groupBy and without', () => {
  for (const stage of [rows(), events()])
    expect(
      messages(stage.writeStream(kinesis({ streamName: 'out' })).deadLettersTo(forEachBatch(take)) as never),
    ).toEqual([]);
  const late = (maxRows: number) =>
    events()
      .withWatermark(() => new Date(0), { delay: '1 second' })
      .groupBy({ key: (_, meta) => meta.partitionKey })
      .window(tumbling('1 hour'))
      .sideOutputLate(forEachBatch(take, { maxRows }))
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamName: 'out' }));
  expect(messages(late(5) as never)).toEqual([]);
  expect(messages(late(0) as never)).toEqual([expect.stringMatching(/^sideOutputLate\.maxRows: 0 is not allowed/)]);
});

test('two functions are two places, and one is one', () => {
  const sink = forEachBatch(take);
  expect(messages(rows().writeStream(sink).writeStream(forEachBatch(take), { name: 'again' }) as never)).toEqual([]);
  const [problem] = messages(rows().writeStream(sink).writeStream(sink, { name: 'again' }) as never);
  expect(problem).toMatch(/^outputs\.again: .* main writes the same there$/);
});

const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.oneof(fc.constantFrom('_value', '__proto__', 'toJSON', 'a'), fc.string()), fc.jsonValue()),
);
const options = { callback: take, number: 1, maxRows: 1_000 };
const recordOf = (value: unknown, identity: SentIdentity = resultIdentity()) =>
  forEachBatchKind.encode(options, value, { identity, defaultKey: 'k' });

test('a row is what was written, whatever it is, with its version (CALL-1)', () => {
  const { index, window, key, row, revision, timing, final, retracted } = resultIdentity();
  fc.assert(
    fc.property(anyValue, (value) => {
      const { value: found, ...rest } = rowOf(recordOf(value));
      expect(JSON.stringify(found)).toBe(JSON.stringify(value));
      expect(rest).toEqual({ index, window, key, row, revision, timing, final, retracted });
    }),
  );
});

test('an event is what was written, whatever it is, with its place (CALL-1)', () => {
  const identity = sealedEventIdentity({ shard: 'shardId-7', sequence: '496', sub: 2, index: 3 });
  fc.assert(
    fc.property(anyValue, (value) => {
      const { value: found, ...rest } = rowOf(recordOf(value, identity));
      expect(JSON.stringify(found)).toBe(JSON.stringify(value));
      expect(rest).toEqual({ shardId: 'shardId-7', sequenceNumber: '496', subSequenceNumber: 2, element: 3 });
    }),
  );
});

test('an event that passes as it came is what the decoder made of its bytes', () => {
  const record = forEachBatchKind.encode(options, new TextEncoder().encode('{"at":1.0}'), {
    ...{ identity: sealedEventIdentity(), defaultKey: 'k', madeOf: { value: { at: new Date(0) } } },
  });
  expect(rowOf(record).value).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});

test.each([
  ['an event', sealedEventIdentity({ output: 'dead-letters' })],
  ['a row', { ...resultIdentity(), output: 'dead-letters' }],
  ['a row that an output gave up', { ...resultIdentity(), output: 'dead-letters/main' }],
])('the letter of %s has the place that it has in the table', (_, identity) => {
  const letter = { reason: 'crashed-reducer', shardId: 'group-3', sequenceNumber: '7-9', subSequenceNumber: 4 };
  const { shardId, sequenceNumber, subSequenceNumber } = letter;
  const given = { value: letter, shardId, sequenceNumber, subSequenceNumber, element: 0 };
  expect(rowOf(recordOf(letter, identity))).toEqual(given);
});

test('what JSON does not have is refused', () => {
  expect(() => recordOf(new Map())).toThrow(/Map has no form in JSON/);
  expect(() => recordOf(new Uint8Array(3))).toThrow(/no form in JSON/);
});

test('the dead letter of a row has what the row has', () => {
  const identity = { ...resultIdentity(), row: 3 };
  expect(forEachBatchKind.resultIn!(recordOf([1, 2], identity))).toEqual({ value: [1, 2], identity });
});

test('a call has a name that no other has: of each part, and of each row of one that is called alone', () => {
  const part = { pipeline: 'p', output: 'main', generation: 5, batchId: 7, ref: 9, keyGroup: 2, part: 3, parts: 4 };
  expect(callOf(part)).toEqual({ ...part, id: 'p/main/5/7/9/2/3' });
  expect(callOf({ ...part, alone: 11 })).toEqual({ ...part, id: 'p/main/5/7/9/2/3.11' });
  expect(callOf({ ...part, alone: 0 }).id).toBe('p/main/5/7/9/2/3.0');
});
