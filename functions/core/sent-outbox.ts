/** How much of what a stored outbox has for an output is acknowledged: everything before `count`, and those places behind it. */
export type SentOutbox = {
  readonly count: number;
  readonly ahead: readonly number[];
  /** Of files: where they are. */
  readonly place?: string;
};

export const nothingSent: SentOutbox = { count: 0, ahead: [] };

/** By an output's id; of one that is absent nothing is known. */
export type SentOutboxes = Readonly<Record<string, SentOutbox>>;

/** The next places to send, at most so many. */
export function placesToSend({ count, ahead }: SentOutbox, length: number, most: number): readonly number[] {
  const isSent = new Set(ahead);
  const places: number[] = [];
  for (let place = count; place < length && places.length < most; place++) if (!isSent.has(place)) places.push(place);
  return places;
}

/** After these places were sent; `refused` are the indexes in `places` of those that were not acknowledged. */
export function afterSending(
  sent: SentOutbox,
  places: readonly number[],
  refused: readonly number[],
  length: number,
): SentOutbox {
  const open = new Set(refused.map((at) => places[at]!));
  const ahead = new Set([...sent.ahead, ...places.filter((place) => !open.has(place))]);
  let { count } = sent;
  while (count < length && ahead.delete(count)) count += 1;
  return { count, ahead: [...ahead].sort((one, other) => one - other) };
}

export const leftOf = (length: number, { count, ahead }: SentOutbox): number => length - count - ahead.length;
