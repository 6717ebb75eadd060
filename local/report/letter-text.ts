/** Dead letters on the screen: how many for which reason, and where one of each is. */
import type { ReasonCount, Tally } from '../../functions/core/dead-letter-tally.ts';

type Place = Pick<ReasonCount['example'], 'shardId' | 'sequenceNumber' | 'subSequenceNumber'>;

/** The name by which `sluice dead-letters show` finds it. */
export const letterId = ({ shardId, sequenceNumber, subSequenceNumber }: Place): string =>
  `${shardId}/${sequenceNumber}/${subSequenceNumber}`;

/** Undefined if it names none. */
export function letterPlace(id: string): Place | undefined {
  const [, shardId, sequenceNumber, sub] = /^([^/\s]+)\/([\d-]+)\/(\d{1,7})$/.exec(id) ?? [];
  if (shardId === undefined || sequenceNumber === undefined) return undefined;
  return { shardId, sequenceNumber, subSequenceNumber: Number(sub) };
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
