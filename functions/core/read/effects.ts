/** What one step of a read gives out, within the bounds of a step: past them it is delivered, and the deadline looked at. */

import type { Output } from '../../pipeline/pipeline.ts';
import type { OutputRecord } from '../../sinks/output-sink.ts';
import type { DeadLetter } from '../dead-letter.ts';
import type { Encoded } from '../output.ts';

export const maxStepEvents = 4_000;
const maxStepItems = 1_000;
const maxStepBytes = 4_000_000;
/** Bytes that compressed payloads become: a kilobyte may become 10 MiB, and a thousand of them a minute's work. */
export const maxStepExpandedBytes = 67_108_864;

/** `places`: of each record, which event of the step it is made of. */
export type OutgoingRecords = { readonly records: readonly OutputRecord[]; readonly places: readonly number[] };

/** To be delivered before the next step is taken. */
export type Effects = {
  /** Of each output, in their order: records, each with the place of its event. */
  readonly outputs: readonly OutgoingRecords[];
  readonly deadLetters: readonly DeadLetter[];
  /** What of them goes to the output of dead letters, each with the place of its letter. */
  readonly letterRecords: OutgoingRecords;
};

/** Places in the effects of a step that were not acknowledged: of events, by an output's id. */
export type Undelivered = {
  readonly outputs: ReadonlyMap<string, ReadonlySet<number>>;
  readonly letters: ReadonlySet<number>;
};

export class EffectsWithinBounds implements Effects {
  readonly outputs: readonly { readonly records: OutputRecord[]; readonly places: number[] }[];
  readonly deadLetters: DeadLetter[] = [];
  readonly letterRecords: { readonly records: OutputRecord[]; readonly places: number[] } = { records: [], places: [] };
  readonly #mostEvents: number;
  #events = 0;
  #sent = 0;
  /** Of events of which more than one comes for an output. */
  #moreRecords = 0;
  #bytes = 0;
  #expandedBytes = 0;

  readonly #at: ReadonlyMap<string, number>;

  constructor(outputs: readonly Pick<Output, 'id'>[], mostEvents: number) {
    this.outputs = outputs.map(() => ({ records: [], places: [] }));
    this.#at = new Map(outputs.map(({ id }, at) => [id, at]));
    this.#mostEvents = mostEvents;
  }

  get hasRoom(): boolean {
    const letters = this.deadLetters.length + this.letterRecords.records.length;
    const items = this.#sent * this.outputs.length + this.#moreRecords + letters;
    const hasBytes = this.#bytes < maxStepBytes && this.#expandedBytes < maxStepExpandedBytes;
    return items < maxStepItems && hasBytes && this.#events < this.#mostEvents;
  }

  /** An event, or a record without one, was taken. */
  took(): void {
    this.#events += 1;
  }

  expanded(bytes: number): void {
    this.#expandedBytes += bytes;
  }

  /** Of an event, one for each output that takes it, or several of its elements. Their place. */
  send(given: readonly Encoded[]): number {
    for (const { output, record, bytes } of given) {
      const { records, places } = this.outputs[this.#at.get(output)!]!;
      records.push(record);
      places.push(this.#sent);
      this.#bytes += bytes;
    }
    this.#moreRecords += Math.max(0, given.length - this.outputs.length);
    return this.#sent++;
  }

  /** What travels in the block is in memory until then. */
  carries(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Of the letter that was added last. */
  sendLetter({ record, bytes }: { readonly record: OutputRecord; readonly bytes: number }): void {
    this.letterRecords.records.push(record);
    this.letterRecords.places.push(this.deadLetters.length - 1);
    this.#bytes += bytes;
  }

  /** Its place. */
  addLetter(letter: DeadLetter): number {
    this.#bytes += letter.payload.length;
    return this.deadLetters.push(letter) - 1;
  }
}
