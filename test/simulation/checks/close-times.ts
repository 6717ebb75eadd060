/**
 * How soon a window closes, and when an idle shard counts as one. The watermark may pass a window's end once each shard has
 * brought an event past it, or was silent for `idleTimeout` and is at its tip at a time past it: a few batches later it has.
 */
import type { BatchBody } from '../../../functions/core/model.ts';
import type { StoredShard } from '../services/kinesis/simulated-kinesis.ts';
import type { Ledger } from '../world/ledger.ts';
import type { Scenario } from '../world/scenario.ts';
import type { Report } from './violation.ts';

/** Kinesis's time as answers tell it is that of a second before, and in whole seconds. */
const serverTimeMs = 2_500;

export type CloseTimesParts = {
  readonly report: Report;
  readonly now: () => number;
  readonly scenario: Scenario;
  readonly ledger: Ledger;
  readonly truth: () => readonly StoredShard[];
  /** When the pipeline was planned first. */
  readonly createdAt: () => number;
  /** Undefined: what goes wrong in this run, or what is asked of it, has windows close at other times. */
  readonly closesWithinMs: number | undefined;
  /** A function of the user's own has died or hung: its batch, and what is behind it, waits for it. */
  readonly isHeldUp: () => boolean;
  /** Stamps are those of the puts. */
  readonly isPunctual: boolean;
};

type TimedPut = { readonly putAt: number; readonly eventTime: number };

export class CloseTimes {
  readonly #parts: CloseTimesParts;
  readonly #start: number;
  readonly #known = new Map<string, TimedPut[]>();
  readonly #seen = new Map<string, number>();

  constructor(parts: CloseTimesParts) {
    this.#parts = parts;
    this.#start = parts.now();
  }

  /** `ends` of the windows that the batch closes. */
  closed(body: BatchBody, ends: ReadonlySet<number>): void {
    const { closesWithinMs, isHeldUp, now, report, truth, createdAt } = this.#parts;
    if (closesWithinMs === undefined || isHeldUp() || body.kind === 'close-windows') return;
    for (const end of ends) {
      // Nothing closes before there is a pipeline: its first start may have been in vain.
      const due = Math.max(createdAt(), ...truth().map((shard) => this.#passes(shard, end)));
      if (now() - due > closesWithinMs)
        report('close', `batch ${body.batchId} closes a window ${now() - due} ms late; ${closesWithinMs} are promised`);
    }
  }

  /** `readOf`: records of the shard that the batch says were read. */
  marked(body: BatchBody, before: BatchBody | undefined, readOf: (shard: StoredShard) => number): void {
    const { closesWithinMs, isPunctual, scenario, report, truth } = this.#parts;
    if (closesWithinMs === undefined || !isPunctual || body.kind === 'close-windows') return;
    const marks = new Map(before?.shards.map(({ shardId, watermark: mark }) => [shardId, mark]));
    for (const shard of truth()) {
      const mark = body.shards.find(({ shardId }) => shardId === shard.shardId)?.watermark ?? null;
      if (mark === null || mark === (marks.get(shard.shardId) ?? null)) continue;
      const read = this.#timedPuts(shard, readOf(shard));
      if (read.some(({ eventTime }) => eventTime - scenario.delayMs >= mark)) continue;
      const last = read.at(-1)?.putAt ?? this.#start;
      const silentMs = mark + scenario.delayMs - last;
      if (silentMs < scenario.idleTimeoutMs - serverTimeMs)
        report('idle', `${shard.shardId} counts as idle after ${silentMs} ms in batch ${body.batchId}`);
    }
  }

  /** When the shard's mark may have passed this time. */
  #passes(shard: StoredShard, end: number): number {
    const { delayMs, idleTimeoutMs } = this.#parts.scenario;
    let idleSince = this.#start;
    for (const { putAt, eventTime } of this.#timedPuts(shard, shard.records.length)) {
      const idleAt = Math.max(idleSince + idleTimeoutMs, end + delayMs);
      if (idleAt < putAt) return idleAt;
      if (eventTime - delayMs >= end) return putAt;
      idleSince = putAt;
    }
    return Math.max(idleSince + idleTimeoutMs, end + delayMs);
  }

  /** The events with an event time, of so many of the shard's records. */
  #timedPuts(shard: StoredShard, records: number): readonly TimedPut[] {
    const puts = this.#known.get(shard.shardId) ?? [];
    this.#known.set(shard.shardId, puts);
    for (let at = this.#seen.get(shard.shardId) ?? 0; at < shard.records.length; at++) {
      const { sequenceNumber, putAt } = shard.records[at]!;
      const { events } = this.#parts.ledger.record(sequenceNumber);
      const times = events.flatMap((event) => (event.fate === 'counted' ? [event.at] : []));
      puts.push({ putAt, eventTime: Math.max(Number.NEGATIVE_INFINITY, ...times) });
      this.#seen.set(shard.shardId, at + 1);
    }
    return puts.slice(0, records).filter(({ eventTime }) => eventTime > Number.NEGATIVE_INFINITY);
  }
}
