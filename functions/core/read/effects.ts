/** What one step of a read gives out, within the bounds of a step: past them it is delivered, and the deadline looked at. */

import type { OutputRecord } from '../../sinks/output-sink.ts';
import type { DeadLetter } from '../dead-letter.ts';
import type { Encoded } from '../output.ts';

export const maxStepEvents = 4_000;
const maxStepItems = 1_000;
const maxStepBytes = 4_000_000;
/** Bytes that compressed payloads become: a kilobyte may become 10 MiB, and a thousand of them a minute's work. */
export const maxStepExpandedBytes = 67_108_864;

/** To be delivered before the next step is taken. */
export type Effects = {
  /** Of each output, in their order; at one place stand the records of one event. */
  readonly outputs: readonly (readonly OutputRecord[])[];
  readonly deadLetters: readonly DeadLetter[];
};

/** Places in the effects of a step that were not acknowledged: of records, by all outputs. */
export type Undelivered = { readonly outputs: ReadonlySet<number>; readonly letters: ReadonlySet<number> };

export class EffectsWithinBounds implements Effects {
  readonly outputs: readonly OutputRecord[][];
  readonly deadLetters: DeadLetter[] = [];
  readonly #mostEvents: number;
  #events = 0;
  #sent = 0;
  #bytes = 0;
  #expandedBytes = 0;

  constructor(outputs: number, mostEvents: number) {
    this.outputs = Array.from({ length: outputs }, () => []);
    this.#mostEvents = mostEvents;
  }

  get hasRoom(): boolean {
    const items = this.#sent * this.outputs.length + this.deadLetters.length;
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

  /** Of an event, one for each output. Their place. */
  send(records: readonly Encoded[]): number {
    for (const [at, { record, bytes }] of records.entries()) {
      this.outputs[at]!.push(record);
      this.#bytes += bytes;
    }
    return this.#sent++;
  }

  /** Its place. */
  addLetter(letter: DeadLetter): number {
    this.#bytes += letter.payload.length;
    return this.deadLetters.push(letter) - 1;
  }
}
