/** Parquet files (FORMAT-1, FORMAT-2, COLUMN-1, COLUMN-2): what is in them as another library reads it, and what no column takes. */
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { bytes, count, kinesis, parquet, pipeline, s3, tumbling } from '../../functions/index.ts';
import { checkPipeline, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { type CheckedS3Sink, s3Kind } from '../../functions/sinks/s3.ts';
import { resultIdentity } from '../support/builders.ts';

const rows = () =>
  pipeline('flights')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .withWatermark(() => 0, { delay: '1 second' })
    .groupBy({ country: () => 'DE' })
    .window(tumbling('1 hour'))
    .aggregate({ flights: count() });
const all = {
  ...{ text: 'string', small: 'int32', whole: 'int64', real: 'double', yes: 'boolean' },
  ...{ at: 'timestamp', any: 'json' },
} as const;
const written = (options: object, more: object = {}) =>
  rows()
    .map((row) => row as never)
    .writeStream(s3({ bucket: 'flights', format: parquet(options as never) as never, ...more }));
const checked = (options: object = { columns: all }, more: object = {}): CheckedS3Sink =>
  requirePipeline(written(options, more)).outputs[0]!.sink.options as CheckedS3Sink;
const problems = (definition: unknown): readonly string[] => {
  const result = checkPipeline(definition);
  return result.kind === 'valid' ? [] : result.problems.map(({ message }) => message);
};
const about = { identity: resultIdentity(), defaultKey: 'k', keyValues: ['DE'] };
const stored = (value: unknown, sink = checked()): string => String(s3Kind.encode(sink, value, about).data);

function fileOf(values: readonly unknown[], sink = checked()): ArrayBuffer {
  const { kind, options } = sink.format;
  const file = kind.fileOf(
    options,
    values.map((value) => stored(value, sink)),
    { gzip: (data) => gzipSync(data) },
  );
  return file.buffer as ArrayBuffer;
}
const read = (file: ArrayBuffer) =>
  parquetReadObjects({ file, compressors: { GZIP: (data) => new Uint8Array(gunzipSync(data)) } });

const row = {
  ...{ text: 'é "quoted"', small: -(2 ** 31), whole: 2 ** 53 - 1, real: -1.5e300, yes: false },
  ...{ at: '2026-11-28T14:00:00.123+01:00', any: { list: [1, null, 'a'] } },
};
const asRead = {
  ...{ ...row, whole: 9_007_199_254_740_991n, at: new Date('2026-11-28T13:00:00.123Z') },
};
const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, null]));

