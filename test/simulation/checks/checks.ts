/** All checks of a run, told of every request, every change of the table and every execution's end. */
import { isDeepStrictEqual } from 'node:util';
import { toHead } from '../../../functions/adapters/dynamodb/head-item.ts';
import { planKey } from '../../../functions/adapters/dynamodb/keys.ts';
import type { Head } from '../../../functions/core/model.ts';
import type { Fenced } from '../../../functions/operations/fence.ts';
import { mainOutput } from '../../../functions/pipeline/outputs.ts';
import { mainSource } from '../../../functions/pipeline/sources.ts';
import type { DeliveredEntry } from '../services/delivery/delivered.ts';
import type { Change, SimulatedDynamodb } from '../services/dynamodb/simulated-dynamodb.ts';
import { sequenceNumberParts } from '../services/kinesis/sequence-number.ts';
import type { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.ts';
import type { SimulatedObject } from '../services/s3/simulated-bucket.ts';
import type { StoredObject } from '../services/s3/simulated-s3.ts';
import type { Execution } from '../services/step-functions/simulated-step-functions.ts';
import { recordsWithin } from '../world/aggregated-output.ts';
import type { Request } from '../world/calls.ts';
import { detachedName } from '../world/detaching.ts';
import type { Dimensions } from '../world/dimensions.ts';
import { furtherSinkName, lateSinkName } from '../world/further-output.ts';
import type { Invocation } from '../world/invocation.ts';
import type { Ledger } from '../world/ledger.ts';
import { letterSinkName } from '../world/letter-output.ts';
import type { Outcome } from '../world/network.ts';
import { type Scenario, sinkName, sourceName } from '../world/scenario.ts';
import type { Trace } from '../world/trace.ts';
import { waveFailure } from '../world/waves.ts';
import { BlameChecks } from './blame-checks.ts';
import { BucketCheck } from './bucket-check.ts';
import { CommittedChain } from './committed-chain.ts';
import { DetachedCheck } from './detached-check.ts';
import { DocumentedChecks } from './documented-checks.ts';
import { EventViewCheck } from './event-view-check.ts';
import { FilesCheck } from './files-check.ts';
import { FurtherSinkChecks } from './further-sink-checks.ts';
import { HeadChecks } from './head-checks.ts';
import { LateSinkChecks } from './late-sink-checks.ts';
import { LetterSinkChecks } from './letter-sink-checks.ts';
import { MetricsCheck } from './metrics-check.ts';
import { checkLasting, LiveStates, PurgedStates } from './purge-checks.ts';
import { RedriveCheck } from './redrive-check.ts';
import { SealedOutputCheck } from './sealed-check.ts';
import { SinkChecks, type SinkEntry } from './sink-checks.ts';
import { pipelineName, Stored, tableName } from './stored.ts';
import { TableLevel } from './table-level.ts';
import { checkView } from './view-check.ts';
import type { Violation } from './violation.ts';

export type ChecksParts = {
  readonly now: () => number;
  readonly scenario: Scenario;
  readonly kinesis: SimulatedKinesis;
  readonly dynamodb: SimulatedDynamodb;
  /** What the bucket of large values has, by key. */
  readonly bucket: ReadonlyMap<string, SimulatedObject>;
  readonly ledger: Ledger;
  readonly dimensions: Dimensions;
  readonly trace: Trace;
  /** What became of the records of a request to a sink that is no stream, by its answer. */
  readonly deliveredIn: (output: object) => readonly DeliveredEntry[] | undefined;
  /** Nothing goes wrong in this run. */
  readonly isCalm: boolean;
  /** By the code of that version. */
  readonly refusesLoss: (version: number) => boolean;
  /** Somebody was told of a state that does not fit, and has made room for it. */
  readonly hasRaisedMemory: () => boolean;
  /** What is no older than this is there whenever the pipeline comes back to it, and it can know that. */
  readonly keptFor: number;
  /** A window closes so soon after it may; undefined where that is not promised. */
  readonly closesWithinMs: number | undefined;
  readonly isHeldUp: () => boolean;
  /** See there. */
  readonly healsWithinMs: number | undefined;
  /** Whether this version of the code takes what others throw at. */
  readonly isMended?: (version: number) => boolean;
  /** The longest time in which it may be that nothing of a shard is read. */
  readonly stillFor: number;
  /** Something has happened after which outputs may come twice. */
  readonly mayRepeat: () => boolean;
};

export class Checks {
  readonly violations: Violation[] = [];
  readonly chain: CommittedChain;
  readonly sink: SinkChecks;
  readonly furtherSink: FurtherSinkChecks;
  readonly sealedOutputs: SealedOutputCheck;
  readonly #eventView: EventViewCheck;
  readonly lateSink: LateSinkChecks;
  readonly letterSink: LetterSinkChecks;
  readonly #files: FilesCheck;
  /** Whose request is being applied. */
  caller: Invocation | undefined;
  readonly #parts: ChecksParts;
  readonly #metrics: MetricsCheck;
  readonly #entered = new Map<string, Set<number>>();
  readonly #head: HeadChecks;
  readonly #documented: DocumentedChecks;
  readonly #blame: BlameChecks;
  readonly redrive: RedriveCheck;
  readonly #stored: Stored;
  readonly #detached: DetachedCheck | undefined;
  readonly #purgedStates: PurgedStates;
  readonly #liveStates: LiveStates;
  readonly #level: TableLevel;
  readonly #bucket: BucketCheck;
  /** Head changes in the middle of a request are looked at when the request's name is known. */
  #headChange: HeadChange | undefined;
  /** What became of the note of what keeps a batch up, by the commit that puts it. */
  readonly #troubles = new Map<string, Outcome['kind']>();
  #oldestRetainedBatch = -1;
  #regroupedAt = Number.NEGATIVE_INFINITY;
  /** Epochs in which records of another stream of the source's name were given out. */
  readonly #mixed = new Set<number>();

  /** A line of metrics, of a batch that is committed. */
  measured(line: string): void {
    this.#metrics.told(line);
  }

  /** A state of the machine, by whichever execution. */
  entered(state: string): void {
    const times = this.#entered.get(state) ?? new Set();
    this.#entered.set(state, times.add(this.#parts.now()));
  }

  constructor(parts: ChecksParts) {
    this.#parts = parts;
    const { now, scenario, kinesis, dynamodb, ledger, dimensions } = parts;
    const report = (invariant: string, detail: string) => this.report(invariant, detail);
    this.#stored = new Stored(dynamodb, parts.bucket);
    this.#metrics = new MetricsCheck(report, this.#stored);
    this.#purgedStates = new PurgedStates(scenario.reference === undefined);
    this.#files = new FilesCheck(report, dimensions);
    this.#liveStates = new LiveStates(parts.dimensions, this.#stored);
    this.#level = new TableLevel(parts.dimensions, this.#liveStates);
    this.#bucket = new BucketCheck({
      ...{ report, dimensions, scenario, live: this.#liveStates },
      objects: () => parts.bucket,
      head: () => this.#stored.head(),
      state: (...name) => this.#stored.state(...name),
    });
    this.#head = new HeadChecks({ report, now, maxClockSkewMs: scenario.maxClockSkewMs });
    const isSealed = (batchId: number, ref: number) => this.chain.isSealed(batchId, ref);
    this.sealedOutputs = new SealedOutputCheck({ report, dimensions, isSealed, outputs: scenario.sealed ?? [] });
    const sealed = this.sealedOutputs;
    this.#eventView = new EventViewCheck(report, scenario);
    this.sink = new SinkChecks({
      report,
      sealed,
      scenario,
      ledger,
      isSealed,
      isCommitted: (shardId, base) => this.chain.isCommittedPlace(shardId, base),
      isGone: (sequenceNumber) => this.chain.isGone(sequenceNumber),
      mayRepeat: parts.mayRepeat,
      dimensions,
    });
    this.#detached =
      scenario.detached &&
      new DetachedCheck({
        ...{ report, dimensions },
        output: detachedName(scenario.detached),
        givenUp: (from, upTo) => {
          if (detachedName(scenario.detached!) === mainOutput) this.sink.givenUp(from, upTo);
        },
      });
    const detached = this.#detached;
    this.furtherSink = new FurtherSinkChecks({
      report,
      scenario,
      isSealed,
      mayRepeat: parts.mayRepeat,
      sealed,
      detached,
    });
    this.lateSink = new LateSinkChecks({ report, mayRepeat: parts.mayRepeat });
    this.letterSink = new LetterSinkChecks({
      ...{ report, scenario, dimensions, isSealed, mayRepeat: parts.mayRepeat },
      isKept: (batch, part) => detached?.committed(batch, this.#stored.head(), part) === true,
    });
    this.redrive = new RedriveCheck({
      ...{ report, now, ledger, dimensions, stored: this.#stored, isCalm: parts.isCalm },
      isMended: parts.isMended ?? (() => false),
      deadlyLetters: parts.scenario.deadlyLetters?.how,
    });
    this.chain = new CommittedChain({
      ...{ report, now, scenario, kinesis, ledger, dimensions },
      closesWithinMs: parts.closesWithinMs,
      hasRaisedMemory: parts.hasRaisedMemory,
      isHeldUp: parts.isHeldUp,
      isPunctual: parts.isCalm,
      mayMiss: parts.stillFor >= parts.keptFor - quietHourMs || scenario.operations !== undefined,
      stored: this.#stored,
      entered: this.#entered,
      sink: this.sink,
      furtherSink: this.furtherSink,
      detached,
      sealedOutputs: this.sealedOutputs,
      eventView: this.#eventView,
      lateSink: this.lateSink,
      letterSink: this.letterSink,
      redrive: this.redrive,
    });
    this.#blame = new BlameChecks(report);
    this.#documented = new DocumentedChecks({ ...parts, report, stored: this.#stored });
    dynamodb.observe((change) => {
      if (change.table === tableName) this.#changed(change);
    });
  }

  report(invariant: string, detail: string): void {
    this.violations.push({ invariant, detail });
    this.#parts.trace.line(`VIOLATION ${invariant}: ${detail}`);
  }

  /** Until the table has answered, the note of a trouble counts as one that it did not take: a call may not come to it. */
  asked({ id }: Invocation, call: string): void {
    if (call === 'put-trouble' || call === 'load-trouble') this.#troubles.set(id, 'refused');
  }

  requested(invocation: Invocation, call: string, request: Request, outcome: Outcome): void {
    const result = outcome.kind === 'done' ? 'ok' : outcome.error.name;
    this.#parts.trace.line(`${invocation.id} ${call} ${result}`);
    if (call === 'put-plan') this.#planned(skOf(request), invocation);
    if (call === 'put-task') this.#head.planRequested(skOf(request), invocation);
    if (call === 'put-task') this.#documented.taskPlanned(skOf(request));
    this.#blame.requested(invocation, call, request);
    if (outcome.kind === 'refused') this.#refused(invocation, call, outcome.error);
    else if (call === 'read' || call === 'event') this.#delivered(invocation, call, request, outcome.output);
    else if (call === 'send') this.#sent(request, outcome.output);
    if (call === 'put-sent-note') this.#parts.dimensions.count('notes of what was sent');
    if (call === 'put-trouble') this.#troubles.set(invocation.id, outcome.kind);
    // What was read is to be put.
    if (call === 'load-trouble' && outcome.kind === 'done') this.#troubles.delete(invocation.id);
    if (call === 'renew' && outcome.kind === 'done') {
      this.#parts.dimensions.count('a narrow sink');
      this.#checkTrouble(invocation);
    }
    if (this.#headChange !== undefined) this.#headChanged(this.#headChange, call, invocation);
    this.#headChange = undefined;
  }

  #planned(sk: string, invocation: Invocation): void {
    this.#head.planRequested(sk, invocation);
    this.#documented.planned(sk, invocation);
    this.redrive.planned(Number(sk.split('#')[1]), invocation.version);
  }

  /** A plan that is passed on has no item that shows it. */
  planned(invocation: Invocation, answer: unknown): void {
    const { epoch, plan = '' } = answer as { readonly epoch?: number; readonly plan?: string };
    if (epoch === undefined || plan === '') return;
    this.#planned(planKey(pipelineName, epoch).sk, invocation);
    this.#stored.passedOn(epoch, plan);
    this.#parts.dimensions.count('plans that are passed on');
  }

  /** Whoever looks at a batch that goes back to its reducers sees why, if the table took it. The gathering step is no trouble. */
  #checkTrouble({ id }: Invocation): void {
    const { scenario, now } = this.#parts;
    const sealed = this.#stored.head()?.sealed;
    if (scenario.top !== undefined || scenario.otherTop !== undefined || sealed === undefined) return;
    const outcome = this.#troubles.get(id);
    if (outcome === undefined)
      this.report('trouble', `batch ${sealed.batchId} goes back to its reducers, and nothing says why`);
    const trouble = this.#stored.reduceTrouble();
    if (outcome !== 'done' || trouble?.kind !== 'reduce' || trouble.batchId !== sealed.batchId) return;
    const { since, at, left, groups } = trouble;
    if (since > at || at > now() + scenario.maxClockSkewMs || left < 1 || groups.length === 0)
      this.report('trouble', `${JSON.stringify(trouble)} of batch ${sealed.batchId}`);
  }

  objectPut(key: string): void {
    if (key.startsWith(`${pipelineName}@`)) return;
    this.#bucket.put(key, this.#oldestRetainedBatch);
  }

  objectDeleted(key: string): void {
    this.#bucket.deleted(key, this.#oldestRetainedBatch);
  }

  /** A file is read when it is there. */
  filePut(object: StoredObject, before: Uint8Array | undefined): void {
    const entries = this.#files.put(object, before);
    if (entries.length > 0) this.sink.requested(entries.map((entry) => ({ entry, isTaken: true })));
  }

  ended(execution: Execution): void {
    const { status, error = '', cause = '' } = execution;
    const reason = reasonOf(execution);
    this.#parts.trace.line(`${execution.id} ${status} ${error}`);
    if (status === 'TIMED_OUT') this.report('limits', `${execution.id} ran into its timeout`);
    if (error === 'DataLoss') this.#parts.dimensions.count('fails on data loss');
    if (reason === 'caught-up') this.#parts.dimensions.count('until caught up');
    if (reason === 'idle') this.#parts.dimensions.count('stop when idle');
    if (reason === 'idle') this.#documented.endedIdle(execution);
    if (reason === 'batch-reached') this.#parts.dimensions.count('until a batch');
    if (status === 'SUCCEEDED' && reason === 'ended')
      this.chain.runEnded(this.#stored.head()?.sources[mainSource].runBound);
    if (error === 'StateTooLarge') this.#parts.dimensions.count('states that do not fit');
    if (error === 'StateTooLarge' && this.#parts.scenario.reducerBytes !== undefined) return;
    if (status !== 'FAILED' || mayFailWith.has(error) || this.#isOfAnotherStream(execution)) return;
    if (error === 'DataLoss' && this.#mayHaveLost()) return;
    if (error === 'FingerprintChanged' && this.#isOtherwiseGrouped(execution, cause)) return;
    this.report('L2', `${execution.id} failed with ${error}: ${cause}`);
  }

  /** A command that was taken for dead has ended after all, or did so while the execution ran. */
  #isOtherwiseGrouped({ startedAt }: Execution, cause: string): boolean {
    const isRegrouped = this.#parts.scenario.operations !== undefined && cause.startsWith('parallelism: ');
    return isRegrouped || startedAt <= this.#regroupedAt;
  }

  /** There is none by this name, or it is another one. */
  #isOfAnotherStream({ error }: Execution): boolean {
    const { kinesis, dimensions } = this.#parts;
    const isGone = !kinesis.isThere(kinesis.first(sourceName));
    if (!isGone) return false;
    if (error === 'StreamRecreated') dimensions.count('a stream made anew');
    return error === 'StreamRecreated' || error === 'StreamNotFound';
  }

  /** Whoever began before has code for another number of key groups. */
  regrouped(at: number): void {
    this.#regroupedAt = at;
  }

  /** The operator has written it. */
  operated(control: Head['control']): void {
    this.#parts.trace.line(`operator ${control}`);
    this.#head.controlled(control);
    this.#headChange = undefined;
  }

  /** The command has ended: whoever drove the pipeline does so no more. */
  fenced({ driver }: Fenced): void {
    if (driver !== undefined) this.#parts.dimensions.count('drivers that are fenced');
    this.#head.fenced();
  }

  head(): Head | undefined {
    return this.#stored.head();
  }

  isComplete(): boolean {
    return this.chain.isComplete();
  }

  /** Everything is done, and nobody is at work on more. */
  drained(): void {
    this.chain.drained();
    this.#detached?.drained();
    const { scenario, dynamodb } = this.#parts;
    if (scenario.hasFiles === true && scenario.remade === undefined) this.#files.drained();
    // What was cut short with a sealed batch may have its rows in the view, which is written first, and not in the stream.
    if (scenario.hasView !== true || scenario.remade !== undefined) return;
    if (scenario.kind === 'map-only') this.#eventView.drained(dynamodb);
    else checkView(dynamodb, this.sink.fold, (invariant, detail) => this.report(invariant, detail));
  }

  /** Nothing that woke up later may have changed what was complete. */
  finished(): void {
    if (this.#stored.head() === undefined) this.report('P1', 'the head is gone');
    // Who was at work when the run was stopped may have sealed one more.
    if (this.#parts.scenario.remade === undefined && !this.chain.hasEverything())
      this.report('S8', `complete before, and not any more: ${this.chain.whatIsLeft()}`);
  }

  /** The pipeline asked to be stopped then, and stood still for so long that it must. */
  #mayHaveLost(): boolean {
    const { scenario, stillFor, keptFor } = this.#parts;
    return scenario.failOnDataLoss && stillFor >= keptFor - quietHourMs;
  }

  #changed(change: Change): void {
    // A savepoint is no pipeline that runs.
    if (change.pk.startsWith(`${pipelineName}@`)) return;
    const report = (invariant: string, detail: string) => this.report(invariant, detail);
    if (!this.redrive.isTakenLetter(change)) checkLasting(change, this.#oldestRetainedBatch, this.#parts.now(), report);
    this.#purgedStates.changed(change, report);
    this.#liveStates.changed(change, this.#oldestRetainedBatch, report);
    this.#documented.changed(change);
    this.#level.changed(change, this.#oldestRetainedBatch);
    this.#bucket.changed(change, this.#oldestRetainedBatch);
    if (change.sk !== 'HEAD' || change.pk !== pipelineName) return;
    this.#headChange = { before: headIn(change.before), after: headIn(change.after) };
    this.#oldestRetainedBatch = this.#headChange.after?.oldestRetainedBatch ?? -1;
  }

  #headChanged({ before, after }: HeadChange, call: string, invocation: Invocation): void {
    if (before === undefined || after === undefined) return;
    this.#head.changed({ before, after }, call, invocation);
    if (call !== 'commit') this.#detached?.headChanged(before, after, call);
    this.#documented.headChanged(before, after, call, invocation);
    const [ended, begun] = [before, after].map(({ sources }) => sources[mainSource].runBound);
    if (begun?.timestamp !== ended?.timestamp) this.chain.runBegins(ended, begun);
    if (after.purgedBelow > before.purgedBelow)
      this.#level.purged(after, (invariant, detail) => this.report(invariant, detail));
    const { sealed, committed } = after;
    if (sealed !== undefined && !isDeepStrictEqual(sealed, before.sealed)) {
      if (this.#mixed.has(sealed.ref))
        this.report('remade', `batch ${sealed.batchId}#${sealed.ref} has records of another stream`);
      this.chain.sealed(after, sealed, {
        startedAt: invocation.execution.startedAt,
        refusesLoss: this.#parts.refusesLoss(invocation.version),
      });
    }
    if (committed === undefined || committed.batchId === before.committed?.batchId) return;
    this.chain.committed(committed);
    this.#detached?.headChanged(before, after, call);
    this.#files.committed(committed);
    const body = this.#stored.body(committed.batchId, committed.ref);
    if (body !== undefined)
      this.#liveStates.committed(body, after, (invariant, detail) => this.report(invariant, detail));
    if (!this.#parts.isCalm) return;
    const { minBatchesToRetain } = this.#parts.scenario;
    this.#level.committed(before, minBatchesToRetain, (invariant, detail) => this.report(invariant, detail));
    this.#bucket.committed(before);
  }

  #delivered(invocation: Invocation, call: string, request: Request, output: object): void {
    const { epoch } = invocation.payload as { readonly epoch: number };
    const { Records = [] } = output as { readonly Records?: readonly Delivered[] };
    if (call === 'event') this.#parts.dimensions.count('fan-out', Records.length);
    if (this.#parts.scenario.fillBytes !== undefined && bytesOf(Records) > 2 ** 20)
      this.#parts.dimensions.count('pages above a mebibyte');
    const numbers = Records.map(({ SequenceNumber }) => SequenceNumber);
    // What comes again, since an idle position is a time, is skipped and no part of what is to be read.
    const fresh = numbers.filter((number) => !this.chain.wasRead(number));
    if (call === 'read') this.#documented.polled(invocation, iteratorOf(request), fresh);
    if (this.#areOfAnotherStream(numbers)) this.#mixed.add(epoch);
    this.chain.delivered(epoch, numbers);
  }

  #areOfAnotherStream(numbers: readonly string[]): boolean {
    const { scenario, kinesis } = this.#parts;
    if (scenario.remade === undefined) return false;
    const { number } = kinesis.first(sourceName);
    return numbers.some((text) => sequenceNumberParts(text)?.stream !== number);
  }

  #sent(request: Request, output: object): void {
    const delivered = this.#parts.deliveredIn(output);
    if (delivered !== undefined) {
      this.sink.requested(delivered);
      return;
    }
    const { StreamName, Records } = request.input as {
      readonly StreamName?: string;
      readonly Records: readonly SinkEntry[];
    };
    if (![sinkName, furtherSinkName, lateSinkName, letterSinkName].includes(StreamName ?? '')) return;
    const results = (output as { readonly Records: readonly { readonly SequenceNumber?: string }[] }).Records;
    const taken = Records.filter((_, at) => results[at]?.SequenceNumber !== undefined);
    if (StreamName === letterSinkName) for (const entry of taken) this.letterSink.arrived(entry);
    else if (StreamName === lateSinkName) for (const entry of taken) this.lateSink.arrived(entry);
    else if (StreamName === furtherSinkName) for (const entry of taken) this.furtherSink.arrived(entry);
    else
      this.sink.requested(
        Records.flatMap((record, at) => {
          const isTaken = results[at]?.SequenceNumber !== undefined;
          return this.#within(record).map((entry) => ({ entry, isTaken }));
        }),
      );
  }

  #within(record: SinkEntry): readonly SinkEntry[] {
    const { scenario, dimensions } = this.#parts;
    if (scenario.aggregates !== true || !hasKey(record)) return [record];
    // As it was given: a copy has not what an entry of the product makes when it is asked.
    const within = recordsWithin(record, (invariant, detail) => this.report(invariant, detail));
    if (within.length > 1) dimensions.count('an aggregated output', within.length);
    return within;
  }

  /** What no request of the product may run into, whatever goes wrong outside. */
  #refused(invocation: Invocation, call: string, error: Error): void {
    // subscribed: where one driver has the stream to itself and clocks are about right, no shard is subscribed to too soon.
    const isPunctual = this.#parts.isCalm && this.#parts.scenario.maxClockSkewMs <= 100;
    if (call === 'subscribe' && error.name === 'ResourceInUseException' && isPunctual)
      this.report('subscribed', `${invocation.id}: ${error.message}`);
    const asksForNothing = error.name === 'InvalidArgumentException' && error.message.startsWith('Limit ');
    if (error.name === 'ValidationException' || asksForNothing || (call === 'send' && tooMuch.has(error.name)))
      this.report('limits', `${invocation.id} ${call}: ${error.message}`);
  }
}

const hasKey = (record: SinkEntry): record is SinkEntry & { readonly PartitionKey: string } =>
  record.PartitionKey !== undefined;

type Delivered = { readonly SequenceNumber: string; readonly Data: Uint8Array };

const bytesOf = (records: readonly Delivered[]): number => records.reduce((sum, { Data }) => sum + Data.length, 0);

/** Requests to a sink that are larger than it takes, or have something wrong in them. */
const tooMuch = new Set(['InvalidArgumentException', 'RequestTooLargeException']);

type HeadChange = { readonly before: Head | undefined; readonly after: Head | undefined };

/** Before it stood still, a quiet shard may not have been written down for so long. */
const quietHourMs = 3_600_000;

/** Troubles that are passing; the next start goes on. */
const mayFailWith = new Set([
  ...['TemporaryFailure', 'ReferenceUnavailable', 'AllTasksFailed', 'TimeoutError', 'States.Timeout', waveFailure],
  ...[
    'Sandbox.Timedout',
    'Runtime.ExitError',
    'Lambda.Unknown',
    'Lambda.ServiceException',
    'Lambda.SdkClientException',
  ],
  ...['Lambda.ClientExecutionTimeoutException', 'Lambda.TooManyRequestsException'],
]);

const reasonOf = ({ output }: Execution): string | undefined =>
  (output as { readonly turn?: { readonly batch?: { readonly reason?: string } } } | undefined)?.turn?.batch?.reason;

const headIn = (item: Change['after']): Head | undefined => (item === undefined ? undefined : toHead(item as never));

const iteratorOf = ({ input }: Request): string => (input as { readonly ShardIterator?: string }).ShardIterator ?? '';

const skOf = ({ input }: Request): string =>
  (input as { readonly Item?: { readonly sk?: { readonly S?: string } } }).Item?.sk?.S ?? '';
