/**
 * A DynamoDB table that holds the latest version of each result: a live view. `functions/adapters/dynamodb/view-sink.ts` opens it.
 * Long because each option says what it does, what it takes and what holds without it.
 */
import type { Duration } from '../pipeline/duration.ts';
import { endpointRule, regionRule } from '../pipeline/endpoint.ts';
import { duration, readOptions, text } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';
import type { RoleOptions } from '../pipeline/role-options.ts';
import type { AssumedRole } from '../pipeline/stream.ts';
import { utf8Length } from '../pipeline/utf8.ts';
import { InvalidResult } from '../user-code/callback-failure.ts';
import { jsonText } from '../user-code/json-text.ts';
import { eventKey, placeText, refuseWithoutKey } from './event-key.ts';
import type { ResultIdentity, StandingEvent } from './identity.ts';
import { withIdentity } from './identity-text.ts';
import { objectionTo, refuseNoNumbers, sizeOf } from './item-value.ts';
import { namedThing } from './named-thing.ts';
import type { OutputRecord } from './output-sink.ts';
import { type AboutOutput, type AboutRecord, assumeGrant, type SinkDefinition, type SinkKind } from './sink-kind.ts';
import { type KeyTemplate, parseTemplate, type ViewKey, viewKey } from './view-key.ts';

/** What `dynamodb` takes. The table alone is required. */
export type DynamodbSinkOptions = (
  | {
      /** The table by name. This or `tableArn`, exactly one. Its keys are texts: `pk` and `sk`, unless the options name others. */
      readonly tableName: string;
      readonly tableArn?: undefined;
    }
  | {
      /** The table by ARN, also one of another account whose resource policy allows it. This or `tableName`, exactly one. */
      readonly tableArn: string;
      readonly tableName?: undefined;
    }
) & {
  /**
   * Region of the table.
   * @default the ARN's, else the one the program runs in
   */
  readonly region?: string | undefined;
  /**
   * An endpoint other than the region's own: a VPC endpoint, or an emulator.
   * @default the region's own
   */
  readonly endpointUrl?: string | undefined;
  /**
   * A role to assume for the table, usually one of another account. It serves this sink only.
   * @default the function's own role
   */
  readonly role?: RoleOptions | undefined;
  /**
   * Which partition an item is in: a text in which `{name}` stands for a value of the group's key and `{window}` for the start of the
   * window; without `groupBy` `{name}` stands for a field of the event. `'all'` puts all items into one.
   * @default the group key (a JSON array where there are several); of an event its partition key
   */
  readonly partitionKey?: string | undefined;
  /**
   * What the sort key begins with, written as `partitionKey` is. Behind it always stand window, row, output and key, so that two
   * results never share an item. Without `groupBy` it names the item, with the output behind it: of the events that have one text the
   * latest stands.
   * @default nothing: it begins with the start of the window; of events with the place in the stream, and each has an item of its own
   */
  readonly sortKey?: string | undefined;
  /**
   * The table's attribute for the partition key.
   * @default 'pk'
   */
  readonly partitionKeyName?: string | undefined;
  /**
   * The table's attribute for the sort key.
   * @default 'sk'
   */
  readonly sortKeyName?: string | undefined;
  /**
   * The attribute that says which version an item is, as the identity in a record of a stream.
   * @default '_sluice'
   */
  readonly identityField?: string | undefined;
  /**
   * How long an item stays that was taken back, before the time to live of the table deletes it: 1 day at least, which is long after
   * anything could bring back what it took back.
   * @default it stays
   */
  readonly tombstoneTtl?: Duration | undefined;
  /**
   * The table's attribute for the time to live, which has to be switched on for it: seconds of the epoch.
   * @default 'expires'
   */
  readonly ttlField?: string | undefined;
};

/** What `dynamodb` returns. */
export type DynamodbSink = SinkDefinition<unknown> & {
  /** Always 'dynamodb'. */
  readonly kind: 'dynamodb';
  /** What `dynamodb` was given, not yet checked. */
  readonly options: RawOptions;
};

/**
 * Keeps the latest version of each result in a DynamoDB table: an item for each window, key and row. An item is written if its
 * version is newer than the one that is there, so the table is exact through crashes, repeats and corrections. A result that was
 * taken back leaves an item with `retracted: true` in its `_sluice` and without values.
 *
 * Without `groupBy` each event of a committed batch has an item, once; with a `sortKey` the latest event of each.
 *
 * @example
 * ```ts
 * pipeline('dashboard')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '10 seconds' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 minute'))
 *   .aggregate({ flights: count() })
 *   .writeStream(dynamodb({ tableName: 'dashboard', tombstoneTtl: '7 days' }))
 *   .outputMode('update');
 * ```
 */
