/** From positions as they are written to places: in words, by shard, or as the Spark connector saves them. */
import { toEpochMs } from './event-time.ts';
import { isPlainObject, type RawOptions } from './options.ts';
import type { EndingPosition, ShardPlace, ShardPlaces, StartingPosition, StreamPlace } from './positions.ts';
import { missing, notAllowed, type Problem, unknownOption } from './problems.ts';

const moment = "'AT_TIMESTAMP ' and a moment with its zone, such as 'AT_TIMESTAMP 2026-03-01T00:00:00Z'";
const byShard = 'a position for each shard (an object or its JSON text), or a checkpoint of the Spark connector';
const startAllowed = `'LATEST', 'TRIM_HORIZON', 'EARLIEST', ${moment}, or ${byShard}`;
const endAllowed = `${moment}, or ${byShard}`;
const othersAllowed = `'LATEST', 'TRIM_HORIZON', 'EARLIEST', or ${moment}`;
const placeAllowed =
  `'TRIM_HORIZON', 'EARLIEST', ${moment}, 'AFTER_SEQUENCE_NUMBER 123' or, inside an aggregated record, ` +
  "'AFTER_SEQUENCE_NUMBER 123.4', 'AT_SEQUENCE_NUMBER 123', or 'SHARD_END'";
const shardIdAllowed = 'the id of a shard, such as shardId-000000000000';

/** Where the values come from, for messages, and the stream they must be of. */
type Given = { readonly option: string; readonly streamName: string };

export function checkStartingPosition(value: unknown, given: Given, problems: Problem[]): StartingPosition {
  if (value === undefined) return { kind: 'latest' };
  const place = parseStreamPlace(value);
  if (place !== undefined) return place;
  const object = objectIn(value);
  if (object === undefined) {
    problems.push(notAllowed(given.option, value, startAllowed));
    return { kind: 'latest' };
  }
  const { others, ...rest } = object;
  return { kind: 'per-shard', shards: placesIn(rest, given, problems), others: checkOthers(others, given, problems) };
}

export function checkEndingPosition(value: unknown, given: Given, problems: Problem[]): EndingPosition | undefined {
  if (value === undefined) return undefined;
  const place = parseStreamPlace(value);
  if (place?.kind === 'at-timestamp') return place;
  const object = place === undefined ? objectIn(value) : undefined;
  if (object !== undefined) return { kind: 'per-shard', shards: placesIn(object, given, problems) };
  problems.push(notAllowed(given.option, value, endAllowed));
  return undefined;
}

/** Two times say by themselves whether anything lies between them. */
export function checkOrder(
  start: StartingPosition,
  end: EndingPosition | undefined,
  { option }: Pick<Given, 'option'>,
  problems: Problem[],
): void {
  if (start.kind !== 'at-timestamp' || end?.kind !== 'at-timestamp' || end.timestamp > start.timestamp) return;
  const time = new Date(end.timestamp).toISOString();
  problems.push(notAllowed(option, `AT_TIMESTAMP ${time}`, 'a time after the startingPosition'));
}

/** Nothing is lost unless it is asked for: what is related to no named shard is read from the beginning. */
function checkOthers(value: unknown, { option }: Given, problems: Problem[]): StreamPlace {
  if (value === undefined) return { kind: 'trim-horizon' };
  const place = parseStreamPlace(value);
  if (place === undefined) problems.push(notAllowed(`${option}.others`, value, othersAllowed));
  return place ?? { kind: 'trim-horizon' };
}

function placesIn(object: RawOptions, given: Given, problems: Problem[]): ShardPlaces {
  const { metadata, ...byId } = object;
  if (metadata !== undefined) checkMetadata(metadata, given, problems);
  const { option } = given;
  if (Object.keys(byId).length === 0) problems.push(missing(option, byShard));
  const places: Record<string, ShardPlace> = {};
  for (const [shardId, value] of Object.entries(byId)) {
    if (!/^shardId-[a-zA-Z0-9_.-]{1,120}$/.test(shardId)) {
      problems.push(notAllowed(option, shardId, shardIdAllowed));
      continue;
    }
    const name = `${option}.${shardId}`;
    const place = isPlainObject(value) ? parseSaved(value, name, problems) : parseShardPlace(value);
    if (place === undefined) problems.push(notAllowed(name, value, placeAllowed));
    else if (place !== 'refused') places[shardId] = place;
  }
  return places;
}

/** Sequence numbers belong to one stream: those of another would be refused by Kinesis, or worse, taken. */
function checkMetadata(metadata: unknown, { option, streamName }: Given, problems: Problem[]): void {
  const name = isPlainObject(metadata) ? metadata.streamName : undefined;
  if (typeof name !== 'string') {
    problems.push(notAllowed(`${option}.metadata`, metadata, 'the metadata of a checkpoint, with its streamName'));
  } else if (name !== streamName) {
    problems.push(notAllowed(`${option}.metadata.streamName`, name, `a checkpoint of this stream, '${streamName}'`));
  }
}

