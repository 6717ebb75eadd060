import { expect, it } from 'vitest';
import type { ForOutputs } from '../../functions/core/output.ts';
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
  const limit = new RecordLimit({ id: 'main', from: 'events', sent: 'while-reading', sink: { kind, options } });
  expect(objectionOf(limit, mebibyte + 1)).toMatch(/records of 1048576$/);
});

it('of several outputs those that object miss the value, and the others have it', () => {
  const outputs = [
    kinesisOutput({ maxRecordBytes: 3 * mebibyte }),
    kinesisOutput({ maxRecordBytes: 2 * mebibyte }, { id: 'b' }),
  ];
  const given = (...bytes: readonly [number, number]): ForOutputs => ({
    records: ['main', 'b'].map((output, at) => ({ output, record, bytes: bytes[at]! })),
    missed: [],
  });
  const tooLarge = (output: string, message: string) => ({
    ...{ kind: 'refused', output, reason: 'output-too-large', message },
  });
  const fits = given(2 * mebibyte, 2 * mebibyte);
  expect(limitsOf(outputs).within(fits)).toBe(fits);
  const [main, b] = given(2 * mebibyte, 2 * mebibyte + 1).records;
  expect(limitsOf(outputs).within({ records: [main!, b!], missed: [] })).toEqual({
    records: [main],
    missed: [tooLarge('b', '2097153 bytes; the sink takes records of 2097152')],
  });
  const filtered = { kind: 'filtered', output: 'c' } as const;
  expect(limitsOf(outputs).within({ ...given(3 * mebibyte + 1, 9 * mebibyte), missed: [filtered] })).toEqual({
    records: [],
    missed: [
      filtered,
      tooLarge('main', '3145729 bytes; the sink takes records of 3145728'),
      tooLarge('b', '9437184 bytes; the sink takes records of 2097152'),
    ],
  });
  const gone = { records: [{ output: 'gone', record, bytes: 9 * mebibyte }], missed: [] };
  expect(limitsOf(outputs).within(gone)).toBe(gone);
});
