/** What one step of a read gives out, within the bounds of a step: past them it is delivered, and the deadline looked at. */
import type { DeadLetter } from '../dead-letter.ts';
import type { OutputRecord } from '../output.ts';

export const maxStepEvents = 4_000;
const maxStepItems = 1_000;
const maxStepBytes = 4_000_000;
/** Bytes that compressed payloads become: a kilobyte may become 10 MiB, and a thousand of them a minute's work. */
export const maxStepExpandedBytes = 67_108_864;

/** To be delivered before the next step is taken. */
export type Effects = { readonly outputs: readonly OutputRecord[]; readonly deadLetters: readonly DeadLetter[] };

/** Places in the effects of a step that were not acknowledged. */
export type Undelivered = { readonly outputs: ReadonlySet<number>; readonly letters: ReadonlySet<number> };

export class EffectsWithinBounds implements Effects {
  readonly outputs: OutputRecord[] = [];
  readonly deadLetters: DeadLetter[] = [];
  readonly #mostEvents: number;
  #events = 0;
  #bytes = 0;
  #expandedBytes = 0;

  constructor(mostEvents: number) {
    this.#mostEvents = mostEvents;
  }

  get hasRoom(): boolean {
    const items = this.outputs.length + this.deadLetters.length;
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

  /** Its place. */
  send(output: OutputRecord, bytes: number): number {
    this.#bytes += bytes;
    return this.outputs.push(output) - 1;
  }

  /** Its place. */
  bury(letter: DeadLetter): number {
    this.#bytes += letter.payload.length;
    return this.deadLetters.push(letter) - 1;
  }
}