describe('a file', () => {
  it.each(['snappy', 'gzip', 'none'])(
    'has its values, as %s: those of each type, and nothing in any column',
    async (compression) => {
      const file = fileOf([row, {}, { ...row, at: 0, any: 1 }, nothing], checked({ columns: all, compression }));
      expect(await read(file)).toEqual([asRead, nothing, { ...asRead, at: new Date(0), any: 1 }, nothing]);
    },
  );

  it('has the columns that were said, in their order, whatever else a row has', async () => {
    const sink = checked({ columns: { real: 'double', text: 'string' } });
    const file = fileOf([{ text: 'a', more: 1, real: 2 }], sink);
    const { schema } = parquetMetadata(file);
    expect(schema.slice(1).map(({ name, type, converted_type }) => [name, type, converted_type])).toEqual([
      ['real', 'DOUBLE', undefined],
      ['text', 'BYTE_ARRAY', 'UTF8'],
    ]);
    expect(stored({ text: 'a', more: 1, real: 2 }, sink)).toBe('{"real":2,"text":"a"}');
  });

  it('has the identity as a column of JSON behind the others, where it is asked for', async () => {
    const sink = checked({ columns: { text: 'string' } }, { identity: 'field' });
    expect(await read(fileOf([{ text: 'a' }], sink))).toEqual([{ text: 'a', _sluice: about.identity }]);
  });

  it('is made of rows as well that were stored before a deployment gave columns another type: such a column is JSON', async () => {
    const rowsBefore = ['{"a":"x","b":1.5}', '{"a":"2026","b":2}', '3', '{}'];
    for (const type of ['int32', 'int64', 'double', 'boolean', 'timestamp']) {
      const { kind, options } = checked({ columns: { a: type, b: 'double' } }).format;
      const file = kind.fileOf(options, rowsBefore, { gzip: (data) => gzipSync(data) }).buffer as ArrayBuffer;
      expect(await read(file), type).toEqual([
        { a: 'x', b: 1.5 },
        { a: '2026', b: 2 },
        { a: null, b: null },
        { a: null, b: null },
      ]);
      expect(parquetMetadata(file).schema.map(({ converted_type }) => converted_type)).toContain('JSON');
    }
  });

  it('has columns of any names: of what every object has, a row has nothing', async () => {
    const sink = checked({ columns: { constructor: 'string', toString: 'json' } });
    const rowsRead = await read(fileOf([{}, { constructor: 'a', toString: 1 }], sink));
    expect(rowsRead.map((one) => Object.values(one))).toEqual([
      [null, null],
      ['a', 1],
    ]);
    const inherited = JSON.parse('{"__proto__":"json"}');
    expect(stored(JSON.parse('{"__proto__":"b"}'), checked({ columns: inherited }))).toBe('{"__proto__":"b"}');
  });

  it('has fields of a JSON value whatever they are called', async () => {
    const any: unknown = JSON.parse('{"__proto__":1,"a":{"__proto__":{"b":2}},"c":[{"__proto__":3},-0]}');
    const [found] = await read(fileOf([{ ...row, any }]));
    expect(JSON.stringify(found!.any)).toBe('{"__proto__":1,"a":{"__proto__":{"b":2}},"c":[{"__proto__":3},0]}');
  });

  it('has any rows as they are, and is the same for the same ones', async () => {
    const any = fc.record({
      text: fc.option(fc.string({ unit: 'grapheme' })),
      small: fc.option(fc.integer()),
      whole: fc.option(fc.maxSafeInteger()),
      real: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      yes: fc.option(fc.boolean()),
      at: fc.option(fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })),
      any: fc.option(fc.jsonValue({ noUnicodeString: false })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 40 }), async (values) => {
        const file = fileOf(values);
        expect(Buffer.compare(Buffer.from(file), Buffer.from(fileOf(values)))).toBe(0);
        const plain = values.map((value) => ({
          ...(JSON.parse(JSON.stringify(value)) as object),
          whole: value.whole === null ? null : BigInt(value.whole),
          at: value.at,
        }));
        expect(await read(file)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a row is refused with column, value and what would be right', () => {
  it.each([
    [{ text: 1 }, 'column text: 1 is no string, which takes a text'],
    [{ small: 2 ** 31 }, 'column small: 2147483648 is no int32, which takes a whole number of 32 bits'],
    [{ whole: 1.5 }, 'column whole: 1.5 is no int64'],
    [{ whole: 2 ** 53 }, 'column whole: 9007199254740992 is no int64'],
    [{ real: '1' }, 'column real: "1" is no double'],
    [{ real: Number.NaN }, 'column real: NaN is no number of JSON'],
    [Buffer.from('{"real":1e400}'), 'column real: Infinity is no number of JSON'],
    [{ yes: 0 }, 'column yes: 0 is no boolean'],
    [
      { at: '2026-11-28T14:00:00' },
      'column at: "2026-11-28T14:00:00" is no timestamp, which takes an ISO 8601 text with its zone',
    ],
    [{ at: '2026-13-28' }, 'column at: "2026-13-28" is no timestamp'],
    [{ at: 1.5 }, 'column at: 1.5 is no timestamp'],
    [{ text: { long: 'x'.repeat(100) } }, `column text: {"long":"${'x'.repeat(51)}… is no string`],
    [[1], 'a row of columns is an object'],
    [{ any: new Map() }, 'Map has no form in JSON'],
  ])('%#', (value, message) => {
    expect(() => stored(value)).toThrow(message);
  });
});

describe('columns', () => {
  it.each([
    [{}, 'sink.format.columns: nothing is given; use an object of columns'],
    [{ columns: {} }, 'use an object of columns such as'],
    [{ columns: ['a'] }, 'use an object of columns such as'],
    [{ columns: { a: 'text' } }, "sink.format.columns.a: 'text' is not allowed; use one of 'string', 'int32'"],
    [{ columns: { a: 'string' }, compression: 'zip' }, "sink.format.compression: 'zip' is not allowed"],
    [{ columns: { a: 'string' }, rows: 1 }, 'sink.format.rows'],
  ])('%o is refused, and with one problem', (options, message) => {
    const [problem, ...others] = problems(written(options));
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });

  it('have other names than the identity', () => {
    const identity = written({ columns: { _sluice: 'json' } }, { identity: 'field' });
    expect(problems(identity)).toEqual([expect.stringContaining('the identity is in that column')]);
  });

  it('are of results: late events have none', () => {
    const late = pipeline('flights')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(bytes())
      .withWatermark(() => 0, { delay: '1 second' })
      .groupBy({})
      .window(tumbling('1 hour'))
      .sideOutputLate(s3({ bucket: 'late', format: parquet({ columns: { payload: 'json' } }) }) as never)
      .aggregate({ flights: count() })
      .writeStream(kinesis({ streamName: 'out' }));
    expect(problems(late)).toEqual([
      expect.stringMatching(/^sideOutputLate.format: 'parquet' is not allowed; use ndjson/),
    ]);
  });
});
