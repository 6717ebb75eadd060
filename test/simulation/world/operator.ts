/** Who reshards the streams. */
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SimulatedKinesis, StoredShard } from '../services/kinesis/simulated-kinesis.ts';
import type { Dimensions } from './dimensions.ts';
import { type Scenario, sinkName, sourceName } from './scenario.ts';
import type { Trace } from './trace.ts';

/** A run is to end in a few minutes. */
const mostShards = 8;
/** Of a stream and a day; a run is of one day, but for its outages. */
const mostScalings = 10;
const retryMs = 10_000;
const hourMs = 3_600_000;

/** What `sluice stop` and `sluice start` do. */
export type HeadControl = {
  /** False: the pipeline has never run. */
  readonly setControl: (control: 'run' | 'stop') => boolean;
  /** The pipeline has run. */
  readonly isPlanned: () => boolean;
  readonly isHeld: () => boolean;
  readonly isStopped: () => boolean;
  readonly start: () => void;
};

export class Operator {
  readonly #parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly scenario: Scenario;
    readonly kinesis: SimulatedKinesis;
    readonly dimensions: Dimensions;
    readonly head: HeadControl;
    readonly trace: Trace;
  };
  reshards = 0;
  /** When the source was created again; undefined if it was not. */
  remadeAt: number | undefined;
  #open = 0;
  #scalings = 0;

  constructor(parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly scenario: Scenario;
    readonly kinesis: SimulatedKinesis;
    readonly dimensions: Dimensions;
    readonly head: HeadControl;
    readonly trace: Trace;
  }) {
    this.#parts = parts;
  }

  get isDone(): boolean {
    return this.#open === 0;
  }

  start(): void {
    const { scheduler, scenario } = this.#parts;
    const begun = scheduler.now;
    const { stops = [], retentions = [] } = scenario;
    // A retention that changes in an outage changes with it, if there is one; nobody waits a day for it.
    this.#open = scenario.reshards.length + stops.length;
    if (scenario.remade !== undefined) {
      this.#open += 1;
      scheduler.at(begun + scenario.remade.at, () => this.#delete(scenario.remade!));
    }
    for (const { at, hours } of retentions) scheduler.at(begun + at, () => this.#keepFor(hours));
    for (const { at, forMs } of stops) scheduler.at(begun + at, () => this.#stop(forMs));
    for (const { at, kind } of scenario.reshards) {
      scheduler.at(begun + at, () => {
        this.#open -= 1;
        if (kind === 'merge') this.#merge();
        else if (kind === 'scale' && this.#scalings++ < mostScalings) this.#scale();
        else this.#split(kind === 'split-sink' ? sinkName : sourceName);
      });
    }
  }

  /** Until the pipeline has been there for the first time there is nothing to stop. */
  #stop(forMs: number): void {
    const { scheduler, dimensions, head } = this.#parts;
    if (!head.setControl('stop')) {
      scheduler.at(scheduler.now + retryMs, () => this.#stop(forMs));
      return;
    }
    dimensions.count('stops and starts');
    scheduler.at(scheduler.now + forMs, () => this.#start());
  }

  /** While somebody holds the lease, a start is refused. */
  #start(): void {
    const { scheduler, head } = this.#parts;
    if (head.isStopped() && head.isHeld()) {
      scheduler.at(scheduler.now + retryMs, () => this.#start());
      return;
    }
    // Somebody else may have started it meanwhile.
    if (head.isStopped()) {
      head.setControl('run');
      head.start();
    }
    this.#open -= 1;
  }

  /** A pipeline that begins later knows no other stream. */
  #delete(remade: NonNullable<Scenario['remade']>): void {
    const { kinesis, trace, scheduler, head } = this.#parts;
    if (!head.isPlanned()) {
      scheduler.at(scheduler.now + retryMs, () => this.#delete(remade));
      return;
    }
    const { afterMs, shards } = remade;
    kinesis.execute('DeleteStream', { StreamName: sourceName, EnforceConsumerDeletion: true });
    trace.line('source deleted');
    scheduler.at(scheduler.now + afterMs, () => {
      kinesis.createStream(sourceName, { shards });
      trace.line('source created again');
      this.remadeAt = scheduler.now;
      this.#open -= 1;
    });
  }

  #keepFor(hours: number): void {
    const { kinesis, trace, dimensions } = this.#parts;
    const isLonger = hours * hourMs > kinesis.truth(sourceName).retentionMs;
    const operation = isLonger ? 'IncreaseStreamRetentionPeriod' : 'DecreaseStreamRetentionPeriod';
    kinesis.execute(operation, { StreamName: sourceName, RetentionPeriodHours: hours });
    dimensions.count('retention changed');
    trace.line(`retention ${hours} h`);
  }

  #split(stream: string): void {
    const { random, kinesis, trace } = this.#parts;
    const shard = random.pick(this.#openShards(stream));
    const width = shard.hashRange.end - shard.hashRange.start;
    if (width < 8n) return;
    const at = shard.hashRange.start + 1n + (width * BigInt(random.int(20, 80))) / 100n;
    kinesis.execute('SplitShard', { StreamName: stream, ShardToSplit: shard.shardId, NewStartingHashKey: String(at) });
    if (stream === sourceName) this.reshards += 1;
    trace.line(`split ${stream} ${shard.shardId}`);
  }

  #merge(): void {
    const { random, kinesis, trace } = this.#parts;
    const open = this.#openShards(sourceName).sort((one, other) =>
      one.hashRange.start < other.hashRange.start ? -1 : 1,
    );
    if (open.length < 2) {
      this.#split(sourceName);
      return;
    }
    const at = random.int(0, open.length - 2);
    const input = {
      StreamName: sourceName,
      ShardToMerge: open[at]!.shardId,
      AdjacentShardToMerge: open[at + 1]!.shardId,
    };
    kinesis.execute('MergeShards', input);
    this.reshards += 1;
    trace.line(`merge ${input.ShardToMerge} ${input.AdjacentShardToMerge}`);
  }

  #scale(): void {
    const { random, kinesis, trace } = this.#parts;
    const open = this.#openShards(sourceName).length;
    const target = random.int(Math.ceil(open / 2), Math.min(2 * open, mostShards));
    const input = { StreamName: sourceName, TargetShardCount: target, ScalingType: 'UNIFORM_SCALING' };
    kinesis.execute('UpdateShardCount', input);
    this.reshards += 1;
    trace.line(`scale ${open} to ${target}`);
  }

  /** By mistake: the pipeline reads with it. */
  deregister(): void {
    const { kinesis, trace, scenario } = this.#parts;
    // Whose it is would have to tell everybody its new ARN.
    if (scenario.hasGivenConsumer) return;
    const { arn, consumers } = kinesis.truth(sourceName);
    for (const { name } of consumers.filter((consumer) => consumer.statusAt(kinesis.now) === 'ACTIVE')) {
      kinesis.execute('DeregisterStreamConsumer', { StreamARN: arn, ConsumerName: name });
      trace.line(`deregistered ${name}`);
    }
  }

  #openShards(stream: string): StoredShard[] {
    return this.#parts.kinesis.truth(stream).shards.filter(({ closedAt }) => closedAt === undefined);
  }
}
