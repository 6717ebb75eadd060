/** A Lambda function that is given records. `functions/adapters/lambda/lambda-sink.ts` opens it. */
import { endpointRule, regionRule } from '../pipeline/endpoint.ts';
import { readOptions, wholeNumber } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import type { Problem } from '../pipeline/problems.ts';
import type { RoleOptions } from '../pipeline/role-options.ts';
import { type NamedThing, namedThing } from './named-thing.ts';
import type { OutputRecord } from './output-sink.ts';
import { fieldOf, identityRules, type RecordIdentity, withPossibleIdentity } from './record-identity.ts';
import { type AboutOutput, assumeGrant, type SinkDefinition, type SinkKind } from './sink-kind.ts';
import { byteLength, streamRecord } from './stream-record.ts';

/** What `lambda` takes. The function alone is required. */
export type LambdaSinkOptions = (
  | {
      /** The function by name, with an alias or a version behind a colon if there is one. This or `functionArn`, exactly one. */
      readonly functionName: string;
      readonly functionArn?: undefined;
    }
  | {
      /** The function by ARN, also one of another account whose resource policy allows it. This or `functionName`, exactly one. */
      readonly functionArn: string;
      readonly functionName?: undefined;
    }
) & {
  /**
   * Region of the function.
   * @default the ARN's, else the one the program runs in
   */
  readonly region?: string | undefined;
  /**
   * An endpoint other than the region's own: a VPC endpoint, or an emulator.
   * @default the region's own
   */
  readonly endpointUrl?: string | undefined;
  /**
   * A role to assume for the function, usually one of another account. It serves this sink only.
   * @default the function's own role
   */
  readonly role?: RoleOptions | undefined;
  /**
   * Records in one call at most. A call has fewer where they would be more than 6 MB, and after one that failed or took longer than 3 s.
   * @default 100
   */
  readonly batchSize?: number | undefined;
  /**
   * `field` adds the output's identity to each JSON object, as its last field, so that a reader can drop repeats; `none` adds
   * nothing. Bytes that pass through (no `map`, no `groupBy`) are never changed, so they carry none.
   * @default 'field'
   */
  readonly identity?: 'field' | 'none' | undefined;
  /**
   * The name of that field.
   * @default '_sluice'
   */
  readonly identityField?: string | undefined;
};

/** What `lambda` returns. */
export type LambdaSink = SinkDefinition<unknown> & {
  /** Always 'lambda'. */
  readonly kind: 'lambda';
  /** What `lambda` was given, not yet checked. */
  readonly options: RawOptions;
};

/**
 * Calls a Lambda function with records, `{ records: [{ itemIdentifier, key, value }] }`, and waits for its answer, at least once: a
 * repeat has the same identity. It answers nothing, or `{ batchItemFailures: [{ itemIdentifier }] }` for those that are to come again.
 * What would be larger than a call is a dead letter. `sluice dev` shows what would be sent, and calls nothing.
 *
 * @example
 * ```ts
 * pipeline('alerts')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .filter(({ delay }) => delay > 60)
 *   .map(({ origin, delay }) => ({ origin, delay }))
 *   .writeStream(lambda({ functionName: 'send-alert:live', batchSize: 10 }));
 * ```
 */
export function lambda(options: LambdaSinkOptions): LambdaSink {
  return Object.freeze({
    kind: 'lambda',
    options: frozenCopy(options),
    '~sink': Object.freeze(lambdaKind),
  }) as unknown as LambdaSink;
}

export type CheckedLambdaSink = NamedThing & RecordIdentity & { readonly batchSize: number };

const lambdaFunction = namedThing({
  service: 'lambda',
  name: 'functionName',
  arn: 'functionArn',
  nameAllowed: 'a function name of 1 to 64 letters, digits, _ or -, with :alias or :version behind it if there is one',
  namePattern: /^[A-Za-z0-9_-]{1,64}(:([A-Za-z0-9_-]{1,128}|\$LATEST))?$/,
  arnAllowed: 'a function ARN such as arn:aws:lambda:eu-west-1:123456789012:function:send-alert',
  resource: 'function:',
});

const rules = {
  functionName: lambdaFunction.nameRule,
  functionArn: lambdaFunction.arnRule,
  role: lambdaFunction.roleRule,
  region: regionRule,
  endpointUrl: endpointRule,
  batchSize: wholeNumber({ atLeast: 1, atMost: 10_000 }, 100),
  ...identityRules,
};

/** Of 6 MB. */
export const mostPayloadBytes = 6_000_000;
const mostRecordBytes = mostPayloadBytes - 100;

export const lambdaKind: SinkKind<CheckedLambdaSink> = {
  kind: 'lambda',
  usage: 'lambda({ functionName: … })',
  isForDevelopment: false,
  isStream: false,
  place: 'a function',
  read: readLambda,
  destination: ({ name, region = '', endpointUrl = '', account = '', role }) =>
    ['lambda', name, region, endpointUrl, account, role?.arn ?? ''].join(' '),
  runsUserCode: () => false,
  encode: (sink, value, about) => streamRecord({ partitionKey: undefined, identityField: fieldOf(sink) }, value, about),
  bytesOf: (record) => byteLength(lambdaItem(record, 9_999)) + 1,
  limits: () => ({ always: mostRecordBytes, atMost: mostRecordBytes, said: mostRecordBytes, remedy: 'write less' }),
  takesRetractions: ({ identity }) => identity === 'field',
  grants: (sink, account) =>
    sink.role === undefined
      ? [{ sid: 'CallFunction', actions: ['lambda:InvokeFunction'], resources: [lambdaFunction.arnOf(sink, account)] }]
      : [assumeGrant(sink.role)],
};

function readLambda(given: RawOptions, about: AboutOutput, problems: Problem[]): CheckedLambdaSink {
  const options = lambdaFunction.optionsIn(isPlainObject(given.options) ? given.options : {}, about.override);
  const { endpointUrl, batchSize, identity, identityField } = readOptions(about.path, options, rules, problems);
  const place = lambdaFunction.resolve(about, options, problems);
  return withPossibleIdentity({ ...place, endpointUrl, batchSize, identity, identityField }, options, about, problems);
}

/** One of `records`, as JSON. Text is JSON already. */
export function lambdaItem({ partitionKey, data }: OutputRecord, place: number): string {
  const content = typeof data === 'string' ? `"value":${data}` : `"data":"${base64(data)}"`;
  return `{"itemIdentifier":"${place}","key":${JSON.stringify(partitionKey)},${content}}`;
}

function base64(data: Uint8Array): string {
  let binary = '';
  for (const byte of data) binary += String.fromCharCode(byte);
  return btoa(binary);
}
