/**
 * Puts the scenario's events into the source stream at their times, bursts and pauses included, and goes on with single
 * events until enough batches are committed.
 */

import { endOfTime } from '../../../functions/core/model.ts';
import { packEvents } from '../../../functions/core/pack-events.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.ts';
import { deadlyMark, deadlyRowKey } from './deadly-code.ts';
import { md5 } from './digest.ts';
import type { Dimensions } from './dimensions.ts';
import { elementsIn } from './elements.ts';
import { Kpl } from './kpl.ts';
import type { Ledger, PutEvent } from './ledger.ts';
import { hasOddTexts, writtenOddly, writtenWrongly } from './odd-texts.ts';
import { type BadPayload, drawBadPayload, drawOddValue, unwelcomeFields } from './odd-values.ts';
import { brokenValue, deadlyLetterValue, filteredValue, poisonKey, type SimulatedEvent } from './pipelines.ts';
import { Replay } from './replay.ts';
import { maxFutureMs, type Scenario, skewedBeforeSilenceMs, sourceName } from './scenario.ts';
import type { SentRecord } from './sent-records.ts';
import { hasEventTime, type SimulatedWindows, widestWindowMs, windowsIn } from './window-kinds.ts';

const encoder = new TextEncoder();
const retryMs = 300;
const trickleMs = 3_000;
const lastWords = 3;
/** All events that are put together make one record. */
const maxRecordBytes = 1_000_000;
const usualBursts = { everyMs: 10_000, share: 0.3 };
const hotKey = 'key-1';

/** The first and the last moment that have a date, what lies beyond, and times before 1970. */
const farTimes = [
  0,
  -1,
  -0.5,
  -1.5,
  -86_400_000,
  -(2 ** 40),
  2 ** 40,
  -endOfTime,
  endOfTime,
  endOfTime + 1,
  -endOfTime - 1,
  1e16,
  -1e300,
];

/** Of bytes that can be read. */
const readable = ['tardy', 'future', 'filtered'] as const;
const odd = ['tardy', 'future', 'malformed', 'filtered'] as const;

type Kind = 'far' | 'punctual' | 'tardy' | 'future' | 'malformed' | 'filtered';

