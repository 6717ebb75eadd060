/**
 * Files in a bucket of S3. `functions/adapters/s3` puts them.
 *
 * Long because each option says what it does, what it takes and what holds without it.
 */
import { endpointRule, regionRule } from '../pipeline/endpoint.ts';
import { anything, nested, readOptions, text, wholeNumber } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import type { RoleOptions } from '../pipeline/role-options.ts';
import { bucketOptionsIn, bucketRule, resolveBucket } from './bucket-place.ts';
import { type FolderTemplate, folderOf, parseFolder } from './file-folder.ts';
import { type AboutFormat, type FileFormat, type FileFormatSpec, formatKindOf } from './file-format.ts';
import { ndjson } from './ndjson.ts';
import { type CutLimits, type FilePlace, listFolder, portionKey } from './output-file.ts';
import { fieldOf, identityRules, type RecordIdentity, withPossibleIdentity } from './record-identity.ts';
import {
  type AboutOutput,
  type AboutRecord,
  type AwsAccount,
  assumeGrant,
  type Grant,
  type SinkDefinition,
  type SinkKind,
} from './sink-kind.ts';
import { byteLength } from './stream-record.ts';

/** What `s3` takes. The bucket alone is required. */
export type S3SinkOptions<Row = unknown> = {
  /** The bucket by name. It exists: nothing makes it. */
  readonly bucket: string;
  /**
   * What the names of all objects begin with, without a `/` at either end: `flights/hourly`. Another pipeline has another one.
   * @default nothing: files lie at the top of the bucket
   */
  readonly prefix?: string | undefined;
  /**
   * Region of the bucket.
   * @default the one the program runs in
   */
  readonly region?: string | undefined;
  /**
   * An endpoint other than the region's own: a VPC endpoint, or an emulator. The bucket is part of the path then.
   * @default the region's own
   */
  readonly endpointUrl?: string | undefined;
  /**
   * A role to assume for the bucket, usually one of another account. It serves this sink only, and the lists of its files.
   * @default the function's own role
   */
  readonly role?: RoleOptions | undefined;
  /**
   * What a file is: `ndjson(…)` or `parquet(…)`.
   * @default ndjson()
   */
  readonly format?: FileFormat<Row> | undefined;
  /**
   * Folders of files, as Hive has them: `'dt={window.day}/hour={window.hour}/country={country}'`. A value is one of the group's key, or
   * day or hour (UTC) in which the window begins; its characters beside letters, digits, _ . and - are percent-encoded. Without `groupBy`
   * a value is a field of the event, or `{event.day}` or `{event.hour}` of its time: `'dt={event.day}/country={country}'`.
   * @default none: all files of the pipeline lie in one folder
   */
  readonly partitionBy?: string | undefined;
  /**
   * A file has so many rows at most: 1 to 1,000,000.
   * @default 100000
   */
  readonly maxRowsPerFile?: number | undefined;
  /**
   * And is made of so many bytes of JSON at most, in MiB: 1 to 64. They are in memory at once.
   * @default 32
   */
  readonly maxMiBPerFile?: number | undefined;
  /**
   * `field` adds the output's identity to each row, as its last field. Files have each row once, so it is needed where there are several
   * versions of a result: with `allowedLateness`, and in the output modes 'update' and 'complete'.
   * @default 'none'
   */
  readonly identity?: 'field' | 'none' | undefined;
  /**
   * The name of that field.
   * @default '_sluice'
   */
  readonly identityField?: string | undefined;
};

/** What `s3` returns. */
export type S3Sink<Row = unknown> = SinkDefinition<Row> & {
  /** Always 's3'. */
  readonly kind: 's3';
  /** What `s3` was given, not yet checked. */
  readonly options: RawOptions;
};

/**
 * Writes results, or events, as files to a bucket of S3, each once: a file has a name that follows from its batch, and is put if
 * no object has that name. What a committed batch has written is named by a list, `_sluice/<generation>/<batch>-<ref>.json`. `sluice dev`
 * writes the files to a folder of this machine.
 *
 * @example
 * ```ts
 * pipeline('hourly-flights')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '10 seconds' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ flights: count() })
 *   .writeStream(s3({ bucket: 'flights', prefix: 'hourly', partitionBy: 'dt={window.day}' }));
 * ```
 */
export function s3<Row = unknown>(options: S3SinkOptions<Row>): S3Sink<Row> {
  return Object.freeze({
    kind: 's3',
    options: frozenCopy(options),
    '~sink': Object.freeze(s3Kind),
  }) as unknown as S3Sink<Row>;
}

export type CheckedS3Sink = FilePlace &
  RecordIdentity & {
    readonly format: FileFormatSpec;
    /** Undefined: one folder. */
    readonly partitionBy: FolderTemplate | undefined;
    readonly limits: CutLimits;
  };

const mebibyte = 1_048_576;
const mostRowBytes = 4 * mebibyte;

const rules = {
  bucket: bucketRule,
  role: nested(),
  prefix: text(
    'up to 200 letters, digits, _ . = or -, with / between folders, of which none is . or .., and at neither end',
    (value) => value.length <= 200 && value.split('/').every((folder) => /^(?!\.\.?$)[A-Za-z0-9_.=-]+$/.test(folder)),
    undefined,
  ),
  region: regionRule,
  endpointUrl: endpointRule,
  format: anything(),
  partitionBy: text("folders such as 'dt={window.day}/country={country}'", (value) => value.length > 0, undefined),
  maxRowsPerFile: wholeNumber({ atLeast: 1, atMost: 1_000_000 }, 100_000),
  maxMiBPerFile: wholeNumber({ atLeast: 1, atMost: 64 }, 32),
  ...identityRules,
  identity: { ...identityRules.identity, fallback: 'none' as const },
};

