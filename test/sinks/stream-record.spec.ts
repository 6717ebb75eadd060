/** ENCODE-1, ENCODE-2 of records for a stream, and what Kinesis takes for a key. */
import { describe, expect, it } from 'vitest';
import { type CheckedKinesisSink, kinesisKind } from '../../functions/sinks/kinesis.ts';
import { resultIdentity, utf8 } from '../support/builders.ts';
import { kinesisSink } from '../support/outputs.ts';

const identity = resultIdentity();

function write(
  value: unknown,
  given: {
    readonly sink?: Partial<CheckedKinesisSink>;
    readonly defaultKey?: string;
    readonly explicitHashKey?: string;
    readonly madeOf?: { readonly value: unknown };
  } = {},
) {
  const { sink = {}, defaultKey = 'k', ...about } = given;
  return kinesisKind.encode({ ...kinesisSink, ...sink }, value, { identity, defaultKey, ...about });
}

describe('the bytes of an output (ENCODE-1, ENCODE-2)', () => {
  it('are JSON with the identity as last field', () => {
    expect(write({ b: 1, a: 2 }).data).toBe(`{"b":1,"a":2,"_sluice":${JSON.stringify(identity)}}`);
  });

  it('have it last, and once, also where the value brings one of another pipeline', () => {
    expect(write({ _sluice: { v: 1 }, a: 2 }).data).toBe(`{"a":2,"_sluice":${JSON.stringify(identity)}}`);
  });

  it('are the same for the same value and identity', () => {
    expect(write({ a: 0.1 + 0.2 })).toEqual(write({ a: 0.1 + 0.2 }));
  });

  it("take another field's name, or none", () => {
    expect(write({ a: 1 }, { sink: { identityField: 'id' } }).data).toBe(`{"a":1,"id":${JSON.stringify(identity)}}`);
    expect(write({ a: 1 }, { sink: { identity: 'none' } }).data).toBe('{"a":1}');
  });

  it.each([
    ['a list', [1], '[1]'],
    ['text', 'x', '"x"'],
    ['null', null, 'null'],
    ['a Date, which writes itself', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ])('of %s carry no identity', (_, value, data) => {
    expect(write(value).data).toBe(data);
  });

  it('that pass through are not touched', () => {
    const data = Uint8Array.of(0xff, 0);
    expect(write(data, { madeOf: { value: data } }).data).toBe(data);
  });

  it.each<[string, unknown, string]>([
    ['has a field toJSON', { k: 1, toJSON: 'x' }, '{"k":1,"toJSON":"x",'],
    ['writes itself', { toJSON: () => ({ k: 1 }) }, '{"k":1,'],
    ['writes itself with the field of another', { toJSON: () => ({ _sluice: 1, k: 1 }) }, '{"k":1,'],
    ['has no fields', {}, '{'],
    ['has no prototype', Object.assign(Object.create(null), { k: 1 }), '{"k":1,'],
    ['has the field of another inside only', { a: { _sluice: 1 } }, '{"a":{"_sluice":1},'],
    ['has a field __proto__', JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1},'],
    ['has both', JSON.parse('{"__proto__":{"a":1},"_sluice":{},"k":1}'), '{"__proto__":{"a":1},"k":1,'],
  ])('have the identity of every object: one that %s', (_, value, start) => {
    expect(write(value).data).toBe(`${start}"_sluice":${JSON.stringify(identity)}}`);
  });

  it('that user code made are a copy: it may use its own for the next event', () => {
    const scratch = Uint8Array.of(1, 2);
    const { data } = write(scratch);
    scratch.fill(9);
    expect(data).toEqual(Uint8Array.of(1, 2));
  });

  it('are those of the value before the partition key was chosen', () => {
    const partitionKey = (row: { key: string }) => {
      row.key = row.key.toUpperCase();
      return row.key;
    };
    const { data, partitionKey: chosen } = write({ key: 'a' }, { sink: { partitionKey, identity: 'none' } });
    expect([data, chosen]).toEqual(['{"key":"a"}', 'A']);
  });

  it('do not change the value', () => {
    const value = Object.freeze({ a: 1 });
    expect(() => write(value)).not.toThrow();
  });
});

describe('the partition key', () => {
  const keyOf = (defaultKey: string) => write({}, { defaultKey }).partitionKey;

  it.each([
    ['', '(empty)'],
    ['k', 'k'],
    ['x'.repeat(256), 'x'.repeat(256)],
  ])('%j is sent as %j', (given, sent) => {
    expect(keyOf(given)).toBe(sent);
  });

  it('of 257 characters keeps 247 and gets a hash of the whole', () => {
    const key = keyOf('x'.repeat(257));
    expect(key).toMatch(/^x{247}~[0-9a-f]{8}$/);
    expect(keyOf(`${'x'.repeat(256)}y`)).not.toBe(key);
    expect(keyOf('x'.repeat(257))).toBe(key);
  });

  it('never holds half a surrogate pair, which is no UTF-8', () => {
    for (const key of ['\ud83d', `${'x'.repeat(246)}😀${'x'.repeat(20)}`]) expect(keyOf(key).isWellFormed()).toBe(true);
  });

  it('is what the sink chooses, given the value or what it was made of', () => {
    const partitionKey = (row: { readonly id: number }) => `id-${row.id}`;
    expect(write({ id: 5 }, { sink: { partitionKey } }).partitionKey).toBe('id-5');
    expect(write(utf8('{"id":6}'), { sink: { partitionKey }, madeOf: { value: { id: 6 } } }).partitionKey).toBe('id-6');
    expect(write({}, { sink: { partitionKey: () => 7 as never } }).partitionKey).toBe('7');
  });
});

it('refuses a partition key that is a promise', () => {
  const partitionKey = (() => Promise.reject(new Error('nobody waits for it'))) as never;
  expect(() => write({}, { sink: { partitionKey } })).toThrow(/^partitionKey of the sink returned a promise/);
});

describe('the explicit hash key', () => {
  const largest = '340282366920938463463374607431768211455';

  it('is kept, unless the sink chooses keys', () => {
    expect(write({}, { explicitHashKey: largest }).explicitHashKey).toBe(largest);
    expect(write({}, { explicitHashKey: '5', sink: { partitionKey: () => 'x' } }).explicitHashKey).toBeUndefined();
  });

  it.each(['340282366920938463463374607431768211456', '-1', '1.5', 'abc', '', '01', '0x1f'])(
    '%j is left out: Kinesis would refuse the whole request',
    (explicitHashKey) => {
      expect(write({}, { explicitHashKey }).explicitHashKey).toBeUndefined();
    },
  );
});

it('counts the bytes that Kinesis counts', () => {
  expect(kinesisKind.bytesOf({ partitionKey: 'ü', explicitHashKey: '5', data: '"ü"' })).toBe(6);
  expect(kinesisKind.bytesOf({ partitionKey: 'k', explicitHashKey: undefined, data: new Uint8Array(3) })).toBe(4);
});