function parseStreamPlace(value: unknown): StreamPlace | undefined {
  if (value === 'LATEST') return { kind: 'latest' };
  if (value === 'TRIM_HORIZON' || value === 'EARLIEST') return { kind: 'trim-horizon' };
  const timestamp = timestampIn(value);
  return timestamp === undefined ? undefined : { kind: 'at-timestamp', timestamp };
}

function timestampIn(value: unknown): number | undefined {
  const [, text] = (typeof value === 'string' && /^AT_TIMESTAMP (.+)$/.exec(value)) || [];
  return text === undefined ? undefined : toEpochMs(text);
}

function parseShardPlace(value: unknown): ShardPlace | undefined {
  if (value === 'SHARD_END') return { kind: 'shard-end' };
  const place = parseStreamPlace(value);
  if (place !== undefined) return place.kind === 'latest' ? undefined : place;
  const [, side, sequenceNumber, sub] =
    (typeof value === 'string' && /^(AT|AFTER)_SEQUENCE_NUMBER (\d{1,128})(?:\.(\d{1,9}))?$/.exec(value)) || [];
  if (side === undefined || sequenceNumber === undefined) return undefined;
  if (side === 'AT') return sub === undefined ? before(sequenceNumber) : undefined;
  return sub === undefined
    ? { kind: 'after-sequence-number', sequenceNumber }
    : { kind: 'after-sequence-number', sequenceNumber, subSequenceNumber: Number(sub) };
}

const before = (sequenceNumber: string): ShardPlace => ({
  kind: 'after-sequence-number',
  sequenceNumber,
  subSequenceNumber: -1,
});

const savedFields = ['iteratorType', 'iteratorPosition', 'subSequenceNumber', 'isLast'];

/**
 * A shard of the Spark connector's checkpoint. AFTER_SEQUENCE_NUMBER with `isLast` false stopped inside an aggregated
 * record; AT_SEQUENCE_NUMBER reads its record again, from the event after `subSequenceNumber` on.
 */
function parseSaved(saved: RawOptions, name: string, problems: Problem[]): ShardPlace | 'refused' {
  const { shardId, ...fields } = saved;
  const before = problems.length;
  for (const field of Object.keys(fields)) {
    if (!savedFields.includes(field)) problems.push(unknownOption(name, field, fields[field], savedFields));
  }
  if (shardId !== undefined && !name.endsWith(`.${String(shardId)}`)) {
    problems.push(notAllowed(`${name}.shardId`, shardId, 'the id under which it stands, or leave it out'));
  }
  const isLast = String(fields.isLast ?? 'true');
  if (isLast !== 'true' && isLast !== 'false') {
    problems.push(notAllowed(`${name}.isLast`, fields.isLast, 'true or false'));
  }
  const sub = String(fields.subSequenceNumber ?? '-1');
  if (!/^(-1|\d{1,9})$/.test(sub)) {
    problems.push(notAllowed(`${name}.subSequenceNumber`, fields.subSequenceNumber, '-1, or the index of an event'));
  }
  const place = savedPlace(fields, { name, sub: Number(sub), isLast: isLast === 'true' }, problems);
  return problems.length > before || place === undefined ? 'refused' : place;
}

function savedPlace(
  { iteratorType, iteratorPosition }: RawOptions,
  at: { readonly name: string; readonly sub: number; readonly isLast: boolean },
  problems: Problem[],
): ShardPlace | undefined {
  const refuse = (field: string, value: unknown, allowed: string): undefined =>
    void problems.push(notAllowed(`${at.name}.${field}`, value, allowed));
  const position = String(iteratorPosition ?? '');
  switch (typeof iteratorType === 'string' ? iteratorType.toUpperCase() : '') {
    case 'TRIM_HORIZON':
      return { kind: 'trim-horizon' };
    case 'SHARD_END':
      return { kind: 'shard-end' };
    case 'AT_TIMESTAMP':
      if (/^\d{1,15}$/.test(position)) return { kind: 'at-timestamp', timestamp: Number(position) };
      return refuse('iteratorPosition', iteratorPosition, 'milliseconds since 1970');
    case 'AFTER_SEQUENCE_NUMBER':
    case 'AT_SEQUENCE_NUMBER': {
      if (!/^\d{1,128}$/.test(position)) return refuse('iteratorPosition', iteratorPosition, 'a sequence number');
      const isWhole = String(iteratorType).toUpperCase().startsWith('AFTER') && (at.isLast || at.sub < 0);
      if (isWhole) return { kind: 'after-sequence-number', sequenceNumber: position };
      return { kind: 'after-sequence-number', sequenceNumber: position, subSequenceNumber: at.sub };
    }
    default:
      return refuse(
        'iteratorType',
        iteratorType,
        'TRIM_HORIZON, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER or SHARD_END (LATEST names no place: ' +
          'use AT_TIMESTAMP and the time at which the job was stopped)',
      );
  }
}

function objectIn(value: unknown): RawOptions | undefined {
  if (isPlainObject(value)) return value;
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isPlainObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
