/**
 * What the documents promise of single steps, beside the protocol: how much a read takes, when an execution ends
 * that was asked to, what expires when, how many batches stay, and how long healing takes.
 */

import type { Request, Timing } from '../../../functions/core/driver.ts';
import type { Head } from '../../../functions/core/model.ts';
import { maxLoopTriggerMs } from '../../../functions/core/turn.ts';
import { mainSource } from '../../../functions/pipeline/sources.ts';
import { maxConcurrency } from '../../../state-machine/timing.ts';
import type { Change } from '../services/dynamodb/simulated-dynamodb.ts';
import type { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.ts';
import type { Execution } from '../services/step-functions/simulated-step-functions.ts';
import { nameOfItem } from '../world/calls.ts';
import type { Dimensions } from '../world/dimensions.ts';
import type { Invocation } from '../world/invocation.ts';
import type { Ledger } from '../world/ledger.ts';
import { letterRetentionMs } from '../world/letter-keeping.ts';
import { operateStep } from '../world/operations.ts';
import { type Scenario, sourceName } from '../world/scenario.ts';
import type { Stored } from './stored.ts';
import type { Report } from './violation.ts';

const dayMs = 86_400_000;
const secondMs = 1_000;
/** Between two subscriptions to a shard, or after a turn that moved nothing. */
const longestPauseMs = 6_000;
/** From a plan's look at its clock to its claim. */
const latencyMs = 200;
/** From a commit to the claim of a plan that does not wait, cold starts included. */
const atOnceMs = 5_000;

const expiryDays: Readonly<Record<string, number>> = { plan: 1, task: 1, block: 1, progress: 30 };

/** Of letters as long as the pipeline says. */
const daysOf = (kind: string, scenario: Scenario): number | undefined =>
  kind === 'dead-letter' ? letterRetentionMs(scenario) / dayMs : expiryDays[kind];

export type DocumentedParts = {
  readonly report: Report;
  readonly now: () => number;
  readonly scenario: Scenario;
  readonly kinesis: SimulatedKinesis;
  readonly ledger: Ledger;
  readonly stored: Stored;
  readonly dimensions: Dimensions;
  readonly isCalm: boolean;
  /** After the end of a lease, where nothing but lost executions can have let it run out. */
  readonly healsWithinMs: number | undefined;
};

export class DocumentedChecks {
  readonly #parts: DocumentedParts;
  /** What an invocation was given of a shard, by both names: events before its last answer, and with it. */
  readonly #given = new Map<string, { readonly iterator: string; readonly before: number; readonly events: number }>();
  #committedBatch = -1;
  #epoch = -1;
  /** Of an execution: the last batch that it committed, until it plans the next. */
  readonly #batches = new WeakMap<Execution, LastBatch>();
  /** Plans that have begun since. */
  readonly #turns = new WeakMap<Execution, { readonly last: LastBatch; readonly at: number }>();
  readonly #claims = new WeakMap<Execution, readonly { readonly turn: number; readonly at: number }[]>();

  constructor(parts: DocumentedParts) {
    this.#parts = parts;
  }

  /** A shard's read ends with the answer that reaches `maxFetchRecordsPerShard`; an answer that was lost is asked for again. */
  polled({ id }: Invocation, iterator: string, sequenceNumbers: readonly string[]): void {
    const { report, scenario, ledger } = this.#parts;
    const [first] = sequenceNumbers;
    if (first === undefined) return;
    const { shardId } = ledger.record(first);
    const place = `${id} ${shardId}`;
    const last = this.#given.get(place);
    const before = (last?.iterator === iterator ? last.before : last?.events) ?? 0;
    if (before >= scenario.maxFetch) {
      report('budget', `${place}: asked for more after ${before} events; ${scenario.maxFetch} were to be read`);
    }
    let events = before;
    for (const sequenceNumber of sequenceNumbers) {
      const record = ledger.record(sequenceNumber);
      events += record.events.length - record.strays.size - (record.repeats?.size ?? 0);
    }
    this.#given.set(place, { iterator, before, events });
  }

  /** An execution that was asked to end with a batch begins none behind it. */
  planned(sk: string, invocation: Invocation): void {
    // Who has been superseded plans what never comes to be.
    if (Number(sk.split('#')[1]) !== this.#epoch) return;
    const { request } = invocation.payload as { readonly request?: Request };
    this.#checkTrigger(invocation);
    const next = this.#committedBatch + 1;
    if (request?.untilBatch === undefined || next <= request.untilBatch) return;
    this.#parts.report('until batch', `${invocation.id} plans batch ${next}; it was to end with ${request.untilBatch}`);
  }

  changed({ pk, sk, before, after }: Change): void {
    if (after === undefined || before?.expires?.N === after.expires?.N) return;
    const kind = nameOfItem({ pk: { S: pk }, sk: { S: sk } });
    const { report, now, scenario, isCalm } = this.#parts;
    const days = daysOf(kind, scenario);
    if (days === undefined) return;
    const left = Number(after.expires?.N) * secondMs - now();
    const latest = days * dayMs + scenario.maxClockSkewMs;
    // Who stood still before he wrote has an earlier time on it.
    const isTooSoon = isCalm && left < days * dayMs - scenario.maxClockSkewMs - 60 * secondMs;
    if (!(left <= latest) || isTooSoon) report('expiry', `${pk} / ${sk} expires in ${left} ms; ${days} days are right`);
  }

  /** As many tasks as run side by side. */
  taskPlanned(sk: string): void {
    const task = Number(sk.split('#')[2]);
    // A machine with waves is built for as many in all.
    if (task >= maxConcurrency)
      this.#parts.report('tasks', `task ${task} is planned; ${maxConcurrency} run side by side`);
  }

  /** The lease covers the worst case up to the driver's next write and no more, or healing takes longer than it says. */
  #checkLease({ holder }: Head, call: string, timing: Timing): void {
    const { report, now, scenario } = this.#parts;
    const { planToSealSeconds, sealToCommitSeconds, commitToPlanSeconds } = timing;
    const seconds: Readonly<Record<string, number>> = {
      claim: planToSealSeconds + commitToPlanSeconds,
      seal: sealToCommitSeconds,
      commit: commitToPlanSeconds,
    };
    const waitMs = call === 'seal' ? 0 : Math.max(scenario.triggerMs, longestPauseMs);
    const most = (seconds[call] ?? Number.POSITIVE_INFINITY) * secondMs + waitMs + scenario.maxClockSkewMs;
    if (holder?.lease.kind !== 'held') return;
    const left = holder.lease.until - now();
    if (left > most) report('lease', `${left} ms after a ${call}; ${most} cover the worst case`);
  }

  /** Shards are listed at most once in `describeShardInterval`. */
  #checkListing(before: Head, after: Head): void {
    const { report, scenario } = this.#parts;
    // Before the first commit nothing else knows the shards.
    const [last, now] = [before, after].map(({ sources }) => sources[mainSource].listedAt);
    if (last === now || last === undefined || before.committed === undefined) return;
    const since = Number(now) - last;
    if (since < scenario.describeMs - 2 * scenario.maxClockSkewMs)
      report('listing', `shards are listed ${since} ms after the last time; ${scenario.describeMs} are to lie between`);
  }

  /** What a batch that is read up to the tip is followed by, and one that left something. */
  #noteBatch({ committed, epoch }: Head, { execution }: Invocation): void {
    const body = committed && this.#parts.stored.body(committed.batchId, committed.ref);
    if (body === undefined || body.kind !== 'read' || body.ref !== epoch) return;
    const { caughtUp, backlog } = body;
    const claimedAt = this.#claims.get(execution)?.at(-1)?.at ?? 0;
    this.#batches.set(execution, { caughtUp, backlog, claimedAt, committedAt: this.#parts.now() });
  }

  /** A plan begins. It may come to no batch: who hands over looks at the time once more. */
  #noteTurn({ execution }: Invocation): void {
    const last = this.#batches.get(execution);
    this.#batches.delete(execution);
    if (last === undefined) this.#turns.delete(execution);
    else this.#turns.set(execution, { last, at: this.#parts.now() });
  }

  /** The next batch begins at the trigger, counted from where the one before began; a backlog does not wait. */
  #checkTrigger({ execution, payload }: Invocation): void {
    const { report, scenario } = this.#parts;
    const { triggerMs, availableNow, maxClockSkewMs, consumerType } = scenario;
    const turn = this.#turns.get(execution);
    this.#turns.delete(execution);
    const { request } = payload as { readonly request?: Request };
    if (turn === undefined || availableNow || request?.untilCaughtUp === true || triggerMs > maxLoopTriggerMs) return;
    const { last, at } = turn;
    const since = at - last.claimedAt;
    if (last.caughtUp && since < triggerMs - 2 * maxClockSkewMs - latencyMs)
      report(
        'trigger',
        `a batch ${since} ms after the one before, which had read all there was; ${triggerMs} are asked for`,
      );
    const waited = at - last.committedAt;
    const mayWait = consumerType !== 'GetRecords' || maxClockSkewMs > secondMs;
    if (last.backlog && !mayWait && waited > atOnceMs)
      report('trigger', `${waited} ms from a batch that left a backlog to the next one`);
  }

  headChanged(before: Head, after: Head, call: string, invocation: Invocation): void {
    if (invocation.step === operateStep) {
      this.#epoch = after.epoch;
      return;
    }
    // Who stood still after he had looked at his clock claims with an old time.
    if (call === 'claim' && this.#parts.isCalm) this.#checkListing(before, after);
    if (call === 'claim' && this.#parts.isCalm) this.#noteTurn(invocation);
    if (call === 'commit') this.#noteBatch(after, invocation);
    const { report, scenario, now, healsWithinMs, dimensions } = this.#parts;
    const { timing } = invocation.payload as { readonly timing?: Timing };
    if (timing !== undefined) this.#checkLease(after, call, timing);
    if (call === 'claim') this.#noteClaim(invocation);
    this.#committedBatch = after.committed?.batchId ?? -1;
    this.#epoch = after.epoch;
    const oldest = this.#committedBatch - scenario.minBatchesToRetain + 1;
    if (after.oldestRetainedBatch > Math.max(before.oldestRetainedBatch, oldest)) {
      report(
        'retained',
        `the oldest retained batch is ${after.oldestRetainedBatch} at batch ${this.#committedBatch}; ${oldest} is to be kept`,
      );
    }
    const left = before.holder;
    if (call !== 'claim' || left?.lease.kind !== 'held' || left.owner === after.holder?.owner) return;
    dimensions.count('lost executions');
    const waited = now() - left.lease.until;
    if (healsWithinMs !== undefined && waited > healsWithinMs) {
      report('healing', `the lease had run out ${waited} ms before it was taken; ${healsWithinMs} are promised`);
    }
  }

  /** Several tries may plan a turn: what the turn before it found was found before the first of them. */
  #noteClaim({ execution, payload }: Invocation): void {
    const { turn } = (payload as { readonly batch: { readonly turn: number } }).batch;
    const before = this.#claims.get(execution) ?? [];
    if (before.at(-1)?.turn === turn) return;
    this.#claims.set(execution, [...before, { turn, at: this.#parts.now() }].slice(-2));
  }

  /** An execution is idle when nothing has come for `stopWhenIdle`. */
  endedIdle(execution: Execution): void {
    const { report, now, scenario, kinesis } = this.#parts;
    const spanMs = scenario.stopWhenIdleMs;
    if (spanMs === undefined) {
      report('idle', 'an execution ended as idle, and nobody had asked for that');
      return;
    }
    // What was there when the turn began that found nothing would have been found.
    const [{ at: until } = { at: 0 }] = this.#claims.get(execution) ?? [];
    // Kinesis tells its time in whole seconds, and the executor takes one more off.
    const from = now() - spanMs + 2 * scenario.maxClockSkewMs + 2 * secondMs;
    const came = kinesis
      .first(sourceName)
      .shards.flatMap(({ records }) => records)
      .find(({ putAt }) => putAt > from && putAt < until);
    if (came !== undefined) report('idle', `${came.sequenceNumber} came ${now() - came.putAt} ms before an idle end`);
  }
}

type LastBatch = {
  readonly caughtUp: boolean;
  readonly backlog: boolean;
  readonly claimedAt: number;
  readonly committedAt: number;
};
