/** EXPAND-1 to EXPAND-3: what becomes of payloads that producers compressed. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Decompress, payloadExpander } from '../../functions/core/expand-payload.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import { bytes, json, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { decompress, md5, page, planned, plannedTask, record, utf8 } from '../support/builders.ts';
import { anyObject } from '../support/pipelines.ts';
import { ShardRead } from '../support/shard-read.ts';

const view = (buffer: Buffer): Uint8Array => new Uint8Array(buffer);
const gzip = (text: string): Uint8Array => view(gzipSync(text));
const zstd = (text: string): Uint8Array => view(zstdCompressSync(text));

describe('the format', () => {
  const named: Decompress = (format, data, maxBytes) => ({
    kind: 'corrupt',
    reason: `${format} ${data.length} ${maxBytes}`,
  });
  const formatFor = (compression: 'none' | 'gzip' | 'zstd' | 'auto', data: Uint8Array) => {
    const expanded = payloadExpander({ compression, maxDecompressedBytes: 9 }, named)?.(data);
    return expanded?.kind === 'corrupt' ? expanded.reason : expanded?.kind;
  };

  it('is asked for nothing if payloads are not compressed', () => {
    expect(payloadExpander({ compression: 'none', maxDecompressedBytes: 9 }, named)).toBeUndefined();
  });

  it('is the one that was named, whatever the payload looks like', () => {
    expect(formatFor('gzip', utf8('{}'))).toBe('gzip 2 9');
    expect(formatFor('zstd', gzip('{}'))).toMatch(/^zstd/);
  });

  it.each([
    ['gzip', gzip('{}'), /^gzip/],
    ['zstd', zstd('{}'), /^zstd/],
    ['JSON', utf8('{"a":1}'), /^expanded$/],
    ['a text in brackets', utf8('(µ/ý)'), /^expanded$/],
    ['the beginning of gzip alone', Uint8Array.of(0x1f, 0x8b), /^expanded$/],
    ['the beginning of zstd alone', Uint8Array.of(0x28, 0xb5, 0x2f), /^expanded$/],
  ])('is told by the first bytes with auto: %s', (_, data, expected) => {
    expect(formatFor('auto', data)).toMatch(expected);
  });

  it.each(['gzip', 'zstd', 'auto'] as const)('of no bytes is none: %s hands them on (EXPAND-3)', (compression) => {
    expect(formatFor(compression, new Uint8Array())).toBe('expanded');
  });
});

describe('a compressed stream', () => {
  type Compression = 'gzip' | 'zstd' | 'auto';
  const source = (compression: Compression) => kinesis({ streamName: 'in', compression, maxDecompressedBytes: 1_000 });
  const sink = kinesis({ streamName: 'out', identity: 'none' });
  const decoded = (compression: Compression) =>
    requirePipeline(
      pipeline('p')
        .readStream(source(compression))
        .decode(json(anyObject))
        .map((event) => ({ got: event }))
        .writeStream(sink),
    );
  const passed = (compression: Compression) =>
    requirePipeline(pipeline('p').readStream(source(compression)).decode(bytes()).writeStream(sink));
  const take = (pipelineToRun: ReturnType<typeof decoded>, payloads: readonly Uint8Array[]) => {
    const shard = planned('shard');
    const read = new ShardRead(
      new TaskRead({ pipeline: pipelineToRun, task: plannedTask([shard]), streamName: 'in', md5, decompress }),
      shard,
    );
    const records = payloads.map((payload, at) => record(at + 1, payload));
    const { taken } = read.take(page(records), 100);
    return { ...taken, counters: read.counters };
  };

  it.each([
    ['gzip', [gzip('{"n":1}'), gzip('{"n":2}')]],
    ['zstd', [zstd('{"n":1}'), zstd('{"n":2}')]],
    ['auto', [gzip('{"n":1}'), zstd('{"n":2}')]],
    ['auto', [utf8('{"n":1}'), zstd('{"n":2}')]],
  ] as const)('is decoded as if it were not: %s', (compression, payloads) => {
    const { outputs, counters } = take(decoded(compression), payloads);
    expect(outputs.map(({ data }) => data)).toEqual(['{"got":{"n":1}}', '{"got":{"n":2}}']);
    expect(counters).toMatchObject({ read: 2, counted: 2, deadLettered: 0 });
  });

  it('passes through as the bytes that came', () => {
    const payloads = [gzip('{"n":1}'), new Uint8Array(), gzip('x')];
    expect(take(passed('gzip'), payloads).outputs.map(({ data }) => data)).toEqual(payloads);
  });

  it('buries what cannot be expanded, with the bytes that came and why (EXPAND-2)', () => {
    const whole = gzip('{"n":1}');
    const payloads = [utf8('{"n":1}'), whole.subarray(0, -3), zstd('{"n":1}'), whole];
    for (const pipelineToRun of [decoded('gzip'), passed('gzip')]) {
      const { outputs, deadLetters, counters } = take(pipelineToRun, payloads);
      expect(outputs).toHaveLength(1);
      expect(deadLetters.map(({ reason, message }) => [reason, message])).toEqual([
        ['invalid-compression', 'incorrect header check'],
        ['invalid-compression', 'unexpected end of file'],
        ['invalid-compression', 'incorrect header check'],
      ]);
      expect(deadLetters.map(({ payload }) => payload)).toEqual(payloads.slice(0, 3));
      expect(counters).toMatchObject({ read: 4, counted: 1, deadLettered: 3 });
    }
  });

  it('buries what would become too large (EXPAND-1)', () => {
    for (const payload of [gzip(' '.repeat(1_001)), zstd(' '.repeat(1_001))]) {
      const { deadLetters } = take(decoded('auto'), [payload]);
      expect(deadLetters).toMatchObject([
        { reason: 'payload-too-large', payload, message: 'decompressed, it would be larger than maxDecompressedBytes' },
      ]);
    }
  });

  it('buries what was expanded and is wrong then as the bytes that came', () => {
    const payload = gzip('{"n":');
    expect(take(decoded('gzip'), [payload]).deadLetters).toMatchObject([{ reason: 'invalid-json', payload }]);
    expect(take(decoded('gzip'), [new Uint8Array()]).deadLetters).toMatchObject([{ reason: 'empty-record' }]);
  });
});

describe('the work of one step', () => {
  const taskOf = (maxDecompressedBytes: number) => {
    const compressed = pipeline('p')
      .readStream(kinesis({ streamName: 'in', compression: 'zstd', maxDecompressedBytes }))
      .decode(json(anyObject))
      .writeStream(kinesis({ streamName: 'out' }));
    const shard = planned('shard');
    return new ShardRead(
      new TaskRead({
        pipeline: requirePipeline(compressed),
        task: plannedTask([shard]),
        streamName: 'in',
        md5,
        decompress,
      }),
      shard,
    );
  };
  const blanks = zstd(' '.repeat(1_048_576));
  const many = page(Array.from({ length: 100 }, (_, at) => record(at + 1, blanks)));

  it('ends at 64 MiB of what payloads become, and the next goes on there (EXPAND-4)', () => {
    const shard = taskOf(10_485_760);
    const first = shard.takeSome(many, 0);
    expect([first.next, first.taken.deadLetters.length]).toEqual([64, 64]);
    const second = shard.takeSome(many, first.next);
    expect([second.next, second.taken.deadLetters.length]).toEqual([100, 36]);
  });

  it('counts what was begun of payloads that are too large', () => {
    const { next, taken } = taskOf(1_048_575).takeSome(many, 0);
    expect(next).toBe(65);
    expect(taken.deadLetters[0]).toMatchObject({ reason: 'payload-too-large' });
  });
});
