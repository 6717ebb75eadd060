/** Dead letters on the screen: how many for which reason, and where one of each is. */
import type { DeadLetter } from '../../functions/core/dead-letter.ts';
import type { ReasonCount, Tally } from '../../functions/core/dead-letter-tally.ts';
import type { StandOfRedrive } from '../../functions/core/redrive.ts';
import { becameOf } from '../../functions/findings/redrive.ts';
import { readable } from './readable-payload.ts';

type Place = Omit<ReasonCount['example'], 'message'>;

/** The name by which `sluice dead-letters show` finds it. */
export const letterId = ({ source, shardId, sequenceNumber, subSequenceNumber }: Place): string =>
  `${source}/${shardId}/${sequenceNumber}/${subSequenceNumber}`;

/** Undefined if it names none. */
export function letterPlace(id: string): Place | undefined {
  const [, source, shardId, sequenceNumber, sub] = /^([^/\s]+)\/([^/\s]+)\/([\d-]+)\/(\d{1,7})$/.exec(id) ?? [];
  if (source === undefined || shardId === undefined || sequenceNumber === undefined) return undefined;
  return { source, shardId, sequenceNumber, subSequenceNumber: Number(sub) };
}

/** `10 schema-mismatch, 2 invalid-json`, most first. */
export function reasonsText(tally: Tally): string {
  return mostFirst(tally)
    .map(({ reason, count }) => `${count.toLocaleString('en')} ${reason}`)
    .join(', ');
}

export function exampleText({ reason, example }: ReasonCount): string {
  const { message } = example;
  return `${reason}, for example ${letterId(example)}${message === undefined ? '' : `: ${oneLine(message)}`}`;
}

export const mostFirst = (tally: Tally): Tally => tally.toSorted((one, other) => other.count - one.count);

/** Parsers quote what they were given, line breaks and all; a terminal obeys what it is sent. */
/** Of the redrive that was made last: how it stands, and what has become of the letters that were taken. */
export function redriveText(stand: StandOfRedrive): string {
  const { request, state, taken, count, madeAt } = stand;
  const became = taken === 0 ? '' : ` (${becameOf(stand)})`;
  const made = `made at ${timeText(madeAt)} (${request})`;
  return `${state.replaceAll('-', ' ')}: ${taken.toLocaleString('en')} of ${count.toLocaleString('en')} letters taken${became}, ${made}`;
}

export const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');

export const timeText = (time: number | null): string => (time === null ? '' : new Date(time).toISOString());

/** One, with all that is known of it. */
export function letterText(letter: DeadLetter): string {
  const { source, shardId, sequenceNumber, subSequenceNumber, partitionKey, arrivalTime, reason, message, payload } =
    letter;
  const { resultIdentity } = letter;
  const { form, text } = readable(payload);
  const withheld = "withheld: the pipeline had `deadLetterPayload: 'none'`";
  return [
    `reason     ${reason}`,
    `message    ${oneLine(message)}`,
    `source     ${source}`,
    `shard      ${shardId}`,
    `sequence   ${sequenceNumber}, event ${subSequenceNumber}`,
    `key        ${oneLine(partitionKey)}`,
    `arrival    ${timeText(arrivalTime)}`,
    ...(resultIdentity === undefined ? [] : [`identity   ${oneLine(JSON.stringify(resultIdentity))}`]),
    ...(letter.isWithheld ? [`payload    ${withheld}`] : [`payload    ${payload.length} bytes, ${form}`, text]),
  ].join('\n');
}
