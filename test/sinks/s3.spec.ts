/** Files in a bucket: options, refusals, folders (FOLDER-1 to -3), what portions are cut by (FILE-1, FILE-3), and rows. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createFilesSink } from '../../functions/adapters/files-sink.ts';
import {
  bytes,
  count,
  globalWindow,
  kinesis,
  ndjson,
  perMicroBatch,
  pipeline,
  type S3SinkOptions,
  s3,
  tumbling,
} from '../../functions/index.ts';
import { checkPipeline, type PipelineOverrides, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { openOutline, outlineOf } from '../../functions/pipeline/outline.ts';
import type { NewObject } from '../../functions/ports/objects.ts';
import { Portion } from '../../functions/sinks/output-file.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { type CheckedS3Sink, s3Kind } from '../../functions/sinks/s3.ts';
import { resultIdentity } from '../support/builders.ts';

const events = () =>
  pipeline('flights')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes());
const timed = () =>
  events()
    .withWatermark(() => 0, { delay: '1 second' })
    .groupBy({ country: () => 'DE', city: () => 'Ulm' });
const hourly = () => timed().window(tumbling('1 hour'));
const rows = () => hourly().aggregate({ flights: count() });
const bucket = { bucket: 'flights' };
const checked = (options: Partial<S3SinkOptions> = {}): CheckedS3Sink =>
  requirePipeline(rows().writeStream(s3({ ...bucket, ...options }))).outputs[0]!.sink.options as CheckedS3Sink;
const messages = (definition: unknown, overrides?: PipelineOverrides): readonly string[] => {
  const result = checkPipeline(definition, overrides);
  return result.kind === 'valid' ? [] : result.problems.map(({ message }) => message);
};
const refusals = (options: object) => messages(rows().writeStream(s3(options as S3SinkOptions)));

const hour: readonly [number, number] = [Date.UTC(2026, 10, 28, 14), Date.UTC(2026, 10, 28, 15)];
const about = (keyValues: readonly unknown[], given: Parameters<typeof resultIdentity>[0] = {}) => ({
  identity: resultIdentity({ pipeline: 'flights', window: hour, ...given }),
  defaultKey: 'k',
  keyValues,
});
const record = (value: unknown, options: Partial<S3SinkOptions> = {}, keyValues: readonly unknown[] = ['DE', 'Ulm']) =>
  s3Kind.encode(checked(options), value, about(keyValues));
const folderOf = (partitionBy: string, keyValues?: readonly unknown[]) =>
  record({}, { partitionBy }, keyValues).partitionKey.split(' ').slice(2).join(' ');

const place = { generation: 7, batchId: 12, ref: 34, keyGroup: 5, output: 'main', from: 100 };
async function written(given: readonly OutputRecord[], options: Partial<S3SinkOptions> = {}) {
  const objects: NewObject[] = [];
  const { files } = createFilesSink(checked(options), { putIfAbsent: async (object) => void objects.push(object) });
  await files!.put(files!.filesOf(given, place), 0);
  return objects;
}

describe('a file', () => {
  it('is named by its batch, key group, output and first row, below prefix and folder', async () => {
    const options = { prefix: 'a/b', partitionBy: 'dt={window.day}/hour={window.hour}/land={country}' };
    const [file] = await written([record({ n: 1 }, options)], options);
    expect(file?.key).toBe('a/b/dt=2026-11-28/hour=14/land=DE/7-12-34-5-main-100.ndjson.gz');
    const [plain] = await written([record({ n: 1 })], { format: ndjson({ compression: 'none' }) });
    expect(plain?.key).toBe('7-12-34-5-main-100.ndjson');
  });

  it('has its rows as lines, and the same bytes for the same rows, whatever the system', async () => {
    const given = [record({ n: 1 }), record({ n: 'é' })];
    const [[one], [other]] = [await written(given), await written(given)];
    expect(gunzipSync(one!.body).toString()).toBe('{"n":1}\n{"n":"é"}\n');
    expect(Buffer.compare(one!.body, other!.body)).toBe(0);
    expect([...one!.body.subarray(3, 10)]).toEqual([0, 0, 0, 0, 0, 0, 255]);
    const [plain] = await written(given, { format: ndjson({ compression: 'none' }) });
    expect(Buffer.from(plain!.body).toString()).toBe('{"n":1}\n{"n":"é"}\n');
  });

  it('is one for each folder of a portion, with its rows in their order', async () => {
    const options = { partitionBy: 'land={country}', format: ndjson({ compression: 'none' }) };
    const given = ['DE', 'FR', 'DE'].map((land, n) => record({ n }, options, [land, '']));
    const files = await written(given, options);
    expect(files.map(({ key, body }) => [key.split('/')[0], Buffer.from(body).toString()])).toEqual([
      ['land=DE', '{"n":0}\n{"n":2}\n'],
      ['land=FR', '{"n":1}\n'],
    ]);
  });

  it('has identities where they are asked for, of rows that were taken back as well', () => {
    expect(record({ n: 1 }).data).toBe('{"n":1}');
    const options = checked({ identity: 'field', identityField: 'version' });
    const back = s3Kind.encode(options, { n: 1 }, about(['DE', 'Ulm'], { retracted: true }));
    expect(JSON.parse(String(back.data))).toMatchObject({ n: 1, version: { retracted: true, window: hour } });
    expect(s3Kind.takesRetractions(options)).toBe(true);
    expect(s3Kind.takesRetractions(checked())).toBe(false);
  });
});

describe('a portion ends', () => {
  const portions = (given: readonly OutputRecord[]): number[] => {
    const sizes: number[] = [];
    let portion = new Portion();
    for (const row of given) {
      if (portion.take(row)) continue;
      sizes.push(portion.rows.length);
      portion = new Portion();
      expect(portion.take(row)).toBe(true);
    }
    return [...sizes, portion.rows.length];
  };
  const many = (options: Partial<S3SinkOptions>, length: number, value: unknown = {}) =>
    Array.from({ length }, () => record(value, options));

  it('with so many rows, or bytes, whatever a single row has', () => {
    expect(portions(many({ maxRowsPerFile: 3 }, 7))).toEqual([3, 3, 1]);
    const third = 'x'.repeat(349_000);
    expect(portions(many({ maxMiBPerFile: 1 }, 7, third))).toEqual([3, 3, 1]);
    expect(portions(many({ maxMiBPerFile: 1 }, 2, 'x'.repeat(2_000_000)))).toEqual([1, 1]);
  });

  it('with 200 folders', () => {
    const options = { partitionBy: 'city={city}' };
    const given = Array.from({ length: 450 }, (_, at) => record({}, options, ['DE', at]));
    expect(portions(given)).toEqual([200, 200, 50]);
  });

  it('by the limits under which its rows were stored, and where those change', () => {
    const given = [...many({ maxRowsPerFile: 3 }, 5), ...many({ maxRowsPerFile: 4 }, 5)];
    expect(portions(given)).toEqual([3, 2, 4, 1]);
  });

  it('also where another kind of sinks had stored the rows', () => {
    const other = { partitionKey: 'DE', explicitHashKey: undefined, data: '{}' };
    expect(portions([other, ...many({ maxRowsPerFile: 5 }, 6)])).toEqual([1, 5, 1]);
  });
});

describe('a folder', () => {
  it('has values percent-encoded: none makes a folder of its own, and none is nothing', () => {
    expect(folderOf('a={country}/b={city}', ['x/../y=1', 'Zürich *'])).toBe('a=x%2F..%2Fy%3D1/b=Z%C3%BCrich%20%2A');
    expect(folderOf('a={country}/b={city}', [null, ''])).toBe(
      'a=__HIVE_DEFAULT_PARTITION__/b=__HIVE_DEFAULT_PARTITION__',
    );
    expect(folderOf('a={country}/b={city}', [-1.5, true])).toBe('a=-1.5/b=true');
  });

  it('is of a time that no day of four digits has as well', () => {
    const day = (start: number) =>
      s3Kind.encode(checked({ partitionBy: 'dt={window.day}' }), {}, about([], { window: [start, start + 1] }));
    expect(day(-1).partitionKey).toMatch(/ dt=1969-12-31$/);
    expect(day(Date.UTC(10_000, 0, 1)).partitionKey).toMatch(/ dt=%2B010000-01-01$/);
  });

  it('of a long value has its beginning, and differs by the rest', () => {
    const [one, other] = ['a', 'b'].map((end) => folderOf('a={country}', ['é'.repeat(2_000) + end, '']));
    expect(one).toMatch(/^a=(%C3%A9)+(%C3)?-[0-9a-f]{16}$/);
    expect(one!.length).toBeLessThanOrEqual(102);
    expect(one).not.toBe(other);
  });

  it('keeps the name of an object within 1,024 bytes, however long prefix and values are', async () => {
    const names = Array.from({ length: 5 }, (_, at) => `${'n'.repeat(31)}${at}={country}`);
    const options = { prefix: 'p'.repeat(200), partitionBy: names.join('/') };
    const [{ key }] = (await written([record({}, options, ['x'.repeat(5_000), ''])], options)) as [NewObject];
    expect(key.length + 80).toBeLessThanOrEqual(1_024);
  });
});

describe('options', () => {
  it('are a bucket, and the rest by default', () => {
    expect(checked()).toMatchObject({
      ...{ bucket: 'flights', prefix: '', region: undefined, endpointUrl: undefined, partitionBy: undefined },
      ...{ limits: { maxRows: 100_000, maxBytes: 33_554_432 }, identity: 'none', identityField: '_sluice' },
    });
    expect(checked().format).toMatchObject({ kind: { kind: 'ndjson' }, options: { compression: 'gzip' } });
  });

  it.each([
    [{}, 'sink.bucket: nothing is given; use a bucket name'],
    [{ bucket: 'Flights' }, "sink.bucket: 'Flights' is not allowed"],
    [{ ...bucket, prefix: '/a' }, "sink.prefix: '/a' is not allowed"],
    [{ ...bucket, prefix: 'a//b' }, "sink.prefix: 'a//b' is not allowed"],
    [{ ...bucket, prefix: '..' }, "sink.prefix: '..' is not allowed"],
    [{ ...bucket, prefix: 'a/./b' }, "sink.prefix: 'a/./b' is not allowed"],
    [
      { ...bucket, format: 'parquet' },
      "sink.format: 'parquet' is not allowed; use ndjson() or parquet({ columns: … })",
    ],
    [{ ...bucket, format: ndjson({ compression: 'zip' as never }) }, "sink.format.compression: 'zip' is not allowed"],
    [{ ...bucket, partitionBy: 'day' }, 'use name={value} for each folder: not day'],
    [
      { ...bucket, partitionBy: 'dt={window}' },
      'which are {country}, {city}, {window.day}, {window.hour}: not {window}',
    ],
    [{ ...bucket, partitionBy: 'a={city}/a={country}' }, 'each name once: not a again'],
    [{ ...bucket, partitionBy: 'a={city}/b={city}/c={city}/d={city}/e={city}/f={city}' }, '5 folders at most'],
    [{ ...bucket, maxRowsPerFile: 0 }, 'sink.maxRowsPerFile: 0 is not allowed'],
    [{ ...bucket, maxMiBPerFile: 65 }, 'sink.maxMiBPerFile: 65 is not allowed'],
    [{ ...bucket, identityField: 'flights', identity: 'field' }, 'a name that is not a column of the result'],
    [{ ...bucket, name: 'a' }, 'sink.name'],
    [{ ...bucket, role: { arn: 'writer' } }, "sink.role.arn: 'writer' is not allowed; use the ARN of a role such as"],
    [{ ...bucket, role: {} }, 'sink.role.arn: nothing is given'],
    [{ ...bucket, role: 'writer' }, "sink.role: 'writer' is not allowed"],
  ])('%o is refused, and with one problem', (options, message) => {
    const [problem, ...others] = refusals(options);
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });

  it('have days and hours where windows are spans of time', () => {
    const options = { ...bucket, partitionBy: 'dt={window.day}' };
    const ofBatches = timed().window(perMicroBatch()).aggregate({ flights: count() });
    expect(messages(ofBatches.writeStream(s3(options)))).toEqual([
      expect.stringContaining('use values of the key: these windows are no spans of time'),
    ]);
    const totals = timed()
      .window(globalWindow({ ttl: '1 day' }))
      .aggregate({ flights: count() });
    expect(messages(totals.writeStream(s3({ ...options, identity: 'field' })).outputMode('update'))).toHaveLength(1);
  });

  it('grant one action below the prefix, and to who commits on the lists alone', () => {
    const account = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
    const sink = checked({ prefix: 'a' });
    expect(s3Kind.grants(sink, account)).toEqual([
      { sid: 'WriteFiles', actions: ['s3:PutObject'], resources: ['arn:aws:s3:::flights/a/*'] },
    ]);
    expect(s3Kind.files!.grants(sink, account)).toEqual([
      { sid: 'WriteFileLists', actions: ['s3:PutObject'], resources: ['arn:aws:s3:::flights/a/_sluice/*'] },
    ]);
  });
});

describe('a deployment', () => {
  const role = { arn: 'arn:aws:iam::222222222222:role/writer', sessionName: 'files' };
  const other = 'arn:aws:iam::333333333333:role/other';
  const definition = (options: object = { ...bucket, role }) => rows().writeStream(s3(options as S3SinkOptions));
  /** Of who writes files, and of who lists them, which has the outline alone. */
  const placesOf = (overrides: PipelineOverrides, options?: object) => {
    const written = definition(options);
    const bundled = JSON.parse(JSON.stringify(outlineOf(written, requirePipeline(written))));
    const whole = requirePipeline(written, overrides).outputs[0]!;
    return { sink: whole.sink.options as CheckedS3Sink, place: openOutline(bundled, overrides).outputs[0]!.files };
  };

  it('names another bucket, by name or ARN, and another role, which has the other options of the one in the file', () => {
    for (const sink of ['archive', 'arn:aws-cn:s3:::archive']) {
      const { sink: options, place } = placesOf({ sink, sinkRole: other });
      expect(options).toMatchObject({ bucket: 'archive', role: { arn: other, sessionName: 'files' } });
      expect(place).toEqual(s3Kind.files!.place(options));
    }
    const plain = placesOf({});
    expect(plain.sink).toMatchObject({ bucket: 'flights', role: { ...role, durationMs: 3_600_000 } });
    expect(plain.place).toEqual(s3Kind.files!.place(plain.sink));
  });

  it('says that there is no role, or one where the file has none', () => {
    expect([placesOf({ sinkRole: 'none' }).sink.role, placesOf({ sinkRole: 'none' }).place?.role]).toEqual([
      undefined,
      undefined,
    ]);
    const { sink, place } = placesOf({ sinkRole: other }, bucket);
    expect(sink.role).toMatchObject({ arn: other, durationMs: 3_600_000 });
    expect(place?.role).toEqual(sink.role);
  });

  it('is refused a bucket that there can not be, by both', () => {
    const message =
      /^override of sink: 'No bucket' is not allowed; use a bucket name .* or a bucket ARN such as arn:aws:s3:::/;
    expect(messages(definition(), { sink: 'No bucket' })).toEqual([expect.stringMatching(message)]);
    expect(() => placesOf({ sink: 'No bucket' })).toThrow('No bucket');
    // What is said from outside counts more.
    expect(messages(definition({ bucket: 'No' }), { sink: 'archive' })).toEqual([]);
  });

  it('with a role is granted to assume it, and nothing else, and so is who commits', () => {
    const { sink } = placesOf({});
    const assume = [{ sid: 'AssumeSinkRole', actions: ['sts:AssumeRole'], resources: [role.arn] }];
    const here = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
    expect([s3Kind.grants(sink, here), s3Kind.files!.grants(sink, here)]).toEqual([assume, assume]);
  });
});