export class Producer {
  readonly #parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly scenario: Scenario;
    readonly kinesis: SimulatedKinesis;
    readonly ledger: Ledger;
    readonly dimensions: Dimensions;
    readonly mustGoOn: () => boolean;
    /** What another pipeline has sent, in the place of what the scenario says. */
    readonly sent?: readonly SentRecord[] | undefined;
    /** While the pipeline stands still, nothing is to be gained by going on. */
    readonly pausedUntil: () => number;
  };
  readonly #kpl: Kpl | undefined;
  readonly #replay: Replay | undefined;
  readonly #far: Random;
  readonly #large: Random;
  readonly #broken: Random;
  readonly #deadlyLetters: Random;
  readonly #texts: Random;
  #open = 0;
  #nextId = 0;
  #isTrickling = false;
  #startedAt = 0;
  readonly #deadlyKeys = new Set<string>();
  readonly #windows: SimulatedWindows;
  /** By key: when its last event was. */
  readonly #lastOf = new Map<string, number>();

  constructor(parts: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly scenario: Scenario;
    readonly kinesis: SimulatedKinesis;
    readonly ledger: Ledger;
    readonly dimensions: Dimensions;
    readonly mustGoOn: () => boolean;
    readonly pausedUntil: () => number;
    readonly sent?: readonly SentRecord[] | undefined;
  }) {
    this.#parts = parts;
    const { isKpl, perRecord } = parts.scenario;
    this.#windows = windowsIn(parts.scenario);
    this.#far = parts.random.fork('far');
    this.#large = parts.random.fork('large');
    this.#broken = parts.random.fork('broken');
    this.#deadlyLetters = parts.random.fork('deadly letters');
    this.#texts = parts.random.fork('texts');
    this.#kpl = isKpl && perRecord > 1 ? new Kpl(parts) : undefined;
    const { sent } = parts;
    const makeEvent = (key: string): PutEvent => this.#makeEvent(key, false, readable);
    this.#replay = sent && new Replay({ ...parts, random: parts.random.fork('replay'), makeEvent, sent });
  }

  get isDone(): boolean {
    return this.#open === 0 && !this.#isTrickling && (this.#kpl?.isIdle ?? true) && (this.#replay?.isDone ?? true);
  }

  start(): void {
    const { random, scenario, scheduler } = this.#parts;
    this.#replay?.start();
    let left = this.#replay === undefined ? scenario.events : 0;
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
      const { everyMs, share } = scenario.bursts ?? usualBursts;
      const byChance = random.chance(share) ? Math.floor(at / everyMs) * everyMs : Math.floor(at);
      const spread = scenario.everyMs === undefined ? byChance : record * scenario.everyMs;
      const after = scenario.isBacklog === true ? Math.floor(at / 100) % 1_000 : spread;
      scheduler.at(start + after, () => this.#put(size));
    }
    this.#sayLastWords(start);
    this.#putDeadlyRows(start);
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

  #putDeadlyRows(start: number): void {
    const { scenario, scheduler } = this.#parts;
    for (const at of scenario.deadlyRow?.at ?? []) {
      this.#open += 1;
      scheduler.at(start + at, () => this.#put(1, deadlyRowKey));
    }
  }

  #trickle(): void {
    const { scheduler, mustGoOn, pausedUntil, scenario } = this.#parts;
    this.#isTrickling = mustGoOn();
    if (!this.#isTrickling) return;
    this.#open += 1;
    this.#put(1);
    scheduler.at(Math.max(scheduler.now, pausedUntil()) + Math.max(trickleMs, (scenario.scheduleMs ?? 0) / 4), () =>
      this.#trickle(),
    );
  }

  #put(size: number, only?: string): void {
    if (this.#kpl === undefined) {
      this.#putOneRecord(size, only);
      return;
    }
    this.#open -= 1;
    const deadly = Math.min(1, this.#deadlyEvents(''));
    if (deadly > 0) this.#deadlyKeys.add('');
    this.#kpl.send(Array.from({ length: size }, (_, at) => this.#makeEvent(only ?? this.#drawKey(), at < deadly)));
  }

  /** How many events of a record of this key are to be deadly. */
  #deadlyEvents(key: string): number {
    const { scheduler, scenario } = this.#parts;
    const { deadly } = scenario;
    if (deadly === undefined || scheduler.now - this.#startedAt < deadly.at) return 0;
    return this.#deadlyKeys.size < (deadly.records ?? 1) && !this.#deadlyKeys.has(key) ? deadly.events : 0;
  }

  #putOneRecord(size: number, only: string | undefined): void {
    const { kinesis, ledger, random, scenario, scheduler } = this.#parts;
    const key = only ?? this.#drawKey();
    const deadly = this.#deadlyEvents(key);
    const events = Array.from({ length: size }, (_, at) => this.#makeEvent(key, at < deadly));
    const packs = packEvents(
      events.map(({ payload }) => ({ partitionKey: key, data: payload })),
      { maxEvents: Math.max(1, scenario.perRecord), maxBytes: maxRecordBytes },
      md5,
    );
    const [pack] = packs;
    // A packer would wrap what begins like an aggregate, so that it arrives whole.
    const isBroken = events[0]?.reason === 'corrupt-aggregated-record';
    try {
      const answer = kinesis.execute('PutRecord', {
        StreamName: sourceName,
        PartitionKey: key,
        Data: isBroken ? events[0]!.payload : pack!.data,
      }) as { readonly ShardId: string; readonly SequenceNumber: string };
      ledger.put({ shardId: answer.ShardId, sequenceNumber: answer.SequenceNumber, events, strays: new Set() });
      if (deadly > 0) this.#deadlyKeys.add(key);
      this.#open -= 1;
    } catch (error) {
      // Nobody keeps what there is no stream for.
      if ((error as Error).name === 'ResourceNotFoundException' && scenario.remade !== undefined) {
        this.#open -= 1;
        return;
      }
      if ((error as Error).name !== 'ProvisionedThroughputExceededException') throw error;
      scheduler.at(scheduler.now + retryMs + random.int(0, retryMs), () => this.#put(size, only));
    }
  }

  #drawKey(): string {
    const { random, scenario, dimensions } = this.#parts;
    if (scenario.hotShare !== undefined && random.chance(scenario.hotShare)) {
      dimensions.count('a hot shard');
      return hotKey;
    }
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

  #makeEvent(partitionKey: string, isDeadly: boolean, oddKinds: readonly Kind[] = odd): PutEvent {
    const { random, scenario, scheduler } = this.#parts;
    const id = this.#nextId++;
    const usual = random.chance(scenario.oddShare) ? random.pick(oddKinds) : 'punctual';
    const drawn = scenario.farShare !== undefined && this.#far.chance(scenario.farShare) ? 'far' : usual;
    const kind = isDeadly ? 'punctual' : drawn;
    const key = isDeadly ? `${deadlyMark} ${partitionKey}` : partitionKey;
    const at = this.#timeOf(kind, partitionKey, scheduler.now);
    this.#lastOf.set(partitionKey, at);
    const isBroken = kind === 'punctual' && !isDeadly && this.#isBroken();
    const isDeadlyAgain = isBroken && this.#isDeadlyAgain();
    const broken = isDeadlyAgain ? deadlyLetterValue : brokenValue;
    const value = isBroken ? broken : kind === 'filtered' ? filteredValue : this.#drawValue();
    const pad = kind === 'punctual' ? this.#drawPad() : undefined;
    const event: SimulatedEvent = { id, key, at, value, ...(pad === undefined ? {} : { pad }) };
    const fill = scenario.large?.areInputs === true && pad !== undefined ? pad : scenario.fillBytes;
    const filled = fill === undefined ? event : { ...event, text: 'y'.repeat(fill) };
    const bad = kind === 'malformed' ? this.#badPayload(event) : undefined;
    const sent = scenario.oddValues === undefined ? filled : { ...filled, ...unwelcomeFields };
    const own = this.#fateOf(kind, { id, key, at });
    const fate = isDeadly || this.#isTooLarge(pad) ? 'dead-letter' : own;
    const ofOutput = fate === own ? this.#reasonOf(kind, fate) : 'output-too-large';
    const reason = isDeadly ? 'crashed-executor' : (bad?.reason ?? ofOutput);
    return {
      ...event,
      payload: bad?.payload ?? encoder.encode(this.#textOf(sent)),
      fate,
      ...(reason === undefined ? {} : { reason }),
      isPunctual: kind === 'punctual',
      ...(isDeadly ? { isDeadly } : {}),
      ...(isBroken ? { isBroken } : {}),
      ...(isDeadlyAgain ? { isDeadlyAgain } : {}),
    };
  }

  #isDeadlyAgain(): boolean {
    const { deadlyLetters } = this.#parts.scenario;
    return deadlyLetters !== undefined && this.#deadlyLetters.chance(deadlyLetters.share);
  }

  #badPayload(event: SimulatedEvent): BadPayload {
    const { random, scenario } = this.#parts;
    const bad = drawBadPayload(random, scenario, event);
    if (!hasOddTexts(scenario) || this.#texts.chance(0.5)) return bad;
    return { reason: 'invalid-json', payload: encoder.encode(writtenWrongly(this.#texts, event)) };
  }

  #textOf(sent: object): string {
    const { scenario, dimensions } = this.#parts;
    if (!hasOddTexts(scenario) || this.#texts.chance(0.5)) return JSON.stringify(sent);
    dimensions.count('events that are written oddly');
    return writtenOddly(this.#texts, sent);
  }

  #isBroken(): boolean {
    const { brokenShare } = this.#parts.scenario;
    return brokenShare !== undefined && this.#broken.chance(brokenShare);
  }

  /** Clear of all limits, which the name of an output counts in. */
  #drawPad(): number | undefined {
    const { scenario, dimensions } = this.#parts;
    if (scenario.large === undefined || !this.#large.chance(scenario.large.share)) return undefined;
    dimensions.count('records above a mebibyte');
    return this.#large.pick([1_300_000, 1_700_000, 2_500_000]);
  }

  #isTooLarge(pad: number | undefined): boolean {
    const { large } = this.#parts.scenario;
    return pad !== undefined && large !== undefined && pad > large.sinkKiB * 1024;
  }

  #drawValue(): number {
    const { random, scenario } = this.#parts;
    return scenario.oddValues === undefined ? random.int(0, 99) : drawOddValue(random);
  }

  #reasonOf(kind: Kind, fate: PutEvent['fate']): PutEvent['reason'] {
    if (fate !== 'dead-letter' || kind === 'far') return undefined;
    return kind === 'future' && hasEventTime(this.#parts.scenario) ? 'event-time-in-future' : 'callback-failed';
  }

  #timeOf(kind: Kind, key: string, now: number): number {
    const { random, scenario, dimensions } = this.#parts;
    if (kind === 'far') {
      dimensions.count('far event times');
      return this.#far.pick([...farTimes, now - this.#far.next()]);
    }
    if (kind === 'tardy') return Math.floor(now - scenario.delayMs - random.int(1, 4 * widestWindowMs(scenario)));
    if (kind === 'future') return Math.floor(now + maxFutureMs + 3_600_000);
    const at = Math.floor(now - random.int(0, scenario.delayMs));
    return random.chance(0.3) ? this.#onAnEdge(at, key, Math.floor(now)) : at;
  }

  /** At the end of a window, or where the event moves the watermark there: a millisecond before, on it, or after. */
  #onAnEdge(at: number, key: string, now: number): number {
    const { random, scenario } = this.#parts;
    const { windowMs, slideMs = windowMs, delayMs } = scenario;
    const off = (random.chance(0.5) ? delayMs % slideMs : 0) + random.int(-1, 1);
    const before = this.#windows.edgeBefore(at, this.#lastOf.get(key));
    if (before === undefined) return at;
    const edge = before + off;
    return edge <= now && edge >= now - delayMs ? edge : at;
  }

  #fateOf(kind: Kind, { id, key, at }: Pick<SimulatedEvent, 'id' | 'key' | 'at'>): PutEvent['fate'] {
    const { scenario } = this.#parts;
    const { kind: pipeline, hasPoison } = scenario;
    const isTimed = hasEventTime(scenario);
    if (kind === 'malformed') return 'dead-letter';
    if (kind === 'filtered') return 'filtered';
    // Nobody asks when what has no elements happened.
    if (scenario.hasElements === true && elementsIn(id) === 0) return 'filtered';
    // Too far ahead, or no time at all.
    if (kind === 'far' && isTimed && at > this.#parts.scheduler.now + maxFutureMs) return 'dead-letter';
    if (kind === 'far' && isTimed && !this.#hasWindow(at)) return 'dead-letter';
    if (kind === 'future' && isTimed) return 'dead-letter';
    if (pipeline === 'map-only' && hasPoison && key === poisonKey) return 'dead-letter';
    return 'counted';
  }

  /** Of which the bounds have dates: of each, if there are several. */
  #hasWindow(at: number): boolean {
    if (Math.abs(at) > endOfTime) return false;
    return this.#windows.windowsOf(Math.floor(at)).every(([start, end]) => start >= -endOfTime && end <= endOfTime);
  }
}