export const s3Kind: SinkKind<CheckedS3Sink> = {
  kind: 's3',
  usage: 's3({ bucket: … })',
  isForDevelopment: false,
  isStream: false,
  place: 'a bucket',
  sentAfterSeal: true,
  read: readS3,
  destination: ({ bucket, prefix, region = '', endpointUrl = '', format }) =>
    ['s3', bucket, prefix, region, endpointUrl, format.kind.kind].join(' '),
  runsUserCode: () => false,
  encode(sink, value, about) {
    const { format, limits } = sink;
    const field = fieldOf(sink);
    const identity = field === undefined ? undefined : { field, identity: about.identity };
    const data = format.kind.rowText(format.options, value, identity);
    return { partitionKey: portionKey(limits, folderFor(sink, value, about)), explicitHashKey: undefined, data };
  },
  bytesOf: ({ data }) => byteLength(data),
  limits: () => ({ always: mostRowBytes, atMost: mostRowBytes, said: mostRowBytes, remedy: 'write less' }),
  takesRetractions: ({ identity }) => identity === 'field',
  grants: (sink, account) => grantsOf(sink, account, { sid: 'WriteFiles', objects: '*' }),
  files: {
    place: ({ bucket, prefix, region, endpointUrl, role }) => ({ bucket, prefix, region, endpointUrl, role }),
    grants: (sink, account) => grantsOf(sink, account, { sid: 'WriteFileLists', objects: `${listFolder}/*` }),
  },
};

function grantsOf(
  { bucket, prefix, role }: CheckedS3Sink,
  { partition }: AwsAccount,
  { sid, objects }: { readonly sid: string; readonly objects: string },
): readonly Grant[] {
  if (role !== undefined) return [assumeGrant(role)];
  return [{ sid, actions: ['s3:PutObject'], resources: [`arn:${partition}:s3:::${bucket}/${prefix}${objects}`] }];
}

/** Of late events and dead letters, none is asked for. */
function folderFor({ partitionBy }: CheckedS3Sink, value: unknown, about: AboutRecord): string {
  if (partitionBy === undefined) return '';
  const { identity, keyValues = [], eventTime = 0, madeOf } = about;
  const time = identity !== undefined && 'window' in identity ? identity.window[0] : eventTime;
  return folderOf(partitionBy, { time, keyValues, event: madeOf === undefined ? value : madeOf.value });
}

function readS3(given: RawOptions, about: AboutOutput, problems: Problem[]): CheckedS3Sink {
  const { path, override } = about;
  const options = bucketOptionsIn(isPlainObject(given.options) ? given.options : {}, override);
  const read = readOptions(path, options, rules, problems);
  const { prefix, region, endpointUrl, maxRowsPerFile, maxMiBPerFile, identity, identityField } = read;
  if (override.stream === undefined && options.bucket === undefined)
    problems.push(missing(`${path}.bucket`, rules.bucket.allowed));
  const sink: CheckedS3Sink = {
    ...resolveBucket(path, options, override, problems),
    prefix: prefix === undefined ? '' : `${prefix}/`,
    ...{ region, endpointUrl, identity, identityField },
    format: readFormat(read.format, { ...about, identityField: fieldOf({ identity, identityField }) }, problems),
    partitionBy: readFolders(read.partitionBy, about, problems),
    limits: { maxRows: maxRowsPerFile, maxBytes: maxMiBPerFile * mebibyte },
  };
  return withPossibleIdentity(sink, options, about, problems);
}

function readFormat(given: unknown, about: AboutFormat, problems: Problem[]): FileFormatSpec {
  const path = `${about.path}.format`;
  const usual = ndjson();
  const asked = given ?? usual;
  const found = formatKindOf(asked);
  if (found === undefined) problems.push(notAllowed(path, given, 'ndjson() or parquet({ columns: … })'));
  const kind = found ?? formatKindOf(usual)!;
  const isOwn = about.from === 'results' || about.from === 'events';
  if (!isOwn && !kind.takesAnything)
    problems.push(notAllowed(path, kind.kind, 'ndjson(): columns are of results and events'));
  const written = (found === undefined ? usual : asked) as unknown as RawOptions;
  return { kind, options: kind.read(written, about, problems) };
}

function readFolders(
  given: string | undefined,
  { path, from, keyNames = [], hasWindowTimes, events }: AboutOutput,
  problems: Problem[],
): FolderTemplate | undefined {
  if (given === undefined) return undefined;
  const option = `${path}.partitionBy`;
  if (from === 'late' || from === 'letters') {
    problems.push(notAllowed(option, given, 'it for results or events: what goes here is neither'));
    return undefined;
  }
  const parsed = parseFolder(given, { keyNames, of: events === undefined ? 'window' : 'event' });
  if ('objection' in parsed) {
    problems.push(notAllowed(option, given, parsed.objection));
    return undefined;
  }
  if (parsed.usesTimes && events?.haveTimes === false)
    problems.push(notAllowed(option, given, 'fields of the event, or days and hours behind withWatermark(…)'));
  else if (parsed.usesTimes && events === undefined && !hasWindowTimes)
    problems.push(notAllowed(option, given, 'values of the key: these windows are no spans of time'));
  return parsed.template;
}
