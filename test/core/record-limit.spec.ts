import { expect, it } from 'vitest';
import {
  limitWithoutStream,
  RecordLimit,
  RecordLimitUnknown,
  recordLimitOf,
} from '../../functions/core/record-limit.ts';
import { mapped } from '../support/pipelines.ts';

const mebibyte = 1_048_576;
const sink = { ...mapped().outputs[0]!.sink, kind: 'kinesis' } as Extract<
  ReturnType<typeof mapped>['outputs'][number]['sink'],
  { kind: 'kinesis' }
>;

it('every stream takes a mebibyte, and nobody has to be asked for that', () => {
  expect(recordLimitOf(sink).objection(mebibyte)).toBeUndefined();
  expect(() => recordLimitOf(sink).objection(mebibyte + 1)).toThrow(RecordLimitUnknown);
});

it('no stream takes more than ten, whatever it says', () => {
  const refused = '10485761 bytes; the sink takes records of 10485760';
  expect(recordLimitOf(sink).objection(10 * mebibyte + 1)).toBe(refused);
  expect(new RecordLimit(20 * mebibyte).objection(10 * mebibyte + 1)).toBe(refused);
});

it('what is learnt counts from then on', () => {
  const limit = new RecordLimit(undefined);
  limit.learn(3 * mebibyte);
  expect([limit.objection(3 * mebibyte), limit.objection(3 * mebibyte + 1)]).toEqual([
    undefined,
    '3145729 bytes; the sink takes records of 3145728',
  ]);
});

it('what the sink was said to take counts without asking', () => {
  const limit = recordLimitOf({ ...sink, maxRecordBytes: 2 * mebibyte });
  expect(limit.objection(2 * mebibyte)).toBeUndefined();
  expect(limit.objection(2 * mebibyte + 1)).toMatch(/records of 2097152$/);
});

it.each([{ kind: 'console' }, { kind: 'file', path: 'rows' }] as const)(
  'what is written to a $kind is what a stream would be sent',
  (local) => expect(recordLimitOf(local).objection(mebibyte + 1)).toMatch(/records of 1048576$/),
);

it('without a stream the limit is what was said, or what every stream takes', () => {
  expect(limitWithoutStream(sink).objection(mebibyte + 1)).toMatch(/records of 1048576$/);
  expect(limitWithoutStream({ ...sink, maxRecordBytes: 10 * mebibyte }).objection(10 * mebibyte)).toBeUndefined();
});
