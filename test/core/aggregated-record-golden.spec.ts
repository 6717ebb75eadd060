/**
 * Records that `aws-kinesis-agg` 4.2.8 (with protobufjs 7.2.4, on Node 24.21) wrote, byte by byte; ours must read each
 * and write the same. And its own reader must read them: that the library in use is still the one that wrote them.
 */
import { describe, expect, it } from 'vitest';
import { type AggregatedEvent, deaggregate } from '../../functions/core/aggregated-record.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import { packByAws, readByAws } from '../support/aws-kinesis-agg.ts';
import { md5, utf8 } from '../support/builders.ts';

const largest = '340282366920938463463374607431768211455';
const event = (partitionKey: string, data: string | Uint8Array, explicitHashKey?: string): AggregatedEvent => ({
  partitionKey,
  explicitHashKey,
  data: typeof data === 'string' ? utf8(data) : data,
});

const vectors: readonly (readonly [string, readonly AggregatedEvent[], string])[] = [
  ['one event', [event('k', 'x')], '84mawgoBaxoFCAAaAXh/Ov10QjsJEXfj2mkDIpus'],
  [
    'an event of no bytes between others',
    [event('k', 'x'), event('k', ''), event('k', 'y')],
    '84mawgoBaxoFCAAaAXgaBAgAGgAaBQgAGgF5UutHv9I99uh1CanrIJO4Iw==',
  ],
  [
    'keys that are shared, and are not ASCII',
    [event('Zürich', '{"t":1}'), event('東京', '{"t":2}'), event('Zürich', '{"t":3}'), event('🚲', '{"t":4}')],
    '84mawgoHWsO8cmljaAoG5p2x5LqsCgTwn5qyGgsIABoHeyJ0IjoxfRoLCAEaB3sidCI6Mn0aCwgAGgd7InQiOjN9GgsIAhoHeyJ0Ijo0fWxcp3vcf8l0tvf7vt9OezM=',
  ],
  [
    'explicit hash keys on some',
    [event('a', '1', largest), event('b', '2'), event('c', '3', '170141183460469231731687303715884105728')],
    '84mawgoBYQoBYgoBYxInMzQwMjgyMzY2OTIwOTM4NDYzNDYzMzc0NjA3NDMxNzY4MjExNDU1EicxNzAxNDExODM0NjA0NjkyMzE3MzE2ODczMDM3MTU4ODQxMDU3MjgaBwgAEAAaATEaBQgBGgEyGgcIAhABGgEzhk5C+e2lHuKIvbUVTgyCyg==',
  ],
  [
    'bytes that are no text',
    [event('bin', Uint8Array.of(0, 255, 0xf3, 0x89, 0x9a, 0xc2, 10, 26))],
    '84mawgoDYmluGgwIABoIAP/ziZrCChpvZC+bBb2/Sew2o62N8Uz0',
  ],
  [
    'a payload whose length takes two bytes',
    [event('long', 'ab'.repeat(100))],
    '84mawgoEbG9uZxrNAQgAGsgBYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWKh1zBYWHUfvdnQLX0ryFTk',
  ],
  [
    'a key longer than the short way of reading it, and an index of two bytes',
    [...Array.from({ length: 130 }, (_, at) => event(`key-${at}`, '')), event('k'.repeat(256), 'z')],
    '84mawgoFa2V5LTAKBWtleS0xCgVrZXktMgoFa2V5LTMKBWtleS00CgVrZXktNQoFa2V5LTYKBWtleS03CgVrZXktOAoFa2V5LTkKBmtleS0xMAoGa2V5LTExCgZrZXktMTIKBmtleS0xMwoGa2V5LTE0CgZrZXktMTUKBmtleS0xNgoGa2V5LTE3CgZrZXktMTgKBmtleS0xOQoGa2V5LTIwCgZrZXktMjEKBmtleS0yMgoGa2V5LTIzCgZrZXktMjQKBmtleS0yNQoGa2V5LTI2CgZrZXktMjcKBmtleS0yOAoGa2V5LTI5CgZrZXktMzAKBmtleS0zMQoGa2V5LTMyCgZrZXktMzMKBmtleS0zNAoGa2V5LTM1CgZrZXktMzYKBmtleS0zNwoGa2V5LTM4CgZrZXktMzkKBmtleS00MAoGa2V5LTQxCgZrZXktNDIKBmtleS00MwoGa2V5LTQ0CgZrZXktNDUKBmtleS00NgoGa2V5LTQ3CgZrZXktNDgKBmtleS00OQoGa2V5LTUwCgZrZXktNTEKBmtleS01MgoGa2V5LTUzCgZrZXktNTQKBmtleS01NQoGa2V5LTU2CgZrZXktNTcKBmtleS01OAoGa2V5LTU5CgZrZXktNjAKBmtleS02MQoGa2V5LTYyCgZrZXktNjMKBmtleS02NAoGa2V5LTY1CgZrZXktNjYKBmtleS02NwoGa2V5LTY4CgZrZXktNjkKBmtleS03MAoGa2V5LTcxCgZrZXktNzIKBmtleS03MwoGa2V5LTc0CgZrZXktNzUKBmtleS03NgoGa2V5LTc3CgZrZXktNzgKBmtleS03OQoGa2V5LTgwCgZrZXktODEKBmtleS04MgoGa2V5LTgzCgZrZXktODQKBmtleS04NQoGa2V5LTg2CgZrZXktODcKBmtleS04OAoGa2V5LTg5CgZrZXktOTAKBmtleS05MQoGa2V5LTkyCgZrZXktOTMKBmtleS05NAoGa2V5LTk1CgZrZXktOTYKBmtleS05NwoGa2V5LTk4CgZrZXktOTkKB2tleS0xMDAKB2tleS0xMDEKB2tleS0xMDIKB2tleS0xMDMKB2tleS0xMDQKB2tleS0xMDUKB2tleS0xMDYKB2tleS0xMDcKB2tleS0xMDgKB2tleS0xMDkKB2tleS0xMTAKB2tleS0xMTEKB2tleS0xMTIKB2tleS0xMTMKB2tleS0xMTQKB2tleS0xMTUKB2tleS0xMTYKB2tleS0xMTcKB2tleS0xMTgKB2tleS0xMTkKB2tleS0xMjAKB2tleS0xMjEKB2tleS0xMjIKB2tleS0xMjMKB2tleS0xMjQKB2tleS0xMjUKB2tleS0xMjYKB2tleS0xMjcKB2tleS0xMjgKB2tleS0xMjkKgAJra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2trGgQIABoAGgQIARoAGgQIAhoAGgQIAxoAGgQIBBoAGgQIBRoAGgQIBhoAGgQIBxoAGgQICBoAGgQICRoAGgQIChoAGgQICxoAGgQIDBoAGgQIDRoAGgQIDhoAGgQIDxoAGgQIEBoAGgQIERoAGgQIEhoAGgQIExoAGgQIFBoAGgQIFRoAGgQIFhoAGgQIFxoAGgQIGBoAGgQIGRoAGgQIGhoAGgQIGxoAGgQIHBoAGgQIHRoAGgQIHhoAGgQIHxoAGgQIIBoAGgQIIRoAGgQIIhoAGgQIIxoAGgQIJBoAGgQIJRoAGgQIJhoAGgQIJxoAGgQIKBoAGgQIKRoAGgQIKhoAGgQIKxoAGgQILBoAGgQILRoAGgQILhoAGgQILxoAGgQIMBoAGgQIMRoAGgQIMhoAGgQIMxoAGgQINBoAGgQINRoAGgQINhoAGgQINxoAGgQIOBoAGgQIORoAGgQIOhoAGgQIOxoAGgQIPBoAGgQIPRoAGgQIPhoAGgQIPxoAGgQIQBoAGgQIQRoAGgQIQhoAGgQIQxoAGgQIRBoAGgQIRRoAGgQIRhoAGgQIRxoAGgQISBoAGgQISRoAGgQIShoAGgQISxoAGgQITBoAGgQITRoAGgQIThoAGgQITxoAGgQIUBoAGgQIURoAGgQIUhoAGgQIUxoAGgQIVBoAGgQIVRoAGgQIVhoAGgQIVxoAGgQIWBoAGgQIWRoAGgQIWhoAGgQIWxoAGgQIXBoAGgQIXRoAGgQIXhoAGgQIXxoAGgQIYBoAGgQIYRoAGgQIYhoAGgQIYxoAGgQIZBoAGgQIZRoAGgQIZhoAGgQIZxoAGgQIaBoAGgQIaRoAGgQIahoAGgQIaxoAGgQIbBoAGgQIbRoAGgQIbhoAGgQIbxoAGgQIcBoAGgQIcRoAGgQIchoAGgQIcxoAGgQIdBoAGgQIdRoAGgQIdhoAGgQIdxoAGgQIeBoAGgQIeRoAGgQIehoAGgQIexoAGgQIfBoAGgQIfRoAGgQIfhoAGgQIfxoAGgUIgAEaABoFCIEBGgAaBgiCARoBer7EcNmKHzq2jdakFm74VbQ=',
  ],
];

describe.each(vectors)('a record of aws-kinesis-agg: %s', (_, events, base64) => {
  const golden = new Uint8Array(Buffer.from(base64, 'base64'));

  it('is read', () => {
    expect(deaggregate({ data: golden }, md5)).toEqual({ kind: 'aggregated', events });
  });

  it('is written with the same bytes', () => {
    expect(Buffer.from(aggregate(events, md5)).toString('base64')).toBe(base64);
  });

  it('is what the library reads and writes today', () => {
    expect(readByAws(golden, { checksDigest: true })).toEqual(events);
    expect(Buffer.from(packByAws(events)).toString('base64')).toBe(base64);
  });
});
