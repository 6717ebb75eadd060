/**
 * The MD5 digests of a page's aggregated records, computed for several at a time, since `Md5.all` is several times as
 * fast as one after the other. It looks at most 24 aggregated records ahead, because the read may end before the rest,
 * and computes no digest twice.
 */
import { aggregatedMessage } from './aggregated-record.ts';
import type { Md5 } from './hash-key.ts';

type Records = readonly { readonly data: Uint8Array }[];

const most = 24;

export class DigestsAhead {
  readonly records: Records;
  readonly #md5: Md5;
  readonly #digests = new Map<number, Uint8Array>();
  #computedTo = 0;

  constructor(records: Records, md5: Md5) {
    this.records = records;
    this.#md5 = md5;
  }

  /** As MD5 of the record's message would give it. Only for records that have one. */
  of(index: number): Uint8Array {
    if (this.#md5.all === undefined) return this.#md5(aggregatedMessage(this.records[index]!.data)!);
    if (index >= this.#computedTo) this.#compute(index, this.#md5.all);
    const digest = this.#digests.get(index);
    this.#digests.delete(index);
    // Missing if the record was asked for before, or lies before those that were computed.
    return digest ?? this.#md5(aggregatedMessage(this.records[index]!.data)!);
  }

  #compute(from: number, all: NonNullable<Md5['all']>): void {
    const indexes: number[] = [];
    const messages: Uint8Array[] = [];
    let at = from;
    for (; at < this.records.length && messages.length < most; at++) {
      const message = aggregatedMessage(this.records[at]!.data);
      if (message === undefined) continue;
      indexes.push(at);
      messages.push(message);
    }
    this.#computedTo = at;
    const digests = all(messages);
    for (const [place, index] of indexes.entries()) this.#digests.set(index, digests[place]!);
  }
}
