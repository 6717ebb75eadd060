/**
 * Letters that are redriven: each event of one is in one committed batch after its own, the command is offered all that are dead and no other, and letters of
 * the rest stay. Whether an event is dead is said by the version of the code that its batch was read by.
 */

import { deadLetterKey } from '../../../functions/adapters/dynamodb/keys.ts';
import type { BatchBody, BatchName } from '../../../functions/core/model.ts';
import { openRedrive } from '../../../functions/core/redrive.ts';
import { placeName } from '../../../functions/operations/redrive.ts';
import type { Dimensions } from '../world/dimensions.ts';
import type { Ledger, PutEvent } from '../world/ledger.ts';
import type { Contained } from './more-results.ts';
import { pipelineName, type Stored } from './stored.ts';
import type { Report } from './violation.ts';

type Parts = {
  readonly report: Report;
  readonly now: () => number;
  readonly stored: Stored;
  readonly ledger: Ledger;
  readonly dimensions: Dimensions;
  readonly isCalm: boolean;
  readonly isMended: (version: number) => boolean;
};

const keyOf = ({ shardId, sequenceNumber, sub }: Contained): string => {
  const { pk, sk } = deadLetterKey(pipelineName, { source: 'main', shardId, sequenceNumber, subSequenceNumber: sub });
  return `${pk} ${sk}`;
};

const nameOf = ({ shardId, sequenceNumber, sub }: Contained): string =>
  placeName({ source: 'main', shardId, sequenceNumber, subSequenceNumber: sub });

export class RedriveCheck {
  readonly #parts: Parts;
  /** Plans, and the version of the code that their executions run. */
  readonly #versions = new Map<number, number>();
  /** Events that are dead, by name. */
  readonly #open = new Map<string, Contained>();
  /** By the names of their letters' items. */
  readonly #closed = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  planned(ref: number, version: number): void {
    this.#versions.set(ref, version);
  }

  /** What has to become of it in a batch of this plan. */
  fateIn(ref: number, event: PutEvent): PutEvent {
    if (event.isBroken !== true || this.#parts.isMended(this.#versions.get(ref) ?? 0)) return event;
    return { ...event, fate: 'dead-letter', reason: 'callback-failed' };
  }

  /** Events that a batch took of letters. */
  taken(body: BatchBody, previous: BatchBody | undefined): readonly Contained[] {
    const { report, stored, ledger, dimensions } = this.#parts;
    const { batchId, ref, redrive, redriven } = body;
    if (redriven === undefined) {
      if (JSON.stringify(redrive) !== JSON.stringify(previous?.redrive))
        report('redrive', `batch ${batchId} took no letter, and stands elsewhere among them`);
      return [];
    }
    const from = previous?.redrive?.request === redrive!.request ? previous.redrive.next : 0;
    const places = stored.requested(redrive!.request).slice(from, redrive!.next);
    if (redriven.missing > 0 || redriven.letters !== places.length)
      report('redrive', `batch ${batchId} took ${JSON.stringify(redriven)} of ${places.length} letters`);
    dimensions.count('letters that are redriven', places.length);
    return places.map(([shardId, sequenceNumber, sub]) => {
      const event = this.fateIn(ref, ledger.record(sequenceNumber).events[sub]!);
      // It may be late by now.
      return { event: { ...event, isPunctual: false }, shardId, sequenceNumber, sub, arrival: 0, batchId };
    });
  }

  /** `contained`: of the stream, and of letters. */
  committed({ batchId }: BatchBody, contained: readonly Contained[], redriven: readonly Contained[]): void {
    const { report, dimensions } = this.#parts;
    for (const each of redriven) {
      const name = nameOf(each);
      if (!this.#open.delete(name)) report('redrive', `batch ${batchId} takes ${name}, whose event is no dead letter`);
      if (each.event.fate !== 'dead-letter') this.#closed.add(keyOf(each));
      else dimensions.count('letters that are dead again');
    }
    for (const each of [...contained, ...redriven])
      if (each.event.fate === 'dead-letter') this.#open.set(nameOf(each), each);
  }

  /** Offered while this batch was the last one. */
  chosen(names: readonly string[], committed: BatchName): void {
    const { report, stored } = this.#parts;
    if (stored.head()?.committed?.batchId !== committed.batchId) return;
    const offered = new Set(names);
    for (const name of this.#open.keys()) if (!offered.has(name)) report('redrive', `${name} is not offered`);
    for (const name of names) if (!this.#open.has(name)) report('redrive', `${name} is offered, and is not dead`);
  }

  /** The letter of an event that a committed batch has taken may go; a try that came to nothing may have put it again. */
  isTakenLetter({
    pk,
    sk,
    after,
  }: {
    readonly pk: string;
    readonly sk: string;
    readonly after?: object | undefined;
  }): boolean {
    const [root = ''] = /^[^#]+#[^#]+#[^#]+#[^#]+/.exec(sk) ?? [];
    return after === undefined && this.#closed.has(`${pk} ${root}`);
  }

  get leavesLetters(): boolean {
    const head = this.#parts.stored.head();
    if (head?.committed === undefined) return false;
    const body = this.#parts.stored.body(head.committed.batchId, head.committed.ref);
    return openRedrive(head, body, this.#parts.now()) !== undefined;
  }

  /** Those that still have to be there. */
  get open(): readonly Contained[] {
    return [...this.#open.values()];
  }

  drained(): void {
    const { report, stored, isCalm } = this.#parts;
    for (const name of isCalm ? this.#closed : []) {
      const [pk = '', sk = ''] = name.split(' ');
      if (stored.item({ pk, sk }) !== undefined) report('redrive', `${sk} is counted, and its letter is there`);
    }
  }
}
