/**
 * One run: the product's own functions and state machine on simulated services, from the first put to the last commit.
 *
 *   0             faultsEnd                drained                end
 *   | put, reshard, faults | no faults: must become complete | stopped; zombies wake up and must change nothing |
 */

import type { Request as DriverRequest } from '../../../functions/core/driver.ts';
import { isHeld } from '../../../functions/core/head.ts';
import { functionTimeoutSeconds, type MicroBatch, microBatch } from '../../../state-machine/micro-batch.ts';
import { Checks } from '../checks/checks.ts';
import { tableName } from '../checks/stored.ts';
import type { CallFault, Fault } from '../faults/fault.ts';
import { Injector } from '../faults/injector.ts';
import { mayRepeatOutputs } from '../faults/repeats.ts';
import { Random } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import type { Delivered } from '../services/delivery/delivered.ts';
import { SimulatedDynamodb } from '../services/dynamodb/simulated-dynamodb.ts';
import { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.ts';
import type { Push, Subscription } from '../services/kinesis/subscription.ts';
import { SimulatedLambda } from '../services/lambda.ts';
import { SimulatedBucket } from '../services/s3/simulated-bucket.ts';
import { SimulatedS3 } from '../services/s3/simulated-s3.ts';
import { ServiceError } from '../services/service-error.ts';
import {
  type Execution,
  SimulatedStepFunctions,
  type TaskCall,
} from '../services/step-functions/simulated-step-functions.ts';
import { CalledFunction } from './called-function.ts';
import { eventOperation, isDelivery, type Request, stateBucketName } from './calls.ts';
import { setControl } from './control.ts';
import { deliveryServiceOf } from './delivery.ts';
import { type DetachCommand, DetachingOperator } from './detaching.ts';
import { Dimensions } from './dimensions.ts';
import { Functions, stepNames } from './functions.ts';
import { furtherSinkName, lateSinkName } from './further-output.ts';
import type { Invocation } from './invocation.ts';
import { Ledger } from './ledger.ts';
import { letterSinkName } from './letter-output.ts';
import { Network } from './network.ts';
import { type Operation, Operations, operateStep } from './operations.ts';
import { type HeadControl, Operator } from './operator.ts';
import { Producer } from './producer.ts';
import { applyQuirks, refusedShareOf } from './quirks.ts';
import { endOfOutages, isReferenceCalm } from './reference.ts';
import { requestAt } from './requests.ts';
import type { RunResult } from './run-result.ts';
import { givenConsumerName, type Scenario, sinkName, skewedBeforeSilenceMs, sourceName } from './scenario.ts';
import { Schedule } from './schedule.ts';
import { type SdkClients, takeOverSignals, takeOverTime } from './sdk-clients.ts';
import { type SentRecord, sentIn } from './sent-records.ts';
import { Trace } from './trace.ts';
import { viewTable } from './view.ts';
import { WaveRunner, widthOf } from './waves.ts';

export type RunOptions = {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly faults: readonly Fault[];
  /** The SDK's own clients, to go through them. */
  readonly sdk?: SdkClients;
  /** What another pipeline has sent: the source. */
  readonly sent?: readonly SentRecord[];
  /** Told of all that is sent, when it is taken. */
  readonly onSent?: (records: readonly SentRecord[]) => void;
  /** No run makes so many requests unless it turns in a circle. */
  readonly mostRequests?: number;
  /** Told of every line of the trace. */
  readonly onTrace?: (line: string) => void;
  /** Told of every request that a step has made, and of every event that was pushed to one. */
  readonly onRequest?: (step: string, request: Request) => void;
};

/** Local noon of nowhere: any time will do, as long as it is always the same. */
const startTime = Date.UTC(2026, 2, 1, 12);
const minBatches = 15;
const minuteMs = 60_000;
/** What a run may take after its faults have ended: leases, idle timeouts and a backlog, many times over. */
const leastDrainMs = 3_600_000;
/** Where starts are hours apart, so many of them. */
const drainStarts = 16;
const usualMostRequests = 400_000;

type WaveCall = { readonly StateMachineArn: string; readonly Input: string };

const operateTimeoutSeconds = 900;

const ownersCalls = new Set([
  'RegisterStreamConsumer',
  'DeregisterStreamConsumer',
  'ListTagsForResource',
  'TagResource',
]);

export class World {
  readonly scheduler: Scheduler;
  readonly options: RunOptions;
  readonly sdk: SdkClients | undefined;
  readonly random: Random;
  readonly kinesis: SimulatedKinesis;
  readonly dynamodb: SimulatedDynamodb;
  readonly s3 = new SimulatedS3((object, before) => this.checks.filePut(object, before));
  readonly bucket: SimulatedBucket;
  readonly injector: Injector;
  readonly network: Network;
  readonly lambda: SimulatedLambda;
  readonly stepFunctions: SimulatedStepFunctions;
  readonly waves: WaveRunner;
  readonly functions: Functions;
  readonly called: CalledFunction;
  readonly ledger = new Ledger();
  readonly dimensions: Dimensions;
  readonly checks: Checks;
  readonly trace: Trace;
  readonly schedule: Schedule;
  readonly begunAt: number;
  readonly #detaching: DetachingOperator;
  readonly #startTime: number;
  readonly #producer: Producer;
  readonly #operator: Operator;
  readonly #operations: Operations;
  /** From which version of the code on it is for how many key groups. */
  readonly #parallelisms: { readonly since: number; readonly parallelism: number }[];
  readonly #faultsEndAt: number;
  readonly #executions: Execution[] = [];
  readonly #machines: MicroBatch[] = [];
  /** The first version of the code that goes on when records were lost. */
  lossAcceptedSince = Number.POSITIVE_INFINITY;
  /** The first version of the code that takes what others throw at. */
  mendedSince = Number.POSITIVE_INFINITY;
  /** The first version of the code whose reducers have as much memory as it takes. */
  memoryRaisedSince = Number.POSITIVE_INFINITY;
  #version = 0;
  #isStopping = false;
  readonly #delivered = new WeakMap<object, Delivered>();
  #mayRepeatDelivered = false;
  readonly #deliver: (request: Request) => Delivered;
  #requests = 0;

  constructor(options: RunOptions) {
    this.options = options;
    this.sdk = options.sdk;
    const { seed, scenario, faults } = options;
    this.#parallelisms = [{ since: 0, parallelism: scenario.parallelism }];
    this.#startTime = scenario.startsAt ?? startTime;
    const startedAt = this.#startTime;
    this.begunAt = startedAt;
    const scheduler = new Scheduler(startedAt, options.sdk === undefined ? 'promises' : 'event loop');
    this.scheduler = scheduler;
    const now = () => Math.floor(scheduler.now);
    this.random = new Random(seed);
    this.dimensions = new Dimensions(scenario, faults);
    this.#faultsEndAt = startedAt + faultsEndOf(scenario, faults);
    this.trace = new Trace(now, options.onTrace);
    this.injector = new Injector(faults, { start: startedAt, endsAt: this.#faultsEndAt });
    const delivery = deliveryServiceOf(scenario, {
      now,
      random: this.random.fork('delivery'),
      oddUntil: this.#faultsEndAt,
    });
    this.#deliver = (request) => delivery!.take(request.operation, request.input, refusedShareOf(this, request));
    this.kinesis = new SimulatedKinesis({ now, random: this.random.fork('kinesis') });
    this.dynamodb = new SimulatedDynamodb({ now, random: this.random.fork('dynamodb') });
    this.bucket = new SimulatedBucket(now, {
      put: (key) => this.checks.objectPut(key),
      deleted: (key) => this.checks.objectDeleted(key),
    });
    const { shards, retentionMs, numbers } = scenario;
    this.kinesis.createStream(sourceName, { shards, retentionMs, numbers });
    this.kinesis.createStream(sinkName, {
      shards: scenario.sinkShards,
      retentionMs: 365 * 86_400_000,
      recordsASecond: scenario.sinkRecordsASecond,
    });
    if (scenario.hasLetterOutput === true)
      this.kinesis.createStream(letterSinkName, { shards: 1, retentionMs: 365 * 86_400_000 });
    if (scenario.hasLateOutput === true)
      this.kinesis.createStream(lateSinkName, { shards: 1, retentionMs: 365 * 86_400_000 });
    if (scenario.further !== undefined)
      this.kinesis.createStream(furtherSinkName, { shards: 1, retentionMs: 365 * 86_400_000 });
    this.dynamodb.createTable(tableName);
    if (scenario.hasView === true || scenario.calls !== undefined) this.dynamodb.createTable(viewTable);
    if (scenario.large !== undefined) {
      this.kinesis.truth(sourceName).maxRecordBytes = 10 * 1024 * 1024;
      this.kinesis.truth(sinkName).maxRecordBytes = scenario.large.sinkKiB * 1024;
    }
    if (scenario.hasGivenConsumer) {
      const StreamARN = this.kinesis.truth(sourceName).arn;
      this.kinesis.execute('RegisterStreamConsumer', { StreamARN, ConsumerName: givenConsumerName });
    }
    this.checks = new Checks({
      now,
      scenario,
      kinesis: this.kinesis,
      dynamodb: this.dynamodb,
      bucket: this.bucket.objects,
      ledger: this.ledger,
      dimensions: this.dimensions,
      trace: this.trace,
      deliveredIn: (output) => this.#delivered.get(output)?.entries,
      isCalm:
        faults.length === 0 &&
        scenario.detached === undefined &&
        scenario.operations?.some(({ kind }) => kind === 'fence') !== true &&
        isReferenceCalm(scenario) &&
        (scenario.waves?.troubleShare ?? 0) === 0 &&
        (scenario.delivery?.oddShare ?? 0) === 0,
      isMended: (version) => version >= this.mendedSince,
      refusesLoss: (version) => scenario.failOnDataLoss && version < this.lossAcceptedSince,
      hasRaisedMemory: () => this.memoryRaisedSince < Number.POSITIVE_INFINITY,
      keptFor: keptFor(scenario, faults),
      closesWithinMs: closesWithin(scenario, faults),
      // Between deaths in one call lies a minute, and one that hangs takes all of its round's time.
      isHeldUp: () => this.called.hasHeldUp,
      healsWithinMs: healsWithin(scenario, faults),
      stillFor: stillFor(scenario, faults),
      // An execution that failed, as one does that may invoke nothing for too long, is one that crashed.
      mayRepeat: () =>
        scenario.deadly !== undefined ||
        scenario.deadlyLetters !== undefined ||
        // A batch is made again that was about to be sealed, or sent again.
        scenario.operations?.some(({ kind }) => kind === 'call-off' || kind === 'fence') === true ||
        // Reducers of a wave without an answer may have sent.
        (scenario.waves?.troubleShare ?? 0) > 0 ||
        // Some key groups may have sent when it is detached.
        scenario.detached !== undefined ||
        // An event of which an output acknowledged some records, and not all, goes to it again.
        (scenario.hasElements === true && scenario.kind === 'map-only') ||
        this.#mayRepeatDelivered ||
        this.called.hasDied ||
        this.lambda.timeouts + this.lambda.failures > 0 ||
        this.#executions.some(({ status }) => status === 'FAILED') ||
        [...this.injector.hits.keys()].some(mayRepeatOutputs),
    });
    const strike = (fault: CallFault, invocation: Invocation) => this.#strike(fault, invocation);
    this.network = new Network({
      scheduler,
      random: this.random.fork('network'),
      injector: this.injector,
      dimensions: this.dimensions,
      apply: (request, invocation) => this.#apply(request, invocation),
      tookMs: (output) => this.#delivered.get(output)?.tookMs ?? 0,
      push: (subscription) => this.#push(subscription),
      observe: (invocation, call, request, outcome) => {
        options.onRequest?.(invocation.step, request);
        this.checks.requested(invocation, call, request, outcome);
      },
      asked: (invocation, call) => this.checks.asked(invocation, call),
      strike,
      tooLate: ({ id }, call) => this.checks.report('answered', `${id}: ${call} after its answer`),
      broken: (error) => this.checks.report('simulation', String((error as Error).stack)),
    });
    this.called = new CalledFunction({
      ...{ scheduler, dimensions: this.dimensions, random: this.random.fork('called') },
      kills: scenario.calls?.kills === true,
      report: (invariant, detail) => this.checks.report(invariant, detail),
      troubleUntil: faults.length === 0 ? 0 : this.#faultsEndAt,
    });
    this.functions = new Functions({ world: this, startTime: startedAt });
    this.lambda = new SimulatedLambda({
      scheduler,
      random: this.random.fork('lambda'),
      injector: this.injector,
      timeoutSeconds: {
        ...Object.fromEntries(stepNames.map(({ name, step }) => [step, functionTimeoutSeconds[name]])),
        [operateStep]: operateTimeoutSeconds,
      },
      run: (invocation) =>
        invocation.step === operateStep ? this.functions.operate(invocation) : this.functions.run(invocation),
      cut: ({ id }) => {
        if (!mayBeCut(scenario)) this.checks.report('answered', `${id}: cut before it had answered`);
      },
      strike,
      maxClockSkewMs: scenario.maxClockSkewMs,
      coldShare: scenario.coldShare ?? 0.03,
    });
    this.stepFunctions = new SimulatedStepFunctions({
      scheduler,
      random: this.random.fork('step-functions'),
      type: scenario.machine,
      task: (call) => this.#task(call),
      onState: (execution, state) => {
        this.trace.line(`${execution.id} ${state}`);
        this.checks.entered(state);
      },
    });
    this.waves = new WaveRunner({
      ...{ scheduler, dimensions: this.dimensions, stepFunctions: this.stepFunctions },
      random: this.random.fork('waves'),
      waves: scenario.waves,
      troubleUntil: this.#faultsEndAt,
    });
    this.schedule = new Schedule({
      scheduler,
      random: this.random.fork('schedule'),
      injector: this.injector,
      everyMs: scenario.scheduleMs,
      start: () => this.start(this.request()),
    });
    this.#producer = new Producer({
      scheduler,
      random: this.random.fork('producer'),
      scenario,
      kinesis: this.kinesis,
      ledger: this.ledger,
      dimensions: this.dimensions,
      mustGoOn: () =>
        this.#operator.remadeAt === undefined &&
        this.checks.chain.committedBatches < minBatches &&
        scheduler.now < this.#faultsEndAt + this.#drainMs / 2,
      pausedUntil: () => this.schedule.pausedUntil,
      sent: options.sent,
    });
    this.kinesis.quirks.arrivalSkewMs = () => this.#skew();
    this.kinesis.quirks.idleEventMs = scenario.idleEventMs;
    this.#operator = new Operator({
      scheduler,
      random: this.random.fork('operator'),
      scenario,
      kinesis: this.kinesis,
      dimensions: this.dimensions,
      head: this.#headControl(),
      trace: this.trace,
    });
    this.#detaching = new DetachingOperator({
      ...{ scheduler, scenario, dimensions: this.dimensions },
      run: (command) => this.#operate(command),
    });
    this.#operations = new Operations({
      ...{ scheduler, scenario, dimensions: this.dimensions, head: this.#headControl() },
      run: (operation) => this.#operate(operation),
      deploy: () => this.#deployForGroups(),
    });
  }

  parallelismOf(version: number): number {
    return this.#parallelisms.findLast(({ since }) => since <= version)!.parallelism;
  }

  async #operate(operation: Operation | DetachCommand): Promise<string | undefined> {
    const execution = { id: `operator-${operation.kind}`, status: 'RUNNING', startedAt: this.scheduler.now };
    this.trace.line(`${execution.id} begins`);
    if (operation.kind === 'redrive') this.#mend();
    try {
      await this.lambda.invoke(operateStep, operation, this.#version, execution as unknown as Execution);
      return undefined;
    } catch (error) {
      return (error as Error).name;
    } finally {
      execution.status = 'SUCCEEDED';
    }
  }

  #deployForGroups(): void {
    const parallelism = this.checks.head()?.parallelism;
    if (parallelism === undefined || parallelism === this.parallelismOf(this.#version)) return;
    this.#version += 1;
    this.#parallelisms.push({ since: this.#version, parallelism });
    this.checks.regrouped(this.scheduler.now);
  }

  async run(): Promise<RunResult> {
    const restoreTime = takeOverTime(this.scheduler, this.random.fork('timers'));
    const restoreSignals = this.options.scenario.delivery === undefined ? () => {} : takeOverSignals(this.scheduler);
    try {
      return await this.#run();
    } finally {
      restoreSignals();
      restoreTime();
    }
  }

  async #run(): Promise<RunResult> {
    this.#producer.start();
    this.#operator.start();
    this.#operations.start();
    this.#detaching.start();
    this.schedule.begin();
    for (const span of this.injector.spansOf('time-jump'))
      this.scheduler.at(this.#startTime + span.from, () => this.#outage(span.forMs));
    for (const span of this.injector.spansOf('ttl-sweep'))
      this.scheduler.at(this.#startTime + span.from, () => this.#sweep());
    const isOver = () => this.checks.violations.length > 0 || this.#isTooMuch() || this.#isDrained();
    const end = await this.scheduler.run(this.#faultsEndAt + this.#drainMs, isOver);
    if (end !== 'over' && this.checks.violations.length === 0) {
      this.checks.report(
        'L1',
        `not complete ${this.#drainMs / 60_000} minutes after the last fault: ${this.checks.chain.whatIsLeft()}`,
      );
    }
    if (this.checks.violations.length === 0) this.checks.drained();
    if (this.checks.violations.length === 0) await this.#wakeZombies();
    return this.#result();
  }

  get #drainMs(): number {
    return Math.max(leastDrainMs, drainStarts * (this.options.scenario.scheduleMs ?? 0));
  }

  /** What who starts an execution now asks for. */
  request(): DriverRequest {
    return requestAt(this.options.scenario, {
      since: this.scheduler.now - this.#startTime,
      isOver: this.#producer.isDone,
    });
  }

  #headControl(): HeadControl {
    return {
      setControl: (control) => {
        const isDone = setControl(this.dynamodb, control);
        if (isDone) this.checks.operated(control);
        return isDone;
      },
      isPlanned: () => this.checks.head() !== undefined,
      isStopped: () => this.checks.head()?.control === 'stop',
      isHeld: () => {
        const head = this.checks.head();
        return head !== undefined && isHeld(head, this.scheduler.now);
      },
      start: () => this.start(this.request()),
    };
  }

  start(request: DriverRequest, id?: string): void {
    // In an outage nothing runs, whoever would start it.
    if (this.#isStopping || this.#operations.isOperating || this.scheduler.now < this.schedule.pausedUntil) return;
    const { definition } = this.#machine(this.#version);
    const execution = this.stepFunctions.start(definition, request, id === undefined ? {} : { id });
    this.#executions.push(execution);
    void execution.ended.then(() => {
      this.checks.ended(execution);
      if (execution.error === 'DataLoss') this.#acceptLoss();
      if (execution.error === 'FingerprintChanged' && this.options.scenario.operations !== undefined)
        this.#deployForGroups();
      if (execution.error === 'StateTooLarge') this.#raiseMemory();
    });
  }

  /** Nothing more is started; what stands still somewhere wakes up, and must find that its time is over. */
  async #wakeZombies(): Promise<void> {
    this.#isStopping = true;
    this.schedule.stop();
    for (const execution of this.#executions) if (execution.status === 'RUNNING') this.stepFunctions.abort(execution);
    this.network.wakeAll();
    await this.scheduler.run(
      this.scheduler.now + 30 * 86_400_000,
      () => this.checks.violations.length > 0 || this.#isTooMuch(),
    );
    this.checks.finished();
  }

  #isDrained(): boolean {
    return (
      this.scheduler.now >= this.#faultsEndAt &&
      this.#producer.isDone &&
      this.#operator.isDone &&
      this.#operations.isDone &&
      this.#detaching.isDone &&
      Object.values(this.checks.head()?.detached ?? {}).every(({ attach }) => attach === undefined) &&
      (this.options.scenario.remade === undefined ? this.checks.isComplete() : this.#isRefused())
    );
  }

  /** Whoever began before is over, and who began since was refused: there is nothing more to be done with this stream. */
  #isRefused(): boolean {
    const at = this.#operator.remadeAt ?? Number.POSITIVE_INFINITY;
    const isOver = this.#executions.every(({ status, startedAt }) => startedAt >= at || status !== 'RUNNING');
    return isOver && this.#executions.some(({ error, startedAt }) => startedAt >= at && error === 'StreamRecreated');
  }

  #isTooMuch(): boolean {
    const { mostRequests = usualMostRequests } = this.options;
    if (this.#requests < mostRequests) return false;
    this.checks.report('L1', `${mostRequests} requests: the run turns in a circle: ${this.checks.chain.whatIsLeft()}`);
    return true;
  }

  #apply(request: Request, invocation: Invocation): object {
    this.#requests += 1;
    const restore = applyQuirks(this, request);
    this.checks.caller = invocation;
    try {
      if (request.service === 'kinesis') {
        if (this.options.scenario.hasGivenConsumer) this.#asAnotherAccount(request);
        const output = this.kinesis.execute(request.operation, request.input);
        this.options.onSent?.(sentIn(request, output, this.scheduler.now));
        return output;
      }
      if (isDelivery(request.service)) return this.#take(request);
      if (request.service === 's3') return this.#storeOf(request).execute(request.operation, request.input);
      return this.dynamodb.execute(request.operation, request.input);
    } finally {
      this.checks.caller = undefined;
      restore();
    }
  }

  #storeOf({ input }: Request): Pick<SimulatedS3, 'execute'> {
    return (input as { readonly Bucket?: string }).Bucket === stateBucketName ? this.bucket : this.s3;
  }

  #take(request: Request): object {
    const delivered = this.#deliver(request);
    this.#mayRepeatDelivered ||= delivered.mayRepeat === true;
    this.#delivered.set(delivered.output, delivered);
    return delivered.output;
  }

  /** What a resource policy of the owner allows is to describe the consumer and to subscribe by it, no more. */
  #asAnotherAccount({ operation }: Request): void {
    if (operation === 'DescribeStreamConsumer') this.dimensions.count("another account's consumer");
    if (!ownersCalls.has(operation)) return;
    throw new ServiceError('AccessDeniedException', `${operation} is not allowed to another account`);
  }

  /** Kinesis does it, at its own time; no request asks for it. */
  #push(subscription: Subscription): Push | undefined {
    if (subscription.nextAt() > this.kinesis.now) return undefined;
    applyQuirks(this, { service: 'kinesis', operation: eventOperation, input: {} });
    return subscription.take();
  }

  async #task({ resource, parameters, execution }: TaskCall): Promise<unknown> {
    if (resource.endsWith('states:startExecution'))
      return this.#continueAsNew(parameters as { readonly Input: DriverRequest });
    if (resource.endsWith('sfn:startSyncExecution')) return this.#runWave(parameters as WaveCall);
    const { FunctionName, Payload } = parameters as { readonly FunctionName: string; readonly Payload: unknown };
    const [step = '', version = '0'] = FunctionName.split(':');
    return { StatusCode: 200, Payload: await this.lambda.invoke(step, Payload, Number(version), execution) };
  }

  #runWave({ StateMachineArn, Input }: WaveCall): Promise<unknown> {
    return this.waves.run(this.#machine(this.#version).waves[StateMachineArn]!, Input);
  }

  async #continueAsNew({ Input }: { readonly Input: DriverRequest }): Promise<unknown> {
    await this.scheduler.sleep(this.random.int(5, 50));
    this.start(Input);
    if (this.injector.spanAt('double-schedule', this.scheduler.now) !== undefined) this.start(Input);
    return { ExecutionArn: 'successor' };
  }

  #machine(version: number): MicroBatch {
    const known = this.#machines[version];
    if (known !== undefined) return known;
    const functions = Object.fromEntries(stepNames.map(({ name, step }) => [name, `${step}:${version}`]));
    const { scenario } = this.options;
    const width = widthOf(scenario);
    const machine = microBatch({
      ...{ functions: functions as never, type: scenario.machine },
      ...(width === undefined ? {} : { width }),
    });
    this.#machines[version] = machine;
    return machine;
  }

  #strike({ kind }: CallFault, { execution }: Invocation): void {
    const { id } = execution;
    if (kind === 'abort' || kind === 'halt') this.stepFunctions.abort(execution);
    if (kind === 'restart') {
      this.stepFunctions.abort(execution);
      this.scheduler.at(this.scheduler.now + this.random.span(10, 60_000), () => this.start(this.request(), id));
    }
    if (kind === 'twin') this.start(this.request(), id);
    if (kind === 'deploy') this.#version += 1;
    if (kind === 'deregistered') this.#operator.deregister();
  }

  /** What the operator does who is told that records are lost: says so in the code, and deploys it. */
  #acceptLoss(): void {
    if (this.#version >= this.lossAcceptedSince) return;
    this.#version += 1;
    this.lossAcceptedSince = this.#version;
  }

  /** The same definition, which each second version has, and code that takes what it threw at. */
  #mend(): void {
    if (this.#version >= this.mendedSince) return;
    this.#version += 2;
    this.mendedSince = this.#version;
  }

  /** The same definition, which each second version has, and more memory. */
  #raiseMemory(): void {
    if (this.#version >= this.memoryRaisedSince) return;
    this.#version += 2;
    this.memoryRaisedSince = this.#version;
  }

  /** Nothing runs for so long: retention and expiry pass over what is left. */
  #outage(ms: number): void {
    this.injector.count('time-jump');
    for (const execution of this.#executions) if (execution.status === 'RUNNING') this.stepFunctions.abort(execution);
    this.schedule.pauseUntil(this.scheduler.now + ms);
  }

  #skew(): number {
    const size = this.injector.spanAt('skew', this.scheduler.now);
    if (size === undefined) return 0;
    this.injector.count('skew');
    const falling = this.#lastStamp(size);
    if (falling !== undefined) return falling;
    // As far off as it may be, as often as not: two stamps are further out of order than chance would have them.
    return this.random.chance(0.5) ? this.random.pick([-size, size]) : this.random.int(-size, size);
  }

  #lastStamp(size: number): number | undefined {
    const { silence, lastStamps } = this.options.scenario;
    if (silence === undefined || lastStamps === undefined) return undefined;
    const left = (this.#startTime + silence.from - this.scheduler.now) / skewedBeforeSilenceMs;
    return left < 0 || left > 1 ? undefined : Math.round((2 * left - 1) * size);
  }

  #sweep(): void {
    this.injector.count('ttl-sweep');
    this.dynamodb.sweepExpired(0);
  }

  #result(): RunResult {
    const { checks, ledger, injector, lambda, trace } = this;
    const outcome = {
      seed: this.options.seed,
      violations: checks.violations,
      hits: injector.hits,
      events: ledger.events,
      batches: checks.chain.committedBatches,
      isCutShort: this.options.scenario.remade !== undefined,
      reshards: this.#operator.reshards,
      late: checks.chain.late,
      lost: checks.chain.lost,
      resentElsewhere: checks.chain.resentElsewhere,
      outputs: checks.sink.outputs,
      executions: this.#executions.length,
      invocations: lambda.invocations,
      requests: this.#requests,
      virtualMs: this.scheduler.now - this.#startTime,
      traceHash: trace.hash(),
    };
    return { ...outcome, dimensions: this.dimensions.of(outcome) };
  }
}

