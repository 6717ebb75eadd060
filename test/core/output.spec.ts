/** OUTPUT-1, OUTPUT-2: what several outputs make of one value. */
import { describe, expect, it } from 'vitest';
import {
  defaultPartitionKey,
  destinationOf,
  encodeFor,
  errorOfOutput,
  refusalIn,
} from '../../functions/core/output.ts';
import { SluiceError } from '../../functions/pipeline/errors.ts';
import type { Output } from '../../functions/pipeline/pipeline.ts';
import { consoleKind } from '../../functions/sinks/console.ts';
import type { Identity } from '../../functions/sinks/identity.ts';
import { resultIdentity } from '../support/builders.ts';
import { kinesisOutput } from '../support/outputs.ts';

const identityFor = (output: string): Identity => resultIdentity({ output });

it('each output has a record of its own, with its own identity, and as many bytes as its sink counts', () => {
  const outputs = [kinesisOutput(), kinesisOutput({ identityField: 'id', partitionKey: () => 'é' }, { id: 'second' })];
  const { records, missed } = encodeFor(outputs, { value: { a: 1 } }, { identityFor, defaultKey: 'k' });
  const texts = ['main', 'second'].map((id) => JSON.stringify(identityFor(id)));
  expect(missed).toEqual([]);
  const [first, second] = records;
  expect(first).toEqual({
    output: 'main',
    record: { partitionKey: 'k', explicitHashKey: undefined, data: `{"a":1,"_sluice":${texts[0]}}` },
    bytes: 1 + `{"a":1,"_sluice":${texts[0]}}`.length,
  });
  expect(second).toEqual({
    output: 'second',
    record: { partitionKey: 'é', explicitHashKey: undefined, data: `{"a":1,"id":${texts[1]}}` },
    bytes: 2 + `{"a":1,"id":${texts[1]}}`.length,
  });
});

describe('the key of a group', () => {
  it.each([
    [['ATL'], 'ATL'],
    [[5], '5'],
    [[null], 'null'],
    [['a', 1, true], '["a",1,true]'],
  ])('%j is %s', (values, key) => {
    expect(defaultPartitionKey(values)).toBe(key);
  });
});

it('a destination is another one with other outputs, or another stream, region, endpoint or role', () => {
  const role = (account: string) => ({
    ...{ arn: `arn:aws:iam::${account}:role/writer`, sessionName: undefined, externalId: undefined, durationMs: 1 },
    ...{ stsRegion: undefined, stsEndpointUrl: undefined },
  });
  const others: readonly Output[] = [
    kinesisOutput(),
    kinesisOutput({}, { id: 'other' }),
    kinesisOutput({ stream: { kind: 'name', streamName: 'elsewhere' } }),
    kinesisOutput({ region: 'eu-west-1' }),
    kinesisOutput({ endpointUrl: 'http://localhost' }),
    kinesisOutput({ role: role('111111111111') }),
    kinesisOutput({ role: role('222222222222') }),
    { id: 'main', from: 'events', sent: 'while-reading', sink: { kind: consoleKind, options: {} } },
  ];
  const all = others.map(destinationOf);
  expect(new Set(all).size).toBe(all.length);
  // Saved beside what was sent: another text would send it again.
  expect(all[0]).toBe('main sink   ');
});

it('an error says of which output it is, unless it is of the one that the chain writes', () => {
  const error = new SluiceError('NotAllowed', 'stream sink: put records');
  expect(errorOfOutput('main', error)).toBe(error);
  expect(errorOfOutput('second', error)).toMatchObject({
    name: 'NotAllowed',
    message: 'output second: stream sink: put records',
    canRetry: false,
  });
});

it('a letter names those that refuse a value, unless there is one output; a filter makes none', () => {
  const refused = (output: string, message: string) =>
    ({ kind: 'refused', output, reason: 'callback-failed', message }) as const;
  const filtered = { kind: 'filtered', output: 'b' } as const;
  expect(refusalIn([], 3)).toBeUndefined();
  expect(refusalIn([filtered], 3)).toBeUndefined();
  expect(refusalIn([refused('main', 'no')], 1)).toMatchObject({ message: 'no' });
  expect(refusalIn([refused('main', 'no'), filtered, refused('c', 'never')], 3)).toEqual({
    reason: 'callback-failed',
    message: 'output main: no; output c: never',
  });
});

it('what one output does to a value comes too late for the record of the one before', () => {
  const value = { a: 1 };
  const spoils = (row: { a: number }) => {
    row.a = 2;
    return row;
  };
  const outputs = [kinesisOutput(), { ...kinesisOutput({}, { id: 'second' }), map: spoils as never }];
  const { records } = encodeFor(outputs, { value }, { identityFor, defaultKey: 'k' });
  expect(records.map(({ record }) => JSON.parse(String(record.data)).a)).toEqual([1, 2]);
});
