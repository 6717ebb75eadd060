/**
 * Puts the scenario's events into the source stream at their times, bursts and pauses included, and goes on with single
 * events until enough batches are committed.
 */
import { packEvents } from '../../../functions/core/pack-events.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.ts';
import { md5 } from './digest.ts';
import type { Dimensions } from './dimensions.ts';
import { Kpl } from './kpl.ts';
import type { Ledger, PutEvent } from './ledger.ts';
import { filteredValue, poisonKey, type SimulatedEvent } from './pipelines.ts';
import { maxFutureMs, type Scenario, skewedBeforeSilenceMs, sourceName } from './scenario.ts';

const encoder = new TextEncoder();
const retryMs = 300;
const trickleMs = 3_000;
const lastWords = 3;

type Kind = 'punctual' | 'tardy' | 'future' | 'malformed' | 'filtered';

export class Producer {
  readonly #parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly scenario: Scenario;
    readonly kinesis: SimulatedKinesis;
    readonly ledger: Ledger;
    readonly dimensions: Dimensions;
    readonly mustGoOn: () => boolean;
    /** While the pipeline stands still, nothing is to be gained by going on. */
    readonly pausedUntil: () => number;
  };
  readonly #kpl: Kpl | undefined;
  #open = 0;
  #nextId = 0;
  #isTrickling = false;
  #startedAt = 0;

  constructor(parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly scenario: Scenario;
    readonly kinesis: SimulatedKinesis;
    readonly ledger: Ledger;
    readonly dimensions: Dimensions;
    readonly mustGoOn: () => boolean;
    readonly pausedUntil: () => number;
  }) {
    this.#parts = parts;
    const { isKpl, perRecord } = parts.scenario;
    this.#kpl = isKpl && perRecord > 1 ? new Kpl(parts) : undefined;
  }

  get isDone(): boolean {
    return this.#open === 0 && !this.#isTrickling && (this.#kpl?.isIdle ?? true);
  }

  start(): void {
    const { random, scenario, scheduler } = this.#parts;
    let left = scenario.events;
    // A KPL packs what is there, whoever put it.
    const most = this.#kpl === undefined ? scenario.perRecord : 3 * scenario.perRecord;
    const start = scheduler.now;
    this.#startedAt = start;
    for (let record = 0; left > 0; record++) {
      const size = Math.min(left, random.int(1, most));
      left -= size;
      this.#open += 1;
      // Some come in bursts at full seconds, the others spread out.
      const at = random.next() * scenario.durationMs;
      const byChance = random.chance(0.3) ? Math.floor(at / 10_000) * 10_000 : Math.floor(at);
      const after = scenario.everyMs === undefined ? byChance : record * scenario.everyMs;
      scheduler.at(start + after, () => this.#put(size));
    }
    this.#sayLastWords(start);
    this.#isTrickling = true;
    scheduler.at(start + scenario.durationMs, () => this.#trickle());
  }

  /** Of keys that fall silent for good: several records each, whose stamps may be in any order. */
  #sayLastWords(start: number): void {
    const { random, scenario, scheduler } = this.#parts;
    const { silence } = scenario;
    if (silence === undefined || silence.until < Number.POSITIVE_INFINITY) return;
    for (let key = 0; key < silence.keys; key++) {
      for (let event = 0; event < lastWords; event++) {
        this.#open += 1;
        scheduler.at(start + silence.from - random.int(0, skewedBeforeSilenceMs), () =>
          this.#put(1, this.#nameOf(key)),
        );
      }
    }
  }

  #trickle(): void {
    const { scheduler, mustGoOn, pausedUntil } = this.#parts;
    this.#isTrickling = mustGoOn();
    if (!this.#isTrickling) return;
    this.#open += 1;
    this.#put(1);
    scheduler.at(Math.max(scheduler.now, pausedUntil()) + trickleMs, () => this.#trickle());
  }

  #put(size: number, only?: string): void {
    if (this.#kpl === undefined) {
      this.#putOneRecord(size, only);
      return;
    }
    this.#open -= 1;
    this.#kpl.send(Array.from({ length: size }, () => this.#makeEvent(only ?? this.#drawKey())));
  }

  #putOneRecord(size: number, only: string | undefined): void {
    const { kinesis, ledger, random, scenario, scheduler } = this.#parts;
    const key = only ?? this.#drawKey();
    const events = Array.from({ length: size }, () => this.#makeEvent(key));
    const packs = packEvents(
      events.map(({ payload }) => ({ partitionKey: key, data: payload })),
      { maxEvents: Math.max(1, scenario.perRecord) },
      md5,
    );
    const [pack] = packs;
    try {
      const answer = kinesis.execute('PutRecord', {
        StreamName: sourceName,
        PartitionKey: key,
        Data: pack!.data,
      }) as { readonly ShardId: string; readonly SequenceNumber: string };
      ledger.put({ shardId: answer.ShardId, sequenceNumber: answer.SequenceNumber, events, strays: new Set() });
      this.#open -= 1;
    } catch (error) {
      if ((error as Error).name !== 'ProvisionedThroughputExceededException') throw error;
      scheduler.at(scheduler.now + retryMs + random.int(0, retryMs), () => this.#put(size, only));
    }
  }

  #drawKey(): string {
    const { random, scenario, dimensions } = this.#parts;
    const silent = this.#silentKeys();
    if (silent > 0) dimensions.count('silent keys');
    return this.#nameOf(random.int(silent, scenario.keys - 1));
  }

  #nameOf(key: number): string {
    return this.#parts.scenario.hasPoison && key === 0 ? poisonKey : `key-${key}`;
  }

  #silentKeys(): number {
    const { scenario, scheduler } = this.#parts;
    const { silence } = scenario;
    const since = scheduler.now - this.#startedAt;
    return silence !== undefined && since >= silence.from && since < silence.until ? silence.keys : 0;
  }

  #makeEvent(key: string): PutEvent {
    const { random, scenario, scheduler } = this.#parts;
    const id = this.#nextId++;
    const kind = random.chance(scenario.oddShare)
      ? random.pick<Kind>(['tardy', 'future', 'malformed', 'filtered'])
      : 'punctual';
    const at = this.#timeOf(kind, scheduler.now);
    const value = kind === 'filtered' ? filteredValue : random.int(0, 99);
    const event: SimulatedEvent = { id, key, at, value };
    const isBad = kind === 'malformed';
    return {
      ...event,
      payload: encoder.encode(
        isBad ? random.pick([`{"id":${id}`, `{"id":${id},"key":7}`, 'no json', '']) : JSON.stringify(event),
      ),
      fate: this.#fateOf(kind, key),
      isPunctual: kind === 'punctual',
    };
  }

  #timeOf(kind: Kind, now: number): number {
    const { random, scenario } = this.#parts;
    if (kind === 'tardy') return Math.floor(now - scenario.delayMs - random.int(1, 4 * scenario.windowMs));
    if (kind === 'future') return Math.floor(now + maxFutureMs + 3_600_000);
    const at = Math.floor(now - random.int(0, scenario.delayMs));
    return random.chance(0.3) ? this.#onAnEdge(at, Math.floor(now)) : at;
  }

  /** At the end of a window, or where the event moves the watermark there: a millisecond before, on it, or after. */
  #onAnEdge(at: number, now: number): number {
    const { random, scenario } = this.#parts;
    const { windowMs, delayMs } = scenario;
    const edge =
      Math.floor(at / windowMs) * windowMs + (random.chance(0.5) ? delayMs % windowMs : 0) + random.int(-1, 1);
    return edge <= now && edge >= now - delayMs ? edge : at;
  }

  #fateOf(kind: Kind, key: string): PutEvent['fate'] {
    const { kind: pipeline, hasPoison } = this.#parts.scenario;
    if (kind === 'malformed') return 'dead-letter';
    if (kind === 'filtered') return 'filtered';
    if (kind === 'future' && (pipeline === 'windowed' || pipeline === 'wide')) return 'dead-letter';
    if (pipeline === 'map-only' && hasPoison && key === poisonKey) return 'dead-letter';
    return 'counted';
  }
}
