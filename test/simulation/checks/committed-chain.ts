/**
 * What a batch contains, held against what was really put: at each seal S7, S8, S9, S11, W1, W2, and at each commit S10,
 * R3, M1, counts, dead letters and loss.
 */

import { isDeepStrictEqual } from 'node:util';
import { deadLetterKey, padChunk } from '../../../functions/adapters/dynamodb/keys.ts';
import {
  type BatchBody,
  type BatchName,
  type BlockSummary,
  endOfTime,
  type Head,
  type RunBound,
  type SourceState,
} from '../../../functions/core/model.ts';
import { describePosition } from '../../../functions/core/position.ts';
import type { RepeatCounts } from '../../../functions/core/repeats/named-memory.ts';
import type { ShardCheckpoint } from '../../../functions/core/shard-checkpoint.ts';
import { mainOutput } from '../../../functions/pipeline/outputs.ts';
import { lateOutput, letterOutput } from '../../../functions/pipeline/side-outputs.ts';
import { mainSource } from '../../../functions/pipeline/sources.ts';
import type { StoredItem } from '../services/dynamodb/simulated-dynamodb.ts';
import type { SimulatedKinesis, StoredShard } from '../services/kinesis/simulated-kinesis.ts';
import type { Dimensions } from '../world/dimensions.ts';
import { elementsIn } from '../world/elements.ts';
import { furtherName, isAudited } from '../world/further-output.ts';
import type { Ledger, PutEvent } from '../world/ledger.ts';
import { letterRetentionMs } from '../world/letter-keeping.ts';
import type { TopRule } from '../world/row-rules.ts';
import { type Scenario, sourceName } from '../world/scenario.ts';
import { CloseTimes } from './close-times.ts';
import type { DetachedCheck } from './detached-check.ts';
import type { EventViewCheck } from './event-view-check.ts';
import { type BatchFacts, type Expected, ExpectedResults, type Tally } from './expected-results.ts';
import type { FurtherSinkChecks } from './further-sink-checks.ts';
import type { LateSinkChecks } from './late-sink-checks.ts';
import type { LetterSinkChecks } from './letter-sink-checks.ts';
import type { Contained } from './more-results.ts';
import { describePlace, isSamePlace, placeAfter, placeOf } from './places.ts';
import type { RedriveCheck } from './redrive-check.ts';
import { type ContentOfShard, checkReferences, checkReport } from './report-check.ts';
import { checkOutputCounts, ResultChecks } from './result-checks.ts';
import type { SealedOutputCheck } from './sealed-check.ts';
import { fromStart, indexOf, isBefore, isOverBefore, type Reach, startIndexOf } from './shard-progress.ts';
import type { SinkChecks } from './sink-checks.ts';
import { checkSizes } from './sizes-check.ts';
import { checkSteps } from './steps-check.ts';
import { pipelineName, type Stored } from './stored.ts';
import type { Report } from './violation.ts';

type Parts = {
  readonly report: Report;
  readonly now: () => number;
  readonly scenario: Scenario;
  readonly stored: Stored;
  /** When states of the machine were entered. */
  readonly entered: ReadonlyMap<string, ReadonlySet<number>>;
  readonly kinesis: SimulatedKinesis;
  readonly ledger: Ledger;
  readonly dimensions: Dimensions;
  /** Nothing was read for so long that something may be gone. */
  readonly mayMiss: boolean;
  readonly closesWithinMs: number | undefined;
  readonly isHeldUp: () => boolean;
  readonly isPunctual: boolean;
  readonly hasRaisedMemory: () => boolean;
  readonly sink: SinkChecks;
  readonly furtherSink: FurtherSinkChecks;
  readonly detached: DetachedCheck | undefined;
  readonly sealedOutputs: SealedOutputCheck;
  readonly eventView: EventViewCheck;
  readonly lateSink: LateSinkChecks;
  readonly letterSink: LetterSinkChecks;
  readonly redrive: RedriveCheck;
};

type Known = {
  readonly body: BatchBody;
  /** Undefined: it has none. */
  readonly content: { readonly contained: readonly Contained[]; readonly facts: BatchFacts } | undefined;
  readonly parent: number | undefined;
  readonly readUpTo: ReadonlyMap<string, Reach>;
  readonly isAtStart: ReadonlySet<string>;
};

const noRepeats: RepeatCounts = { repeated: 0, unidentified: 0 };