/** Some triggers and batches later, where nothing but stamps goes wrong and nothing particular is asked for. */
function closesWithin(scenario: Scenario, faults: readonly Fault[]): number | undefined {
  const { kind, triggerMs, maxClockSkewMs, reshards, perRecord, isKpl, shards, request } = scenario;
  const isAsked = [scenario.stops, scenario.closing, scenario.untilBatch, scenario.stopWhenIdleMs, scenario.scheduleMs];
  const isSlow = [
    scenario.remade,
    scenario.sinkRecordsASecond,
    scenario.hotShare,
    scenario.farShare,
    scenario.retentions,
    // Between deaths of one event or row lies a minute.
    scenario.deadly,
    scenario.deadlyRow,
    scenario.delivery,
    scenario.operations,
    scenario.detached,
  ];
  const isPlain = [...isAsked, ...isSlow].every((corner) => corner === undefined) && request.untilCaughtUp !== true;
  const isFew = reshards.length === 0 && shards < 10 && (perRecord === 1 || !isKpl) && scenario.maxFetch > 1;
  const isInTime = triggerMs < minuteMs && maxClockSkewMs <= 1_000 && !scenario.availableNow;
  const isWellStamped = faults.every((fault) => fault.kind === 'skew');
  if (!isReferenceCalm(scenario) || (scenario.waves?.troubleShare ?? 0) > 0) return undefined;
  if (kind !== 'windowed' || !isPlain || !isFew || !isInTime || !isWellStamped) return undefined;
  return 3 * triggerMs + (scenario.consumerType === 'GetRecords' ? 30_000 : 60_000);
}