export function dynamodb(options: DynamodbSinkOptions): DynamodbSink {
  return Object.freeze({
    kind: 'dynamodb',
    options: frozenCopy(options),
    '~sink': Object.freeze(dynamodbKind),
  }) as unknown as DynamodbSink;
}

export type CheckedDynamodbSink = {
  /** A name, or an ARN. */
  readonly table: string;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly role: AssumedRole | undefined;
  readonly partitionKey: KeyTemplate | undefined;
  readonly sortKey: KeyTemplate | undefined;
  readonly partitionKeyName: string;
  readonly sortKeyName: string;
  readonly identityField: string;
  readonly tombstoneTtlMs: number | undefined;
  readonly ttlField: string;
};

const viewTable = namedThing({
  service: 'dynamodb',
  name: 'tableName',
  arn: 'tableArn',
  nameAllowed: 'a table name of 3 to 255 letters, digits, _ . or -',
  namePattern: /^[A-Za-z0-9_.-]{3,255}$/,
  arnAllowed: 'a table ARN such as arn:aws:dynamodb:eu-west-1:123456789012:table/dashboard',
  resource: 'table/',
});
const dayMs = 86_400_000;
/** What DynamoDB takes as an item. */
const mostItemBytes = 409_600;

const attribute = (fallback: string) =>
  text(
    'the name of an attribute, of 1 to 255 characters',
    (value) => value.length >= 1 && value.length <= 255 && value !== '__proto__',
    fallback,
  );
const template = text(
  "a text such as '{country}/{city}', of 1 to 256 characters",
  (value) => value.length >= 1 && value.length <= 256,
  undefined,
);

const rules = {
  tableName: viewTable.nameRule,
  tableArn: viewTable.arnRule,
  role: viewTable.roleRule,
  region: regionRule,
  endpointUrl: endpointRule,
  partitionKey: template,
  sortKey: template,
  partitionKeyName: attribute('pk'),
  sortKeyName: attribute('sk'),
  identityField: attribute('_sluice'),
  tombstoneTtl: duration({ atLeastMs: dayMs }, undefined),
  ttlField: attribute('expires'),
};

export const dynamodbKind: SinkKind<CheckedDynamodbSink> = {
  kind: 'dynamodb',
  usage: 'dynamodb({ tableName: … })',
  isForDevelopment: false,
  isStream: false,
  place: 'a DynamoDB table',
  keepsLatest: true,
  sentAfterSeal: true,
  read(given, about, problems) {
    const { path, from } = about;
    if (from === 'late' || from === 'letters') problems.push(notAllowed(path, 'dynamodb', noView[from]));
    const written = viewTable.optionsIn(isPlainObject(given.options) ? given.options : {}, about.override);
    const { tombstoneTtl, tableName: _, tableArn: _arn, ...options } = readOptions(path, written, rules, problems);
    const { name, region, partition = '', account, role } = viewTable.resolve(about, written, problems);
    checkAttributes(withTtl(options, tombstoneTtl), about, problems);
    if (from === 'events' && tombstoneTtl !== undefined)
      problems.push(notAllowed(`${path}.tombstoneTtl`, written.tombstoneTtl, 'it for results: no event is taken back'));
    return {
      ...options,
      table: account === undefined ? name : viewTable.arnOf({ name, region, account, partition }, nowhere),
      region,
      role,
      partitionKey: readTemplate('partitionKey', options.partitionKey, about, problems),
      sortKey: readTemplate('sortKey', options.sortKey, about, problems),
      tombstoneTtlMs: tombstoneTtl,
    };
  },
  destination: ({ table, region = '', endpointUrl = '', role }) =>
    ['dynamodb', table, region, endpointUrl, role?.arn ?? ''].join(' '),
  runsUserCode: () => false,
  encode: viewRecord,
  bytesOf({ data, partitionKey }) {
    const row = JSON.parse(String(data)) as object;
    return Math.max(utf8Length(String(data)), sizeOf(row)) + utf8Length(partitionKey) + roomForNames;
  },
  limits: () => ({ always: mostItemBytes, atMost: mostItemBytes, said: mostItemBytes, remedy: 'write less' }),
  takesRetractions: () => true,
  grants({ table, region, role }, account) {
    if (role !== undefined) return [assumeGrant(role)];
    const arn = table.startsWith('arn:') ? table : viewTable.arnOf({ name: table, region }, account);
    return [{ sid: 'WriteView', actions: ['dynamodb:PutItem'], resources: [arn] }];
  },
};

