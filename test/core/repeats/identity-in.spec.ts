/** IDENTITY-1, IDENTITY-2: the identity in a record, and all that is none. */
import { describe, expect, test } from 'vitest';
import { identityIn } from '../../../functions/core/repeats/identity-in.ts';
import type { EventIdentity, ResultIdentity } from '../../../functions/sinks/identity.ts';
import { withIdentity } from '../../../functions/sinks/identity-text.ts';

const now = Date.UTC(2026, 2, 1);
const result: ResultIdentity = {
  ...{ v: 1, pipeline: 'first', output: 'main', generation: 5, batch: 3, ref: now, group: 2, index: 7 },
  ...{
    window: [0, 1],
    key: '["{\\"_sluice\\":{}}"]',
    row: 1,
    revision: 0,
    timing: 'on-time',
    final: true,
    retracted: false,
  },
};
const event: EventIdentity = {
  ...{ v: 1, pipeline: 'first', output: 'main', generation: 5, source: 'main', shard: 's', sequence: '495', sub: 2 },
  ...{ index: 0, base: '494' },
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, field = '_sluice') => identityIn(bytes(text), field, now);
const withField = (identity: object): string => withIdentity('{"a":1}', '_sluice', identity as ResultIdentity);

test('of a row: what names it', () => {
  const name = { kind: 'row', sender: '["first",5,"main"]', ref: now, group: 2, index: 7, row: 1 };
  expect(read(withIdentity('{"a":"ü"}', '_sluice', result))).toEqual(name);
  expect(read(withIdentity('{}', '_sluice', result))).toEqual(name);
  expect(read(withIdentity('{"a":1}', 'from "us"', result), 'from "us"')).toEqual(name);
});

test('of a row of four megabytes, of which the end alone is looked at', () => {
  expect(read(withIdentity(`{"a":"${'x'.repeat(4_000_000)}"}`, '_sluice', result))).toMatchObject({ index: 7 });
});

test('of an event: its place, and where its try began', () => {
  expect(read(withField(event))).toMatchObject({
    kind: 'event',
    sender: '["first",5,"main","main","s"]',
    place: { sequence: '495', sub: 2 },
    base: { sequence: '494', sub: Number.POSITIVE_INFINITY },
  });
  expect(read(withField({ ...event, base: '495.1' }))).toMatchObject({ base: { sequence: '495', sub: 1 } });
  for (const base of ['TRIM_HORIZON', 'AT_TIMESTAMP 1772366400000'])
    expect(read(withField({ ...event, base }))).toMatchObject({ base: undefined });
});

test('of an event that was sent after the seal: its batch', () => {
  const { base: _, ...rest } = event;
  expect(read(withField({ ...rest, batch: 3, ref: now }))).toMatchObject({ kind: 'event', ref: now, base: undefined });
  expect(read(withField({ ...rest, batch: 3 }))).toBeUndefined();
});

describe('there is none', () => {
  test.each([
    ['no object', '[1]'],
    ['nothing', ''],
    ['a brace', '}'],
    ['text', 'hello'],
    ['no field of that name', '{"a":{"b":1}}'],
    ['another field', withIdentity('{"a":1}', 'other', result)],
    ['one that is not the last', `{"_sluice":${JSON.stringify(result)},"a":{"b":1}}`],
    ['one of an object within', `{"a":{"_sluice":${JSON.stringify(result)}}}`],
    ['one in a text', JSON.stringify({ a: withField(result) })],
    ['half of one', `${withField(result).slice(0, -9)}}}`],
  ])('in %s', (_, text) => expect(read(text)).toBeUndefined());

  test('in bytes that are no text', () => {
    expect(identityIn(Uint8Array.of(0xff, 0xfe, 0x7d, 0x7d), '_sluice', now)).toBeUndefined();
  });

  test.each([
    ['of another version', { ...result, v: 2 }],
    ['without a pipeline', { ...result, pipeline: undefined }],
    ['of a name that no pipeline has', { ...result, pipeline: 'x'.repeat(257) }],
    ['with a negative index', { ...result, index: -1 }],
    ['with a group that is a text', { ...result, group: '0' }],
    ['without a row', { ...result, row: undefined }],
    ['with a ref far ahead of its arrival', { ...result, ref: now + 2 * 86_400_000 }],
    ['with a sequence that is no number', { ...event, sequence: '4x' }],
    ['with a sequence that begins with 0', { ...event, sequence: '0495' }],
    ['of an event at its own base', { ...event, base: '495.2' }],
    ['of an event before its base', { ...event, base: '496' }],
    ['with neither ref nor place', { v: 1, pipeline: 'a', output: 'b', generation: 1, index: 0 }],
  ])('in one that no sink writes: %s', (_, identity) => expect(read(withField(identity))).toBeUndefined());
});