export class CommittedChain {
  readonly #parts: Parts;
  #expected: ExpectedResults;
  #results: ResultChecks;
  readonly #closeTimes: CloseTimes;
  /** Also what was given up. */
  readonly #sealedNames = new Set<string>();
  /** By number: what it takes to go back behind it. */
  readonly #history = new Map<number, Known>();
  /** Records that were given to an executor, by the epoch it worked in. */
  readonly #delivered = new Map<number, Set<string>>();
  /** Every place of a shard that was committed. */
  readonly #places = new Set<string>();
  readonly #readUpTo = new Map<string, Reach>();
  /** Have delivered nothing: what comes next is told by its stamp, as when the pipeline started. */
  readonly #isAtStart = new Set<string>();
  #previous: BatchBody | undefined;
  #sealed: BatchBody | undefined;
  /** Nothing is made after it: days that end later stay open. */
  #drainedAt: number | undefined;
  #start: SourceState['start'] | undefined;
  #createdAt = Number.NEGATIVE_INFINITY;
  #reportsLoss = false;
  #runBound: RunBound | undefined;
  committedBatches = 0;
  /** Ended runs of what was available when they began. */
  runs = 0;
  late = 0;
  lost = 0;
  resentElsewhere = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#expected = new ExpectedResults(parts.scenario);
    this.#results = new ResultChecks({ ...parts, expected: this.#expected });
    this.#closeTimes = new CloseTimes({ ...parts, truth: () => this.#truth(), createdAt: () => this.#createdAt });
  }

  /** Of shards that are in no checkpoint yet, what they begin with. */
  isCommittedPlace(shardId: string, base: string): boolean {
    if (base === 'TRIM_HORIZON' || this.#places.has(`${shardId} ${base}`)) return true;
    // Before the first seal nobody has told where the pipeline starts.
    return this.#start === undefined ? base.startsWith('AT_TIMESTAMP') : base === describePosition(this.#start);
  }

  isSealed(batchId: number, ref: number): boolean {
    return this.#sealedNames.has(`${batchId}#${ref}`);
  }

  delivered(ref: number, sequenceNumbers: readonly string[]): void {
    const known = this.#delivered.get(ref) ?? new Set();
    for (const sequenceNumber of sequenceNumbers) known.add(sequenceNumber);
    this.#delivered.set(ref, known);
  }

  /** The record is whole in a committed batch. */
  wasRead(sequenceNumber: string): boolean {
    const { shardId } = this.#parts.ledger.record(sequenceNumber);
    const { read } = this.#readUpTo.get(shardId) ?? fromStart;
    const shard = this.#truth().find((each) => each.shardId === shardId);
    const last = read === 0 ? undefined : shard?.records[read - 1];
    return last !== undefined && BigInt(sequenceNumber) <= BigInt(last.sequenceNumber);
  }

  /** Retention took it. */
  isGone(sequenceNumber: string): boolean {
    const { shardId } = this.#parts.ledger.record(sequenceNumber);
    const shard = this.#truth().find((each) => each.shardId === shardId);
    const last = shard === undefined || shard.trimmed === 0 ? undefined : shard.records[shard.trimmed - 1];
    return last !== undefined && BigInt(sequenceNumber) <= BigInt(last.sequenceNumber);
  }

  /** `startedAt`: when the execution began that sealed it; `refusesLoss`: its code is to fail rather than go over one. */
  sealed(
    head: Head,
    { batchId, ref }: BatchName,
    { startedAt, refusesLoss = false }: { readonly startedAt: number; readonly refusesLoss?: boolean },
  ): void {
    const { report, stored } = this.#parts;
    this.#start = head.sources[mainSource].start;
    this.#createdAt = head.createdAt;
    this.#sealedNames.add(`${batchId}#${ref}`);
    const body = stored.body(batchId, ref);
    if (body === undefined) {
      report('S11', `batch ${batchId} ref ${ref} is sealed and has no body`);
      return;
    }
    this.#sealed = body;
    if (body.batchId !== batchId || body.ref !== ref) report('S6', `the body says ${body.batchId}#${body.ref}`);
    const before = this.#previous;
    if (before !== undefined && (body.previous?.batchId !== before.batchId || body.previous.ref !== before.ref)) {
      report(
        'S8',
        `batch ${batchId} follows ${body.previous?.batchId}#${body.previous?.ref}, not ${before.batchId}#${before.ref}`,
      );
    }
    const blocks = this.#blocksOf(body);
    this.#checkNames(body, blocks);
    if (body.kind === 'restored') {
      this.#checkRestored(body);
      return;
    }
    if (body.kind === 'attach') this.#checkStands(body);
    this.#checkBlocks(body, blocks);
    if (body.kind === 'close-windows') this.#checkClosing(body, startedAt);
    else if (this.#previous?.watermarkOut !== endOfTime) this.#checkWatermark(body);
    this.#checkUnreadChildren(body);
    for (const { shardId } of refusesLoss ? body.dataLoss : [])
      report('loss', `batch ${batchId} goes over one of ${shardId}; it was to be refused`);
  }

  committed({ batchId, ref }: BatchName): void {
    const { report } = this.#parts;
    const body = this.#sealed;
    if (body === undefined || body.batchId !== batchId || body.ref !== ref) {
      report('S3', `committed ${batchId}#${ref}, which was not sealed`);
      return;
    }
    this.committedBatches += 1;
    if (body.kind === 'restored') {
      this.#restored(body);
      return;
    }
    if (body.kind === 'attach') {
      this.#attached(body);
      return;
    }
    const read = this.#takeContent(body);
    const redriven = this.#parts.redrive.taken(body, this.#previous);
    this.#parts.redrive.committed(body, read, redriven);
    const contained = [...read, ...redriven];
    const watermarkIn = this.#previous?.watermarkOut ?? Number.NEGATIVE_INFINITY;
    const watermarkOut = body.watermarkOut ?? Number.NEGATIVE_INFINITY;
    const facts = {
      batchId: body.batchId,
      watermarkIn,
      watermarkOut,
      mode: this.#modeOf(body),
      top: this.#topOf(body),
    };
    this.#remember(body, { contained, facts });
    const expected = this.#expected.batch(contained, facts);
    this.#takeTally(body, expected, contained);
    for (const event of expected.late) {
      if (event.isPunctual && watermarkIn !== endOfTime)
        report('W1', `event ${event.id} at ${event.at} is late at watermark ${watermarkIn}`);
    }
    this.#checkReport(body, read);
    this.#closeTimes.closed(body, new Set(expected.closed.map(([, end]) => end)));
    this.#closeTimes.marked(body, this.#previous, (shard) => {
      const { read, within } = this.#readUpTo.get(shard.shardId) ?? fromStart;
      return read + Math.sign(within);
    });
    this.#checkDeadLetters(contained);
    const toldLetters = this.#parts.stored.progress(batchId, ref)?.outputs?.[letterOutput]?.emitted;
    this.#parts.letterSink.committed(body, contained, toldLetters);
    this.#checkTally(body, contained);
    if (this.#parts.scenario.kind === 'map-only') this.#checkMapped(body, contained);
    else this.#results.committed(body, expected);
    if (this.#parts.scenario.hasLateOutput === true) this.#checkLateOutput(body, expected, watermarkIn);
    for (const shard of body.shards) this.#places.add(`${shard.shardId} ${describePlace(placeOf(shard))}`);
    this.#previous = body;
  }

  /** As the batch that it comes from, and that one is what it says. */
  #checkRestored({ batchId, origin, shards, watermarkOut, redrive }: BatchBody): void {
    const { report } = this.#parts;
    const from = this.#history.get(origin?.after ?? this.#previous?.batchId ?? -1)?.body;
    if (from === undefined) {
      report('restored', `batch ${batchId} is of ${JSON.stringify(origin)}, which was never committed`);
      return;
    }
    if (JSON.stringify(redrive) !== JSON.stringify(from.redrive))
      report('restored', `batch ${batchId} stands elsewhere among letters than batch ${from.batchId}`);
    const places = (of: readonly ShardCheckpoint[]) =>
      of.map((shard) => `${shard.shardId} ${shard.life} ${describePlace(placeOf(shard))}`).join();
    if (watermarkOut !== from.watermarkOut || places(shards) !== places(from.shards))
      report('restored', `batch ${batchId} does not stand where batch ${from.batchId} stood`);
  }

  /** It reads nothing, and stands where the batch before stood. */
  #checkStands({ batchId, shards, watermarkOut, attach }: BatchBody): void {
    const { report } = this.#parts;
    const before = this.#previous;
    const places = (of: readonly ShardCheckpoint[]) =>
      of.map((shard) => `${shard.shardId} ${shard.life} ${describePlace(placeOf(shard))}`).join();
    if (before === undefined || watermarkOut !== before.watermarkOut || places(shards) !== places(before.shards))
      report('attach', `batch ${batchId} does not stand where the one before stood`);
    if (attach === undefined || attach.upTo >= batchId)
      report('attach', `batch ${batchId} sends again what is to come`);
  }

  #attached(body: BatchBody): void {
    const { report, stored } = this.#parts;
    const told = stored.progress(body.batchId, body.ref);
    if (told?.kind !== 'attach' || told.counters.read !== 0 || told.counters.emitted !== 0)
      report('report', `batch ${body.batchId} is not reported`);
    this.#remember(body, undefined);
    this.#previous = body;
  }

  /** Behind a rewind all is as it was behind the batch that it went back to. */
  #restored(body: BatchBody): void {
    const { report, stored, sink, furtherSink, detached } = this.#parts;
    const { batchId, ref, origin } = body;
    if (origin?.why === 'rewind') {
      const known = this.#history.get(origin.after!);
      if (known === undefined) return;
      const live = this.#ancestorsOf(origin.after!);
      this.#expected = new ExpectedResults(this.#parts.scenario);
      this.#results = new ResultChecks({ ...this.#parts, expected: this.#expected });
      for (const { content } of live) if (content !== undefined) this.#expected.batch(content.contained, content.facts);
      this.#readUpTo.clear();
      for (const [shardId, reach] of known.readUpTo) this.#readUpTo.set(shardId, reach);
      this.#isAtStart.clear();
      for (const shardId of known.isAtStart) this.#isAtStart.add(shardId);
      const names = new Set(live.map(({ body: { batchId: of, ref: by } }) => `${of}#${by}`));
      sink.wentBack(names, body.generation);
      furtherSink.wentBack(names, batchId);
      const numbers = new Set(live.map(({ body: { batchId: of } }) => of));
      detached?.wentBack((of) => !numbers.has(of));
    }
    const told = stored.progress(batchId, ref);
    if (told?.kind !== 'restored' || told.counters.read !== 0) report('report', `batch ${batchId} is not reported`);
    if (this.#parts.scenario.kind !== 'map-only') this.#results.checkState(body);
    this.#remember(body, undefined);
    this.#previous = body;
  }

  #remember(body: BatchBody, content: Known['content']): void {
    const parent = body.origin?.after ?? this.#previous?.batchId;
    const known = { body, content, parent, readUpTo: new Map(this.#readUpTo), isAtStart: new Set(this.#isAtStart) };
    this.#history.set(body.batchId, known);
  }

  /** With the batch itself, in their order. */
  #ancestorsOf(batchId: number): readonly Known[] {
    const known = this.#history.get(batchId);
    if (known === undefined) return [];
    return [...(known.parent === undefined ? [] : this.#ancestorsOf(known.parent)), known];
  }

  /** Of two that deployments have by turns it is said by the seal; of one it has to be that. */
  #modeOf({ batchId, gives, states }: BatchBody): 'append' | 'update' | 'complete' | undefined {
    const { report, scenario, dimensions } = this.#parts;
    if (scenario.kind === 'map-only') return undefined;
    const { mode = 'append' } = gives ?? {};
    if (mode !== (this.#previous?.gives?.mode ?? 'append') && states.length > 0)
      dimensions.count('a mode that changes');
    const isPossible = mode === (scenario.mode ?? 'append') || mode === scenario.otherMode;
    if (scenario.kind === 'windowed' && !isPossible) report('version', `batch ${batchId} is sealed in ${mode} mode`);
    return scenario.kind === 'windowed' ? mode : undefined;
  }

  /** The same of which rows are the first. */
  #topOf({ batchId, gives }: BatchBody): TopRule | undefined {
    const { report, scenario, dimensions } = this.#parts;
    if (scenario.top === undefined) return undefined;
    const { top } = gives ?? {};
    const isPossible = [scenario.top, scenario.otherTop].some((each) => isDeepStrictEqual(each, top));
    if (!isPossible) report('version', `batch ${batchId} is sealed with ${JSON.stringify(top)} of its rows`);
    const before = this.#previous?.gives?.top;
    if (before !== undefined && !isDeepStrictEqual(before, top)) dimensions.count('first rows by another rule');
    return top;
  }

  /** What a reader of the outputs has then; of a batch that is not committed he may have a part. */
  drained(): void {
    this.#drainedAt = this.#parts.now();
    if (this.#sealed !== this.#previous) return;
    this.#results.drained();
    this.#parts.lateSink.drained();
    this.#parts.letterSink.drained();
    this.#checkDeadLetters(this.#parts.redrive.open);
    this.#parts.redrive.drained();
    this.#parts.sealedOutputs.drained();
  }

  #checkLateOutput({ batchId, ref }: BatchBody, { lateElements }: Expected, watermarkIn: number): void {
    const { report, stored, dimensions, lateSink } = this.#parts;
    dimensions.count('an output of late events', lateElements.length);
    const right = lateSink.expect(lateElements);
    const check = () => lateSink.committed(batchId, lateElements, watermarkIn);
    const part = { output: lateOutput, right, found: () => lateSink.found, whenSent: check };
    if (this.#parts.detached?.committed({ batchId }, stored.head(), part) !== true) check();
    const told = stored.progress(batchId, ref)?.outputs?.[lateOutput]?.emitted ?? 0;
    if (told !== lateElements.length)
      report('late events', `batch ${batchId} reports ${told} that were sent; ${lateElements.length} are late`);
  }

  #takeTally(body: BatchBody, { tally, ofExecutors, late, replaced }: Expected, contained: readonly Contained[]): void {
    const { report, dimensions, stored } = this.#parts;
    this.late += late.length;
    dimensions.count('odd events', tally.filtered + tally.deadLettered);
    if (contained.some(({ sub }) => sub > 0)) dimensions.count('aggregated records');
    dimensions.count('sessions that become part of others', replaced);
    const { batchId, ref, counters } = body;
    if (tally.late !== ofExecutors.late) dimensions.count('sessions that are late', tally.late);
    const told = stored.progress(batchId, ref)?.counters;
    for (const name of Object.keys(tally) as (keyof Tally)[]) {
      if ((counters[name] ?? 0) !== ofExecutors[name])
        report('counts', `batch ${batchId}: ${name} ${counters[name]}; what was put comes to ${ofExecutors[name]}`);
      if (told !== undefined && (told[name] ?? 0) !== tally[name])
        report('counts', `batch ${batchId} reports ${name} ${told[name]}; what was put comes to ${tally[name]}`);
    }
  }

  /** Whether everything that was put is in a committed batch, and every window is closed. */
  isComplete(): boolean {
    return this.hasEverything() && this.#sealed === this.#previous && !this.#parts.redrive.leavesLetters;
  }

  /** As above, whatever is sealed on top of it. */
  hasEverything(): boolean {
    return this.#unread() === undefined && this.#unfinished() === 0;
  }

  /** run: a run of what is available now has its own end, and begins when the one before it has come to its. */
  runBegins(before: RunBound | undefined, now: RunBound | undefined): void {
    this.#runBound = now;
    this.runEnded(before);
  }

  /** What was put before the run began is read, or retention has taken it. */
  runEnded(runBound: RunBound | undefined): void {
    if (runBound === undefined) return;
    this.runs += 1;
    this.#parts.dimensions.count('available now');
    for (const shard of this.#truth()) {
      const read = Math.max(this.#passedBy(shard).read, shard.trimmed);
      const left = shard.records.findIndex(({ putAt }, at) => at >= read && putAt <= runBound.provesEndFrom);
      if (left >= 0) {
        this.#parts.report(
          'run',
          `${shard.shardId}: a run has ended before record ${left}, which was there when it began`,
        );
      }
    }
  }

  whatIsLeft(): string {
    if (this.#parts.redrive.leavesLetters) return 'letters are left that were to be redriven';
    if (!this.hasEverything()) return this.#unread() ?? `${this.#unfinished()} windows are open`;
    return `batch ${this.#sealed?.batchId} is sealed and not committed`;
  }

  #unfinished(): number {
    const watermark = this.#previous?.watermarkOut ?? Number.NEGATIVE_INFINITY;
    return this.#expected.unfinished({ now: this.#drainedAt ?? this.#parts.now(), watermark });
  }

  #unread(): string | undefined {
    for (const shard of this.#truth()) {
      // A shard that came and went while nothing ran was never known; its loss shows in its parents and children.
      const isUnknown = !this.#readUpTo.has(shard.shardId);
      const read = Math.max(this.#passedBy(shard).read, isUnknown && this.#reportsLoss ? shard.trimmed : 0);
      if (read < shard.records.length) return `${shard.shardId}: ${shard.records.length - read} records are not read`;
    }
    return undefined;
  }

  #truth(): readonly StoredShard[] {
    return this.#parts.kinesis.first(sourceName).shards;
  }

  #readOf(shard: StoredShard): Reach {
    const read = this.#readUpTo.get(shard.shardId);
    if (read !== undefined && !this.#isAtStart.has(shard.shardId)) return read;
    return this.#start === undefined ? fromStart : { read: startIndexOf(shard, this.#start), within: 0 };
  }

  /** Of a shard that may be in no checkpoint: the first listing leaves out what was closed before the start. */
  #passedBy(shard: StoredShard): Reach {
    const wasOver = this.#start !== undefined && isOverBefore(shard, this.#start);
    const isPassed = wasOver && !this.#readUpTo.has(shard.shardId);
    return isPassed ? { read: shard.records.length, within: 0 } : this.#readOf(shard);
  }

  #blocksOf(body: BatchBody): BlockSummary[] {
    return body.blocks.flatMap(({ task, nonce }) => {
      const block = this.#parts.stored.block(task, body.batchId, body.ref);
      if (block?.nonce === nonce) {
        this.#countLeftOut(body, block);
        return [block];
      }
      this.#parts.report('S11', `batch ${body.batchId}: the block of task ${task} is named and not there`);
      return [];
    });
  }

  #countLeftOut({ ref }: BatchBody, { task, shards }: BlockSummary): void {
    const planned = this.#parts.stored.shardsOfTask(ref, task);
    this.#parts.dimensions.count('idle shards that a block leaves out', Math.max(0, planned - shards.length));
  }

  #checkBlocks(body: BatchBody, blocks: readonly BlockSummary[]): void {
    const { report } = this.#parts;
    const before = new Map(this.#previous?.shards.map((shard) => [shard.shardId, shard]));
    const after = new Map(body.shards.map((shard) => [shard.shardId, shard]));
    const read = new Set<string>();
    for (const result of blocks.flatMap((block) => block.shards)) {
      const { shardId } = result;
      if (read.has(shardId)) report('S7', `${shardId} is in two blocks of batch ${body.batchId}`);
      read.add(shardId);
      const from = before.get(shardId);
      if (from !== undefined && !isSamePlace(placeOf(from), result.from)) {
        report('S8', `${shardId}: batch ${body.batchId} does not begin where the checkpoint ends`);
      }
      const now = after.get(shardId);
      if (now === undefined || !isSamePlace(placeOf(now), placeAfter(result))) {
        report('S8', `${shardId}: the checkpoint of batch ${body.batchId} is not the end of its content`);
      }
      for (const parent of now?.parents ?? []) {
        const parentBefore = before.get(parent);
        // Retention took it: it ends with this batch, and nobody can wait for it.
        if (body.dataLoss.some(({ shardId: lost }) => lost === parent) && !read.has(parent)) continue;
        if (parentBefore !== undefined ? parentBefore.life !== 'ended' : after.has(parent)) {
          report('S9', `${shardId} is read in batch ${body.batchId}, its parent ${parent} had not ended before`);
        }
      }
    }
    for (const shard of before.values()) this.#checkCarried(body, shard, after.get(shard.shardId), read);
  }

  /** S8: whatever names a shard says of which source. */
  #checkNames(body: BatchBody, blocks: readonly BlockSummary[]): void {
    const results = blocks.flatMap(({ shards, failedShards }) => [...shards, ...failedShards]);
    for (const { source, shardId } of [...body.shards, ...body.dataLoss, ...body.failedShards, ...results])
      if (source !== 'main') this.#parts.report('S8', `batch ${body.batchId}: ${shardId} of source ${source}`);
  }

  #checkCarried(
    body: BatchBody,
    before: ShardCheckpoint,
    now: ShardCheckpoint | undefined,
    read: ReadonlySet<string>,
  ): void {
    const { report } = this.#parts;
    const { shardId } = before;
    const truth = this.#truth().find((shard) => shard.shardId === shardId);
    const isGone = truth?.isExpired === true;
    if (now === undefined) {
      if (!isGone || before.life !== 'ended') report('S8', `${shardId} vanished from batch ${body.batchId}`);
    } else if (!read.has(shardId) && !isSamePlace(placeOf(now), placeOf(before))) {
      const isLost = isGone && body.dataLoss.some((loss) => loss.shardId === shardId);
      if (!isLost) report('S8', `${shardId} moved in batch ${body.batchId} without being read`);
    }
  }

  /** W1: nothing that is still to be read, and nothing that can still be put, is older. */
  #checkWatermark(body: BatchBody): void {
    const { report, scenario, now } = this.#parts;
    const before = this.#previous?.watermarkOut ?? null;
    const watermark = body.watermarkOut;
    if (watermark === null) {
      if (before !== null) report('W2', `the watermark ${before} is forgotten`);
      return;
    }
    if (before !== null && watermark < before) report('W2', `watermark ${before} → ${watermark}`);
    if (watermark > now() - scenario.delayMs && body.kind === 'read') {
      report('W1', `watermark ${watermark} at ${now()}: events of ${watermark - 1} may still come`);
    }
    for (const shard of this.#truth()) {
      const checkpoint = body.shards.find(({ shardId }) => shardId === shard.shardId);
      const read =
        checkpoint === undefined ? this.#passedBy(shard) : indexOf(shard, placeOf(checkpoint), this.#readOf(shard));
      for (let at = Math.max(read.read, shard.trimmed); at < shard.records.length; at++) {
        const { events, strays, repeats } = this.#parts.ledger.record(shard.records[at]!.sequenceNumber);
        const older = events.find(
          (event, place) =>
            event.fate === 'counted' &&
            event.isPunctual &&
            event.at < watermark &&
            !strays.has(place) &&
            repeats?.has(place) !== true &&
            !(at === read.read && place < read.within),
        );
        if (older !== undefined) report('W1', `event ${older.id} at ${older.at} is unread at watermark ${watermark}`);
      }
    }
  }

  /** closing: who closes all windows has read what was there when he began; what comes later is late. */
  #checkClosing(body: BatchBody, startedAt: number): void {
    const { report, dimensions } = this.#parts;
    // A run that has an end goes on to it, whoever finishes it.
    const since = this.#runBound?.provesEndFrom ?? startedAt;
    dimensions.count('windows closed on request');
    if (body.watermarkOut !== endOfTime) report('closing', `windows are closed up to ${body.watermarkOut} only`);
    for (const shard of this.#truth()) {
      const read = Math.max(this.#passedBy(shard).read, shard.trimmed);
      const left = shard.records.findIndex(({ putAt }, at) => at >= read && putAt <= since);
      if (left >= 0)
        report('closing', `${shard.shardId}: windows are closed before record ${left}, which was there before`);
    }
  }

  /** W1: of a merge's child nobody knows yet which of its parents' producers will be behind. */
  #checkUnreadChildren(body: BatchBody): void {
    const markOf = new Map(
      body.shards.map(({ shardId, watermark: mark }) => [shardId, mark ?? Number.NEGATIVE_INFINITY]),
    );
    for (const { life, shardId, parents, watermark: mark } of body.shards) {
      if (life !== 'unread' || mark === null) continue;
      const ahead = parents.find((parent) => mark > (markOf.get(parent) ?? Number.POSITIVE_INFINITY));
      if (ahead !== undefined) this.#parts.report('W1', `${shardId} stands at ${mark}, ahead of its parent ${ahead}`);
    }
  }

  /** The events between the checkpoint before and this one; notes how far each shard is read now. */
  #takeContent(body: BatchBody): Contained[] {
    const { report, ledger, scenario } = this.#parts;
    const delivered = this.#delivered.get(body.ref) ?? new Set();
    // What had left the stream before there was a pipeline is no loss of its. (Its clock says when that was.)
    const oldest = this.#createdAt + scenario.maxClockSkewMs - scenario.retentionMs;
    const contained: Contained[] = [];
    let resentElsewhere = 0;
    let [repeated, unidentified] = [0, 0];
    for (const shard of this.#truth()) {
      const checkpoint = body.shards.find(({ shardId }) => shardId === shard.shardId);
      if (checkpoint === undefined) continue;
      const before = this.#readOf(shard);
      const { jumps, ...reach } = indexOf(shard, placeOf(checkpoint), before);
      if (jumps)
        report('S8', `${shard.shardId}: the position of batch ${body.batchId} jumps over records or an open end`);
      this.#checkEnd(shard, before.read, reach.read);
      if (isBefore(reach, before)) report('S8', `${shard.shardId} goes back in batch ${body.batchId}`);
      let lost = 0;
      for (let at = before.read; at < reach.read + Number(reach.within > 0); at++) {
        // Inside of it, where it was before: nothing was read.
        if (at === before.read && at === reach.read && reach.within <= before.within) continue;
        const { sequenceNumber, putAt, arrivalTime: arrival } = shard.records[at]!;
        if (delivered.has(sequenceNumber)) {
          const { events, strays, repeats, identified } = ledger.record(sequenceNumber);
          const from = at === before.read ? before.within : 0;
          const to = at === reach.read ? reach.within : events.length;
          for (let sub = from; sub < to; sub++) {
            if (strays.has(sub)) resentElsewhere += 1;
            else if (repeats?.has(sub) === true) repeated += 1;
            else {
              if (identified?.has(sub) !== true) unidentified += 1;
              const place = { shardId: shard.shardId, sequenceNumber, sub };
              const event = this.#parts.redrive.fateIn(body.ref, events[sub]!);
              contained.push({ event, ...place, arrival, batchId: body.batchId });
            }
          }
        } else if (at < shard.trimmed) lost += putAt < oldest ? 0 : 1;
        else report('S8', `${shard.shardId}: record ${sequenceNumber} was passed over in batch ${body.batchId}`);
      }
      if (lost > 0 && !body.dataLoss.some(({ shardId }) => shardId === shard.shardId)) {
        report(
          'loss',
          `${shard.shardId}: ${lost} records left the stream unread, and batch ${body.batchId} does not say so`,
        );
      }
      this.lost += lost;
      this.#readUpTo.set(shard.shardId, reach);
      if (reach.within > 0) this.#parts.dimensions.count('ends inside a record');
      if (this.#start !== undefined && isSamePlace(placeOf(checkpoint), this.#start)) {
        this.#isAtStart.add(shard.shardId);
      } else this.#isAtStart.delete(shard.shardId);
    }
    if (resentElsewhere !== body.resentElsewhere) {
      report(
        'counts',
        `batch ${body.batchId}: ${body.resentElsewhere} events of other shards; there were ${resentElsewhere}`,
      );
    }
    if (scenario.deduplicates === true) this.#checkRepeats(body, { repeated, unidentified });
    this.resentElsewhere += resentElsewhere;
    this.#reportsLoss ||= body.dataLoss.length > 0;
    for (const { shardId } of this.#parts.mayMiss ? [] : body.dataLoss)
      report('loss', `batch ${body.batchId} reports one of ${shardId}, which was read all the time`);
    this.#delivered.delete(body.ref);
    return contained;
  }

  /** REPEAT-1, REPEAT-2: of all copies the first one is read, in the whole of the stream. */
  #checkRepeats({ batchId, ref, repeats: told, shardsRead }: BatchBody, right: RepeatCounts): void {
    const { report, stored, dimensions } = this.#parts;
    dimensions.count('repeats that are dropped', right.repeated);
    const { repeated, unidentified } = told ?? noRepeats;
    const isTold = told !== undefined || shardsRead === 0;
    if (!isTold || repeated !== right.repeated || unidentified !== right.unidentified)
      report('repeats', `batch ${batchId}: ${JSON.stringify(told)}; what was put comes to ${JSON.stringify(right)}`);
    const progress = stored.progress(batchId, ref);
    if (progress !== undefined && (progress.repeated ?? 0) !== repeated)
      report('repeats', `batch ${batchId} reports ${progress.repeated} repeats of ${repeated}`);
  }

  /** run: nothing is read past the first record that arrived at the run's end or later. What retention took was not read. */
  #checkEnd(shard: StoredShard, before: number, read: number): void {
    const runBound = this.#runBound;
    if (runBound === undefined) return;
    const from = Math.max(before, shard.trimmed);
    const end = shard.records.findIndex(({ arrivalTime }, at) => at >= from && arrivalTime >= runBound.timestamp);
    if (end >= 0 && read > end)
      this.#parts.report('run', `${shard.shardId}: read to ${read}, past the run's end at ${end}`);
  }

  #checkReport(body: BatchBody, contained: readonly Contained[]): void {
    const { report, stored, scenario } = this.#parts;
    const content = new Map<string, ContentOfShard>();
    for (const { shardId, event } of contained) {
      const sum = content.get(shardId) ?? { events: 0, bytes: 0 };
      sum.events += 1;
      sum.bytes += event.payload.length;
      content.set(shardId, sum);
    }
    const progress = stored.progress(body.batchId, body.ref);
    checkReport(progress, body, content, {
      report,
      isPlain: scenario.perRecord === 1 && scenario.deduplicates !== true,
    });
    checkSizes(progress, body, stored, report);
    checkSteps(progress, body, {
      ...{ report, entered: this.#parts.entered },
      isOwn: stored.head()?.epoch === body.ref,
      latest: this.#parts.now() + scenario.maxClockSkewMs,
    });
    if (scenario.reference !== undefined)
      checkReferences(progress, body, this.#parts.sink.referencesOf(body.batchId, body.ref), report);
  }

  /** What is too large for an item lies in parts beside it. */
  #payloadOf(item: NonNullable<ReturnType<Stored['item']>>, { pk, sk }: ReturnType<typeof deadLetterKey>): Buffer {
    const parts = Array.from({ length: Number(item.parts?.N) }, (_, part) =>
      part === 0 ? item : this.#parts.stored.item({ pk, sk: `${sk}#${padChunk(part)}` }),
    );
    return Buffer.concat(parts.map((part) => part?.payload?.B ?? new Uint8Array()));
  }

  #checkDeadLetters(contained: readonly Contained[]): void {
    const { report, stored } = this.#parts;
    for (const { event, shardId, sequenceNumber, sub } of contained) {
      if (event.fate !== 'dead-letter') continue;
      const key = deadLetterKey(pipelineName, { source: 'main', shardId, sequenceNumber, subSequenceNumber: sub });
      const item = stored.item(key);
      if (item === undefined && this.#mayHaveExpired()) continue;
      if (item !== undefined) this.#checkKeeping(event, item);
      if (!key.sk.startsWith(`main#${shardId}#`) || (item !== undefined && item.sourceId?.S !== 'main'))
        report('dead letters', `event ${event.id}: its letter is not under its source: ${key.sk}`);
      const isWhole = item !== undefined && Buffer.compare(this.#payloadOf(item, key), this.#keptOf(event)) === 0;
      const reason = event.isDeadly === true ? 'crashed-executor' : event.reason;
      const found = item?.reason?.S;
      const hasReason = found !== undefined && (reason === undefined ? found !== 'crashed-executor' : found === reason);
      if (!isWhole || !hasReason) report('dead letters', `event ${event.id} has none, or not its payload or reason`);
      if (event.isDeadly) this.#checkDeaths(event);
    }
  }

  /** What its letter has of an event. */
  #keptOf({ payload }: PutEvent): Uint8Array {
    return this.#parts.scenario.keptLetters?.payload === 'none' ? new Uint8Array() : payload;
  }

  #mayHaveExpired(): boolean {
    const { scenario, now } = this.#parts;
    return now() - this.#createdAt >= letterRetentionMs(scenario) - 2 * scenario.maxClockSkewMs - 1_000;
  }

  /** Of one without its payload it is known how large that was, and no message quotes it. How long it is kept is looked at where it is put. */
  #checkKeeping({ id, payload }: PutEvent, { message, payloadBytes }: StoredItem): void {
    const { report, scenario, dimensions } = this.#parts;
    if (scenario.keptLetters?.hours !== undefined) dimensions.count('letters that are kept for another time');
    if (scenario.keptLetters?.payload !== 'none') return;
    dimensions.count('letters without their payload');
    if (message?.S !== '' || Number(payloadBytes?.N) !== payload.length)
      report('letters', `event ${id}: its letter has ${payloadBytes?.N} bytes and says '${message?.S}'`);
  }

  /** deaths: an event that kills is not believed at once. */
  #checkDeaths({ id }: PutEvent): void {
    const { report, scenario, ledger } = this.#parts;
    const apartMs = 60_000 - 2 * scenario.maxClockSkewMs;
    let counted = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const at of ledger.deathsOf(id)) {
      if (at - last < apartMs) continue;
      counted += 1;
      last = at;
    }
    if (counted < 3) report('deaths', `event ${id} is a letter after ${counted} deaths that count`);
  }

  /** Each dead letter has a reason in the report, and its example is one of them. */
  #checkTally(body: BatchBody, contained: readonly Contained[]): void {
    const { report, stored } = this.#parts;
    const told = stored.progress(body.batchId, body.ref)?.deadLetters ?? [];
    const sum = told.reduce((total, { count }) => total + count, 0);
    if (sum !== body.counters.deadLettered)
      report('counts', `batch ${body.batchId}: ${body.counters.deadLettered} dead letters, of which ${sum} by reason`);
    const dead = contained.filter(({ event }) => event.fate === 'dead-letter');
    const isKnown = dead.every(({ event }) => event.reason !== undefined);
    for (const { reason, count, example } of told) {
      const right = dead.filter(({ event }) => event.reason === reason).length;
      if (isKnown && count !== right)
        report('counts', `batch ${body.batchId}: ${count} of ${reason}; what was put comes to ${right}`);
      const found = stored.item(deadLetterKey(pipelineName, example));
      if (found?.reason?.S !== reason && !this.#mayHaveExpired())
        report('dead letters', `the example of ${reason} is no letter: ${JSON.stringify(example)}`);
    }
  }

  /** M1 */
  #checkMapped(body: BatchBody, contained: readonly Contained[]): void {
    for (const { event, shardId, sequenceNumber, sub } of contained) {
      if (
        event.fate === 'counted' &&
        !this.#parts.sink.hasEvent(`${shardId} ${sequenceNumber} ${sub}`, this.#recordsOf(event))
      )
        this.#parts.report('M1', `event ${event.id} is committed and not in the sink`);
    }
    const counted = contained.filter(({ event }) => event.fate === 'counted');
    const places = this.#placesOf(counted);
    this.#parts.sealedOutputs.committed(body, mainOutput, places);
    this.#parts.eventView.committed(body.batchId, counted);
    // The first output takes all that comes to it.
    if (body.counters.emitted !== places.length)
      this.#parts.report('counts', `batch ${body.batchId}: ${body.counters.emitted} emitted, not ${places.length}`);
    this.#checkFurtherEvents(body, contained);
  }

  /** Of the records that an output has of these. */
  #placesOf(all: readonly Contained[]): readonly string[] {
    return all.flatMap(({ event, shardId, sequenceNumber, sub }) =>
      Array.from({ length: this.#recordsOf(event) }, (_, index) => `${shardId} ${sequenceNumber} ${sub} ${index}`),
    );
  }

  /** That an output has of an event which it takes. */
  #recordsOf({ id }: PutEvent): number {
    return this.#parts.scenario.hasElements === true ? elementsIn(id) : 1;
  }

  /** Of the events that came to the outputs, the second one has those that its filter takes. */
  #checkFurtherEvents(body: BatchBody, contained: readonly Contained[]): void {
    const { report, furtherSink, scenario } = this.#parts;
    if (scenario.further === undefined) return;
    const counted = contained.filter(({ event }) => event.fate === 'counted');
    const audited = counted.filter(({ event }) => isAudited(scenario, event));
    this.#parts.dimensions.count('a second output', audited.length);
    this.#parts.sealedOutputs.committed(body, furtherName, this.#placesOf(audited));
    const isBeside = scenario.sealed?.includes(mainOutput) !== scenario.sealed?.includes(furtherName);
    if (isBeside) this.#parts.dimensions.count('outputs that are sent to while reading beside them', audited.length);
    for (const { event, shardId, sequenceNumber, sub } of audited) {
      if (!furtherSink.hasEvent(`${shardId} ${sequenceNumber} ${sub}`, this.#recordsOf(event)))
        report('outputs', `event ${event.id} is committed and not in the second output`);
    }
    const recordsIn = (of: readonly Contained[]): number =>
      of.reduce((sum, { event }) => sum + this.#recordsOf(event), 0);
    const all = { emitted: recordsIn(counted), filtered: 0, refused: 0, made: recordsIn(counted) - counted.length };
    const own = { ...all, emitted: recordsIn(audited), filtered: recordsIn(counted) - recordsIn(audited) };
    checkOutputCounts(body, this.#parts, { main: all, [furtherName]: own });
  }
}
