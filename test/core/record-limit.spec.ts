import { expect, it } from 'vitest';
import { limitsOf, RecordLimit, RecordLimitUnknown } from '../../functions/core/record-limit.ts';
import { consoleKind } from '../../functions/sinks/console.ts';
import { fileKind } from '../../functions/sinks/file.ts';
import type { SinkKind } from '../../functions/sinks/sink-kind.ts';
import { kinesisOutput } from '../support/outputs.ts';

const mebibyte = 1_048_576;
const record = { partitionKey: '', explicitHashKey: undefined, data: '' };
const objectionOf = (limit: RecordLimit, bytes: number) => limit.objection(record, bytes);
const limitOf = (maxRecordBytes?: number) => new RecordLimit(kinesisOutput({ maxRecordBytes }));

it('every stream takes a mebibyte, and nobody has to be asked for that', () => {
  expect(objectionOf(limitOf(), mebibyte)).toBeUndefined();
  expect(() => objectionOf(limitOf(), mebibyte + 1)).toThrow(RecordLimitUnknown);
});

it('no stream takes more than ten, whatever it says', () => {
  const refused = '10485761 bytes; the sink takes records of 10485760';
  expect(objectionOf(limitOf(), 10 * mebibyte + 1)).toBe(refused);
  expect(objectionOf(limitOf(20 * mebibyte), 10 * mebibyte + 1)).toBe(refused);
});

it('what is learnt counts from then on', () => {
  const limit = limitOf();
  limit.learn(3 * mebibyte);
  expect([objectionOf(limit, 3 * mebibyte), objectionOf(limit, 3 * mebibyte + 1)]).toEqual([
    undefined,
    '3145729 bytes; the sink takes records of 3145728',
  ]);
});

it('what the sink was said to take counts without asking', () => {
  const limit = limitOf(2 * mebibyte);
  expect(objectionOf(limit, 2 * mebibyte)).toBeUndefined();
  expect(objectionOf(limit, 2 * mebibyte + 1)).toMatch(/records of 2097152$/);
});

it('what is not reckoned yet is reckoned as the sink does', () => {
  const large = { partitionKey: 'k', explicitHashKey: undefined, data: 'x'.repeat(mebibyte) };
  expect(limitOf(mebibyte).objection(large)).toBe('1048577 bytes; the sink takes records of 1048576');
});

it.each<[string, SinkKind, object]>([
  ['console', consoleKind, {}],
  ['file', fileKind as SinkKind, { path: 'rows' }],
])('what is written to a %s is what a stream would be sent', (_, kind, options) => {
  const limit = new RecordLimit({ id: 'main', from: 'events', sink: { kind, options } });
  expect(objectionOf(limit, mebibyte + 1)).toMatch(/records of 1048576$/);
});

it('of several outputs the one that objects is named, unless it is the one that the chain writes', () => {
  const outputs = [
    kinesisOutput({ maxRecordBytes: 3 * mebibyte }),
    kinesisOutput({ maxRecordBytes: 2 * mebibyte }, { id: 'b' }),
  ];
  const objection = (...bytes: readonly [number, number]) =>
    limitsOf(outputs).objection(['main', 'b'].map((output, at) => ({ output, record, bytes: bytes[at]! })));
  expect(objection(2 * mebibyte, 2 * mebibyte)).toBeUndefined();
  expect(objection(2 * mebibyte, 2 * mebibyte + 1)).toBe('output b: 2097153 bytes; the sink takes records of 2097152');
  expect(objection(3 * mebibyte + 1, 1)).toBe('3145729 bytes; the sink takes records of 3145728');
  expect(limitsOf(outputs).objection([{ output: 'gone', record, bytes: 9 * mebibyte }])).toBeUndefined();
});
