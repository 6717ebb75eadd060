/**
 * What was kept for an output while it was detached: it is all there once the output is attached, in the order of batches, or it was given up and
 * counted.
 */
import { isDeepStrictEqual } from 'node:util';
import { oldestKeptBatch } from '../../../functions/core/detached.ts';
import type { BatchBody, Head } from '../../../functions/core/model.ts';
import type { Dimensions } from '../world/dimensions.ts';
import type { Report } from './violation.ts';

/** What an output is to have of a batch. */
export type KeptPart = {
  readonly output: string;
  /** By name of the version, or as the output's own check names them. */
  readonly right: readonly string[];
  /** Those that its reader has. */
  readonly found: () => ReadonlySet<string>;
  /** All that is looked at where the output is attached. */
  readonly whenSent?: () => void;
};

type Parts = {
  readonly report: Report;
  readonly dimensions: Dimensions;
  readonly output: string;
  /** Batches of which nobody is to wait for a row. Both included. */
  readonly givenUp: (from: number, upTo: number) => void;
};

export class DetachedCheck {
  readonly #parts: Parts;
  /** By number of the batch. */
  readonly #kept = new Map<number, readonly KeptPart[]>();
  readonly #lastOfKey = new Map<string, number>();
  readonly #givenUp = new Set<number>();
  #head: Head | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A reader of it has not all that there is. */
  lacksSomeOf(output: string): boolean {
    return this.#parts.output === output && (this.#givenUp.size > 0 || this.#entryIn(this.#head) !== undefined);
  }

  /** False: all of it has to be there by now. */
  committed({ batchId }: Pick<BatchBody, 'batchId'>, head: Head | undefined, part: KeptPart): boolean {
    const entry = part.output === this.#parts.output ? this.#entryIn(head) : undefined;
    if (entry === undefined || entry.next > batchId) return false;
    this.#kept.set(batchId, [...(this.#kept.get(batchId) ?? []), part]);
    this.#parts.dimensions.count('rows that are kept for an output', part.right.length);
    return true;
  }

  /** The first of an identity. */
  arrived(key: string, batchId: number): void {
    const last = this.#lastOfKey.get(key);
    if (this.#givenUp.has(batchId)) return;
    if (last !== undefined && batchId < last)
      this.#parts.report('detached', `of key ${key}: a row of batch ${batchId} comes behind one of batch ${last}`);
    this.#lastOfKey.set(key, batchId);
  }

  /** Of these batches there is nothing any more, but what was kept of them goes out. */
  wentBack(isLeftBehind: (batchId: number) => boolean): void {
    for (const [batchId, parts] of this.#kept)
      if (isLeftBehind(batchId))
        for (const { right } of parts)
          this.#parts.dimensions.count('rows that are kept of batches that are left behind', right.length);
  }

  headChanged(before: Head, after: Head, call: string): void {
    this.#head = after;
    const { report } = this.#parts;
    if (call !== 'create' && after.oldestRetainedBatch > oldestKeptBatch(after))
      report(
        'P1',
        `batches below ${after.oldestRetainedBatch} are purged, and rows are kept from ${oldestKeptBatch(after)} on`,
      );
    if (isDeepStrictEqual(before.detached, after.detached)) return;
    if (call !== 'commit' && call !== 'detach') report('detached', `${call} changes what is detached`);
    const [was, is] = [this.#entryIn(before), this.#entryIn(after)];
    if (was === undefined) return;
    // Of a batch that is only being committed its own check tells.
    const upTo = is?.next ?? Math.max(was.next, (before.committed?.batchId ?? -1) + 1);
    if (upTo < was.next) report('detached', `rows are kept from batch ${was.next} on, and then from ${upTo}`);
    if (call === 'commit') this.#sent(was.next, upTo);
    else this.#discarded(was.next, upTo, was.kept);
  }

  #sent(from: number, upTo: number): void {
    const { report, dimensions } = this.#parts;
    for (let batchId = from; batchId < upTo; batchId++) {
      const missing = this.#missingOf(batchId);
      if (missing.length > 0) report('detached', `kept rows of batch ${batchId} were not sent: ${missing}`);
      for (const { right, whenSent } of this.#kept.get(batchId) ?? []) {
        dimensions.count('rows that were kept and are sent', right.length);
        if (missing.length === 0) whenSent?.();
      }
      this.#kept.delete(batchId);
    }
  }

  #discarded(from: number, upTo: number, told: number): void {
    const { report, dimensions } = this.#parts;
    let lost = 0;
    for (let batchId = from; batchId < upTo; batchId++) {
      lost += this.#missingOf(batchId).length;
      this.#givenUp.add(batchId);
      this.#kept.delete(batchId);
    }
    if (lost > told)
      report('detached', `${lost} rows of batches ${from} to ${upTo - 1} were given up, ${told} are counted`);
    if (upTo <= from) return;
    dimensions.count('rows that are given up', told);
    this.#parts.givenUp(from, upTo - 1);
  }

  /** What is detached in the end is kept, and counted. */
  drained(): void {
    const { report } = this.#parts;
    const entry = this.#entryIn(this.#head);
    const missing = [...this.#kept.keys()].flatMap((batchId) => this.#missingOf(batchId));
    if (entry === undefined && missing.length > 0)
      report('detached', `nothing is kept, and ${missing} were never sent`);
    if (entry !== undefined && missing.length > entry.kept)
      report('detached', `${missing.length} rows are not sent, and ${entry.kept} are said to be kept`);
    if (entry?.attach !== undefined) report('detached', 'what was kept is not sent in the end');
  }

  #missingOf(batchId: number): readonly string[] {
    return (this.#kept.get(batchId) ?? []).flatMap(({ right, found }) => {
      const there = found();
      return right.filter((name) => !there.has(name));
    });
  }

  #entryIn(head: Head | undefined) {
    return head?.detached?.[this.#parts.output];
  }
}
