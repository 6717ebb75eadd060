/** HEADER-1, on JSON: headers as the Java library of the AWS Glue Schema Registry writes them. */
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createEvaluator } from '../../functions/core/evaluate-event.ts';
import { uuidOf } from '../../functions/decoders/glue-header.ts';
import { jsonKind } from '../../functions/decoders/json.ts';
import { json } from '../../functions/index.ts';
import { inflate, noon, utf8 } from '../support/builders.ts';
import { decoded, hex } from './decoded.ts';

const schema = z.object({ id: z.number() });
const id = 'b7b4a7f0 9c96 4e4a a687 fb5de9ef0c63';
const plain = hex(`03 00 ${id} 7b226964223a317d`);
const compressed = Uint8Array.of(...hex(`03 05 ${id}`), ...deflateSync(utf8('{"id":2}')));
const bomb = Uint8Array.of(...hex(`03 05 ${id}`), ...deflateSync(new Uint8Array(5_000_000)));
const glue = json(schema, { header: 'glue' });

describe('JSON behind a header', () => {
  it('is what follows it, inflated if it says so', () => {
    expect(decoded(glue, plain)).toEqual({ id: 1 });
    expect(decoded(glue, compressed)).toEqual({ id: 2 });
  });

  it.each([
    ['a payload without one', utf8('{"id":1}'), 'undecodable', /its first byte is 123, not 3/],
    ['one that is cut', plain.subarray(0, 17), 'undecodable', /it has 17 of 18 bytes/],
    ['another compression', plain.with(1, 4), 'undecodable', /its compression is 4, not 0 or 5/],
    ['a stream that is cut', compressed.subarray(0, -1), 'invalid-compression', /./],
    ['bytes that are no stream', plain.with(1, 5), 'invalid-compression', /./],
    ['a bomb', bomb, 'payload-too-large', /./],
    ['nothing behind it', plain.subarray(0, 18), 'invalid-json', /./],
    ['no bytes at all', new Uint8Array(), 'empty-record', /./],
  ])('%s is refused', (_, data, reason, message) => {
    expect(decoded(glue, data)).toEqual([reason, expect.stringMatching(message)]);
  });

  it('is not expected unless it is asked for', () => {
    expect(decoded(json(schema), plain)).toEqual(['invalid-utf8', expect.any(String)]);
  });
});

it('names its version as registries write it', () => {
  expect(uuidOf(hex(id))).toBe('b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63');
});

it('what was inflated counts for the work of a read', () => {
  const decoder = { kind: jsonKind, options: { schema, header: 'glue' } };
  const meta = { streamName: 's', shardId: 's', partitionKey: 'k', explicitHashKey: undefined, sequenceNumber: '1' };
  const evaluate = createEvaluator({ decoder, operations: [] }, undefined, inflate);
  const about = { ...meta, subSequenceNumber: 0, arrivalTime: new Date(noon) };
  expect(evaluate(compressed, about)).toMatchObject({ value: { id: 2 }, expandedBytes: 8 });
  expect(evaluate(plain, about)).toMatchObject({ value: { id: 1 }, expandedBytes: 0 });
  expect(evaluate(bomb, about)).toMatchObject({ reason: 'payload-too-large', expandedBytes: 1_000_000 });
});