/** Names of the keys and of the time to live, and its value. */
const roomForNames = 800;

const noView = {
  late: 'kinesis(…): a view is of results or events, and late events are in none',
  letters: 'kinesis(…): a view is of results or events, and a dead letter is none',
};

/** What is asked for an ARN has all of its parts. */
const nowhere = { partition: '', region: '', account: '' };

type Attributes = Pick<CheckedDynamodbSink, 'partitionKeyName' | 'sortKeyName' | 'identityField' | 'ttlField'>;

const attributeOptions = ['partitionKeyName', 'sortKeyName', 'identityField', 'ttlField'] as const;

/** Without a time to live its attribute may be a column. */
const withTtl = ({ ttlField, ...sink }: Attributes, tombstoneTtl: unknown): Partial<Attributes> =>
  tombstoneTtl === undefined ? sink : { ...sink, ttlField };

/** Its attributes have names of their own, which no column has. */
function checkAttributes(sink: Partial<Attributes>, { path, columns = [] }: AboutOutput, problems: Problem[]): void {
  for (const [at, option] of attributeOptions.entries()) {
    const name = sink[option];
    if (name === undefined) continue;
    const other = attributeOptions.slice(0, at).find((one) => sink[one] === name);
    if (other !== undefined) problems.push(notAllowed(`${path}.${option}`, name, `another name than ${other} has`));
    // The identity's usual name was refused as a column.
    if (columns.includes(name) && name !== '_sluice')
      problems.push(notAllowed(`${path}.${option}`, name, 'a name that is not a column of the result'));
  }
}

function readTemplate(
  option: string,
  given: string | undefined,
  { path, from, keyNames = [] }: AboutOutput,
  problems: Problem[],
): KeyTemplate | undefined {
  if (given === undefined) return undefined;
  const parsed = parseTemplate(given, from === 'events' ? undefined : keyNames);
  if ('template' in parsed) return parsed.template;
  const names = [...keyNames, 'window'].map((name) => `{${name}}`);
  const allowed =
    from === 'events'
      ? 'the name of a field between { and }'
      : `names that it knows, which are ${names.join(', ')}: not {${parsed.unknown}}`;
  problems.push(notAllowed(`${path}.${option}`, given, allowed));
  return undefined;
}

/** Its partition key is the item's key, both parts of it, so a sink keeps the order of an item by it. */
function viewRecord(options: CheckedDynamodbSink, given: unknown, about: AboutRecord): OutputRecord {
  const value = about.madeOf === undefined ? given : about.madeOf.value;
  const row = jsonText(value);
  if (row.includes('null')) refuseNoNumbers(value);
  const text = row.startsWith('{') ? row : `{"value":${row}}`;
  const { key, version } = placed(options, text, about);
  const data = version === undefined ? text : withIdentity(text, options.identityField, version);
  refuse(objectionIn(options, JSON.parse(data)));
  return { partitionKey: JSON.stringify(key), explicitHashKey: undefined, data };
}

/** Under which key, and as which version of what is there. A test that looks at rows alone gives none an identity. */
function placed(
  options: CheckedDynamodbSink,
  text: string,
  { identity, defaultKey, keyValues = [] }: AboutRecord,
): { readonly key: ViewKey; readonly version?: ResultIdentity | StandingEvent } {
  if (identity !== undefined && 'window' in identity)
    return { key: viewKey(options, { identity, defaultKey, keyValues }), version: identity };
  const row = JSON.parse(text) as object;
  if (identity === undefined || !('ref' in identity)) {
    refuseWithoutKey(options, row);
    return { key: [defaultKey, ''] };
  }
  const key = eventKey(options, { identity, defaultKey, row });
  return { key, version: { ...identity, place: placeText(identity) } };
}

function objectionIn(options: CheckedDynamodbSink, row: object): string | undefined {
  const { partitionKeyName, sortKeyName, ttlField, tombstoneTtlMs } = options;
  const own = [partitionKeyName, sortKeyName, ...(tombstoneTtlMs === undefined ? [] : [ttlField])];
  const taken = own.find((name) => Object.hasOwn(row, name));
  return taken === undefined ? objectionTo(row) : `field ${taken}: the sink has an attribute of that name of its own`;
}

function refuse(objection: string | undefined): void {
  if (objection !== undefined) throw new InvalidResult(objection);
}