describe('files are of what is stored first', () => {
  it('so events, and letters, go there when their batch is sealed, in one folder', () => {
    const written = requirePipeline(
      events()
        .writeStream(s3(bucket))
        .deadLettersTo(s3({ ...bucket, prefix: 'letters' })),
    );
    expect(written.outputs.map(({ sent, files }) => [sent, files?.prefix])).toEqual([
      ['after-seal', ''],
      ['after-seal', 'letters/'],
    ]);
  });

  it('and bytes that pass through are a line of the JSON that they are', () => {
    const sink = requirePipeline(events().writeStream(s3(bucket))).outputs[0]!.sink.options as CheckedS3Sink;
    const line = (text: string | Uint8Array) =>
      s3Kind.encode(sink, Buffer.from(text as string), { identity: undefined, defaultKey: 'k' }).data;
    expect(line('{"a": 1.0}')).toBe('{"a": 1.0}');
    expect(line('{\n"a": [9007199254740993]\r\n}\n')).toBe('{ "a": [9007199254740993] }');
    for (const other of ['a', '', Uint8Array.of(0xff)]) expect(() => line(other)).toThrow('bytes that pass through');
  });

  it('and have the identity inside, whatever room is in their text', () => {
    const sink = checked({ identity: 'field' });
    const { identity } = about([]);
    for (const text of ['{"a":1} ', ' {"a":1}', '\ufeff{"a":1}', '{\n"a":1\n}', '{ }', '{}\n']) {
      const { data } = s3Kind.encode(sink, Buffer.from(text), { identity, defaultKey: 'k', keyValues: [] });
      expect(JSON.parse(String(data)), text).toEqual({ ...JSON.parse(text.replace('\ufeff', '')), _sluice: identity });
    }
  });

  it('and have that identity in place of another one, with all else as it was written', () => {
    const sink = checked({ identity: 'field' });
    const { identity } = about([]);
    const own = `"_sluice":${JSON.stringify(identity)}}`;
    for (const [text, start] of [
      ['{"id":9007199254740993,"_sluice":{"v":1,"b":"}\\","}}', '{"id":9007199254740993,'],
      ['{"_sluice" : [{"a":1}], "2": 1.0, "1": 2}', '{"2": 1.0,"1": 2,'],
      ['{"\\u0061":"_sluice","_sluice":1,"_sluice":2}', '{"\\u0061":"_sluice",'],
      ['{"of":{"_sluice":1},"is":"\\"_sluice\\":"}', '{"of":{"_sluice":1},"is":"\\"_sluice\\":",'],
      ['{"_sluice":1}', '{'],
    ] as const) {
      const { data } = s3Kind.encode(sink, Buffer.from(text), { identity, defaultKey: 'k', keyValues: [] });
      expect(data).toBe(start + own);
    }
  });

  it('and late events and dead letters of a pipeline that groups are taken, in one folder', () => {
    const sides = (options: S3SinkOptions) =>
      messages(
        hourly()
          .sideOutputLate(s3(options))
          .aggregate({ flights: count() })
          .writeStream(s3({ ...bucket, prefix: 'rows' })),
      );
    expect(sides({ ...bucket, prefix: 'late' })).toEqual([]);
    expect(sides({ ...bucket, prefix: 'late', partitionBy: 'a={country}' })).toEqual([
      expect.stringContaining('sideOutputLate.partitionBy'),
    ]);
  });

  it('and corrections need identities', () => {
    const corrected = (identity: 'field' | 'none') =>
      messages(
        hourly()
          .allowedLateness('1 hour')
          .aggregate({ flights: count() })
          .writeStream(s3({ ...bucket, identity })),
      );
    expect(corrected('field')).toEqual([]);
    expect(corrected('none')).toEqual([expect.stringContaining("'s3' is not allowed; use a sink that can carry")]);
  });
});
