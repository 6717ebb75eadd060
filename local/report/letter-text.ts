/** Dead letters on the screen: how many for which reason, and where one of each is. */
import type { ReasonCount, Tally } from '../../functions/core/dead-letter-tally.ts';

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
export const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');