/** A longer retention counts once the pipeline has seen it, which it does within a minute if it runs. */
function keptFor({ retentionMs, retentions = [] }: Scenario, faults: readonly Fault[]): number {
  const [first, ...others] = retentions;
  const jumps = faults.flatMap((fault) => (fault.kind === 'time-jump' && 'from' in fault ? [fault.from] : []));
  const isSeen = first !== undefined && others.length === 0 && jumps.every((from) => from > first.at + minuteMs);
  return isSeen ? first.hours * 60 * minuteMs : retentionMs;
}

/** The longest time in which it may be that nothing of a shard is read. */
function stillFor({ scheduleMs = minuteMs, stops = [], detached }: Scenario, faults: readonly Fault[]): number {
  const spans = faults.map((fault) => ('from' in fault ? fault.forMs : 0));
  const outages = (detached?.outages ?? []).map(({ from, until }) => until - from);
  return Math.max(4 * scheduleMs, ...outages.map((ms) => 2 * ms), ...spans, ...stops.map(({ forMs }) => forMs));
}

/**
 * A lost execution is replaced by the first start after its lease: within a minute, and the schedule's own precision of
 * one. Only where executions are lost and nothing else goes wrong; one that is lost at its first step has no successor yet.
 */
function healsWithin(scenario: Scenario, faults: readonly Fault[]): number | undefined {
  const { scheduleMs = minuteMs, stops = [], maxClockSkewMs } = scenario;
  if (
    stops.length > 0 ||
    scenario.remade !== undefined ||
    scenario.operations !== undefined ||
    scenario.detached !== undefined ||
    (scenario.waves?.troubleShare ?? 0) > 0 ||
    !isReferenceCalm(scenario) ||
    faults.some(({ kind }) => kind !== 'halt' && kind !== 'abort')
  )
    return undefined;
  const early = faults.filter((fault) => 'step' in fault && fault.step === 'plan-batch').length;
  return (early + 1) * scheduleMs + minuteMs + 2 * maxClockSkewMs;
}

/** User code that never comes back takes whoever runs it along. */
const mayBeCut = ({ deadly, deadlyRow, deadlyLetters }: Scenario): boolean =>
  [deadly, deadlyRow, deadlyLetters].some((corner) => corner !== undefined);

/** When the last event is put, or the last span of a fault is over; strikes at calls end with the former. */
function faultsEndOf(scenario: Scenario, faults: readonly Fault[]): number {
  const spans = faults.map((fault) => ('from' in fault ? fault.from + fault.forMs : 0));
  return Math.max(scenario.durationMs + 10_000, endOfOutages(scenario), ...spans);
}
