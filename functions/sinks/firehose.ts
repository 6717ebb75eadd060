/**
 * A delivery stream of Amazon Data Firehose (Kinesis Data Firehose). `functions/adapters/firehose/firehose-sink.ts` opens it.
 *
 * Its limits: 1,000 KiB a record before base64, 500 records and 4 MiB a request.
 */
import { endpointRule, regionRule } from '../pipeline/endpoint.ts';
import { oneOf, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';
import type { RoleOptions } from '../pipeline/role-options.ts';
import { type NamedThing, namedThing } from './named-thing.ts';
import { fieldOf, identityRules, type RecordIdentity, withPossibleIdentity } from './record-identity.ts';
import { type AboutOutput, assumeGrant, type SinkDefinition, type SinkKind } from './sink-kind.ts';
import { byteLength, streamRecord } from './stream-record.ts';

/** What `firehose` takes. The delivery stream alone is required. */
export type FirehoseSinkOptions = (
  | {
      /** The delivery stream by name. This or `deliveryStreamArn`, exactly one. */
      readonly deliveryStreamName: string;
      readonly deliveryStreamArn?: undefined;
    }
  | {
      /**
       * The delivery stream by ARN, of the account that the pipeline runs in, or of the role's. This or `deliveryStreamName`, exactly
       * one.
       */
      readonly deliveryStreamArn: string;
      readonly deliveryStreamName?: undefined;
    }
) & {
  /**
   * Region of the delivery stream.
   * @default the ARN's, else the one the program runs in
   */
  readonly region?: string | undefined;
  /**
   * An endpoint other than the region's own: a VPC endpoint, or an emulator.
   * @default the region's own
   */
  readonly endpointUrl?: string | undefined;
  /**
   * A role to assume for a delivery stream, usually one of another account. It serves this sink only.
   * @default the function's own role
   */
  readonly role?: RoleOptions | undefined;
  /**
   * What is put behind each record: Firehose joins records as they are. 'newline' makes lines of JSON of them; a record that ends
   * with a line feed gets no other one.
   * @default 'newline'
   */
  readonly delimiter?: 'newline' | 'none' | undefined;
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

/** What `firehose` returns. */
export type FirehoseSink = SinkDefinition<unknown> & {
  /** Always 'firehose'. */
  readonly kind: 'firehose';
  /** What `firehose` was given, not yet checked. */
  readonly options: RawOptions;
};

/**
 * Writes to a delivery stream of Amazon Data Firehose, at least once: a repeat has the same identity. What would be larger than the
 * 1,000 KiB that Firehose takes is a dead letter. `sluice dev` shows what would be sent, and sends nothing.
 *
 * @example
 * ```ts
 * pipeline('archive')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .map(({ origin, delay }) => ({ origin, delay }))
 *   .writeStream(firehose({ deliveryStreamName: 'flights-archive' }));
 * ```
 */
export function firehose(options: FirehoseSinkOptions): FirehoseSink {
  return Object.freeze({
    kind: 'firehose',
    options: frozenCopy(options),
    '~sink': Object.freeze(firehoseKind),
  }) as unknown as FirehoseSink;
}

export type CheckedFirehoseSink = NamedThing & RecordIdentity & { readonly delimiter: 'newline' | 'none' };

const nameAllowed = 'a delivery stream name of 1 to 64 letters, digits, _ . or -';
const deliveryStream = namedThing({
  service: 'firehose',
  name: 'deliveryStreamName',
  arn: 'deliveryStreamArn',
  nameAllowed,
  namePattern: /^[A-Za-z0-9_.-]{1,64}$/,
  arnAllowed: 'a delivery stream ARN such as arn:aws:firehose:eu-west-1:123456789012:deliverystream/flights',
  resource: 'deliverystream/',
});

const rules = {
  deliveryStreamName: deliveryStream.nameRule,
  deliveryStreamArn: deliveryStream.arnRule,
  role: deliveryStream.roleRule,
  region: regionRule,
  endpointUrl: endpointRule,
  delimiter: oneOf(['newline', 'none'], 'newline'),
  ...identityRules,
};

const mostRecordBytes = 1_024_000;

export const firehoseKind: SinkKind<CheckedFirehoseSink> = {
  kind: 'firehose',
  usage: 'firehose({ deliveryStreamName: … })',
  isForDevelopment: false,
  isStream: false,
  place: 'a delivery stream of Firehose',
  read: readFirehose,
  destination: ({ name, region = '', endpointUrl = '', account = '', role }) =>
    ['firehose', name, region, endpointUrl, account, role?.arn ?? ''].join(' '),
  runsUserCode: () => false,
  encode: (sink, value, about) => streamRecord({ partitionKey: undefined, identityField: fieldOf(sink) }, value, about),
  bytesOf: ({ data }) => byteLength(data),
  limits({ delimiter }) {
    const most = mostRecordBytes - (delimiter === 'newline' ? 1 : 0);
    return { always: most, atMost: most, said: most, remedy: 'write less' };
  },
  takesRetractions: ({ identity }) => identity === 'field',
  grants: (sink, account) =>
    sink.role === undefined
      ? [
          {
            sid: 'WriteFirehose',
            actions: ['firehose:PutRecordBatch'],
            resources: [deliveryStream.arnOf(sink, account)],
          },
        ]
      : [assumeGrant(sink.role)],
};

function readFirehose(given: RawOptions, about: AboutOutput, problems: Problem[]): CheckedFirehoseSink {
  const options = deliveryStream.optionsIn(isPlainObject(given.options) ? given.options : {}, about.override);
  const { endpointUrl, delimiter, identity, identityField } = readOptions(about.path, options, rules, problems);
  const place = deliveryStream.resolve(about, options, problems);
  refuseRoleElsewhere(place, about.path, problems);
  return withPossibleIdentity({ ...place, endpointUrl, delimiter, identity, identityField }, options, about, problems);
}

/** Requests have no ARN: they are for the stream of that name in the account of who asks. */
function refuseRoleElsewhere(
  { account, role }: Pick<NamedThing, 'account' | 'role'>,
  path: string,
  problems: Problem[],
): void {
  if (account === undefined || role === undefined || role.arn.split(':')[4] === account) return;
  problems.push(notAllowed(`${path}.role.arn`, role.arn, `a role of ${account}, the account of the delivery stream`));
}
