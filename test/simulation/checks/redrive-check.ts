/**
 * Letters that are redriven: each event of one is in one committed batch after its own, the command is offered all that are dead and no other, and letters of
 * the rest stay. Whether an event is dead is said by the version of the code that its batch was read by. A letter is passed over only if executors die of
 * it, whatever they do, and then it stays; behind the word that calls a request off no batch is sealed that takes more of it.
 */

import { deadLetterKey } from '../../../functions/adapters/dynamodb/keys.ts';
import type { BatchBody, BatchName } from '../../../functions/core/model.ts';
import { openRedrive } from '../../../functions/core/redrive.ts';
import { type CalledOff, placeName } from '../../../functions/operations/redrive.ts';
import type { DeadlyKind } from '../world/deadly-code.ts';
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
  readonly deadlyLetters: DeadlyKind | undefined;
};

const keyOf = ({ shardId, sequenceNumber, sub }: Contained): string => {
  const { pk, sk } = deadLetterKey(pipelineName, { source: 'main', shardId, sequenceNumber, subSequenceNumber: sub });
  return `${pk} ${sk}`;
};

const nameOf = ({ shardId, sequenceNumber, sub }: Pick<Contained, 'shardId' | 'sequenceNumber' | 'sub'>): string =>
  placeName({ source: 'main', shardId, sequenceNumber, subSequenceNumber: sub });

export class RedriveCheck {
  readonly #parts: Parts;
  /** Plans, and the version of the code that their executions run. */
  readonly #versions = new Map<number, number>();
  /** Events that are dead, by name. */
  readonly #open = new Map<string, Contained>();
  /** By the names of their letters' items. */
  readonly #closed = new Set<string>();
  /** Of requests that were called off, how many letters are taken. */
  readonly #calledOff = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  planned(ref: number, version: number): void {
    this.#versions.set(ref, version);
  }

  /** What has to become of it in a batch of this plan. */
  fateIn(ref: number, event: PutEvent): PutEvent {
    if (event.isBroken !== true || this.#isMendedIn(ref)) return event;
    return { ...event, fate: 'dead-letter', reason: 'callback-failed' };
  }

  #isMendedIn(ref: number): boolean {
    return this.#parts.isMended(this.#versions.get(ref) ?? 0);
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
    const passed = this.#passedOver(body, previous);
    if (redriven.missing > 0 || redriven.letters + (redriven.passedOver ?? 0) !== places.length)
      report('redrive', `batch ${batchId} took ${JSON.stringify(redriven)} of ${places.length} letters`);
    if (redrive!.next > (this.#calledOff.get(redrive!.request) ?? redrive!.next))
      report(
        'redrive',
        `batch ${batchId} takes letters up to ${redrive!.next} of a request that was called off before`,
      );
    dimensions.count('letters that are redriven', places.length - passed.size);
    return places.flatMap(([shardId, sequenceNumber, sub]) => {
      const place = { shardId, sequenceNumber, sub };
      if (passed.has(nameOf(place))) return [];
      const event = this.#fateOfLetter(ref, ledger.record(sequenceNumber).events[sub]!);
      if (event === undefined) report('redrive', `batch ${batchId} takes ${nameOf(place)}, and who takes it dies`);
      // It may be late by now.
      return event === undefined ? [] : [{ event: { ...event, isPunctual: false }, ...place, arrival: 0, batchId }];
    });
  }

  /** Undefined: nobody can take it. */
  #fateOfLetter(ref: number, event: PutEvent): PutEvent | undefined {
    if (event.isDeadlyAgain !== true || !this.#isMendedIn(ref)) return this.fateIn(ref, event);
    if (this.#parts.deadlyLetters === 'process') return undefined;
    return { ...event, fate: 'dead-letter', reason: 'crashed-executor' };
  }

  #passedOver({ batchId, redrive }: BatchBody, previous: BatchBody | undefined): ReadonlySet<string> {
    const { report, ledger, dimensions, isCalm, deadlyLetters } = this.#parts;
    const known = previous?.redrive?.request === redrive!.request ? previous.redrive.soFar.deadly.length : 0;
    const passed = redrive!.soFar.deadly.slice(known);
    for (const letter of passed) {
      const event = ledger.record(letter.sequenceNumber).events[letter.subSequenceNumber];
      dimensions.count('letters that are passed over');
      // What else ends a function three times in a row is a fault that was drawn.
      if (isCalm && (event?.isDeadlyAgain !== true || deadlyLetters !== 'process'))
        report('redrive', `batch ${batchId} passes over ${placeName(letter)}, of which nobody dies`);
    }
    return new Set(passed.map(placeName));
  }

  isOfLetters(payload: unknown): boolean {
    const { epoch, task } = payload as { readonly epoch?: number; readonly task?: number };
    return epoch !== undefined && task !== undefined && this.#parts.stored.takesLetters(epoch, task);
  }

  calledOff({ request, taken }: CalledOff): void {
    this.#parts.dimensions.count('redrives that are called off');
    this.#calledOff.set(request, taken);
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
