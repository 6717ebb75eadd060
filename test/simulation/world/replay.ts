/**
 * Puts into the source what another pipeline has sent, with all its repeats: in that order, and on those keys. Beside it what a sender that
 * stands still for ever may still send (copies of any of it, at any time), and records of producers that write no identity, or none
 * that a sink would write.
 */
import { packEvents } from '../../../functions/core/pack-events.ts';
import type { EventIdentity } from '../../../functions/sinks/identity.ts';
import { withIdentity } from '../../../functions/sinks/identity-text.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.ts';
import { md5 } from './digest.ts';
import type { Dimensions } from './dimensions.ts';
import type { Ledger, PutEvent } from './ledger.ts';
import { type Scenario, sourceName } from './scenario.ts';
import type { SentRecord } from './sent-records.ts';

const retryMs = 300;
/** A sender that was stopped for hours is not waited for. */
const longestGapMs = 3_000;
const copies = 0.08;
const strangers = 0.04;
const maxRecordBytes = 1_000_000;

type Parts = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly scenario: Scenario;
  readonly kinesis: SimulatedKinesis;
  readonly ledger: Ledger;
  readonly dimensions: Dimensions;
  readonly makeEvent: (key: string) => PutEvent;
  readonly sent: readonly SentRecord[];
};

type ToPut = Pick<SentRecord, 'partitionKey'> & {
  readonly events: readonly PutEvent[];
  readonly names: readonly (string | undefined)[];
};

export class Replay {
  readonly #parts: Parts;
  readonly #events = new Map<string, PutEvent>();
  readonly #known = new Set<string>();
  #isDone = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  start(): void {
    const { scheduler, sent, scenario } = this.#parts;
    const gaps = sent.map(({ at }, place) => Math.min(longestGapMs, at - (sent[place - 1]?.at ?? at)));
    const whole = Math.max(
      1,
      gaps.reduce((sum, gap) => sum + gap, 0),
    );
    const start = scheduler.now;
    let passed = 0;
    const times = gaps.map((gap) => {
      passed += gap;
      return start + Math.floor((passed * scenario.durationMs) / whole);
    });
    this.#goOn(0, times);
  }

  /** One after the other: what is refused is put again before anything that comes behind it. */
  #goOn(from: number, times: readonly number[]): void {
    const { scheduler, sent } = this.#parts;
    const at = times[from];
    if (at === undefined) {
      this.#isDone = true;
      return;
    }
    scheduler.at(Math.max(scheduler.now, at), () => {
      const upTo = this.#packedUpTo(from, times);
      const records = [this.#pack(sent.slice(from, upTo)), ...this.#others(upTo)];
      this.#putAll(records, () => this.#goOn(upTo, times));
    });
  }

  /** Of one key and at one time, as many as an aggregated record may have. */
  #packedUpTo(from: number, times: readonly number[]): number {
    const { sent, scenario, random } = this.#parts;
    const most = random.int(1, scenario.perRecord);
    let upTo = from + 1;
    const isOfSame = (place: number): boolean =>
      sent[place]?.partitionKey === sent[from]!.partitionKey && times[place] === times[from];
    while (upTo < from + most && isOfSame(upTo)) upTo += 1;
    return upTo;
  }

  #others(upTo: number): readonly ToPut[] {
    const { random, sent, dimensions } = this.#parts;
    const records: ToPut[] = [];
    if (random.chance(copies)) {
      dimensions.count('copies of long ago');
      records.push(this.#pack([sent[random.int(0, upTo - 1)]!]));
    }
    if (random.chance(strangers)) records.push(this.#stranger());
    return records;
  }

  #pack(records: readonly SentRecord[]): ToPut {
    const [{ partitionKey }] = records as [SentRecord];
    const events = records.map((record) => this.#eventOf(record));
    return { partitionKey, events, names: records.map(({ name }) => name) };
  }

  #eventOf({ name, partitionKey, identity }: SentRecord): PutEvent {
    const event = this.#events.get(name) ?? this.#parts.makeEvent(partitionKey);
    this.#events.set(name, event);
    const text = JSON.stringify({ id: event.id, key: event.key, at: event.at, value: event.value });
    const payload = Buffer.from(withIdentity(text, '_sluice', identity as EventIdentity));
    return { ...event, payload };
  }

  #stranger(): ToPut {
    const { random, makeEvent, dimensions } = this.#parts;
    dimensions.count('records of strangers');
    const event = makeEvent(`key-${random.int(0, 3)}`);
    const { id, key, at, value } = event;
    const text = JSON.stringify({ id, key, at, value });
    const payload = random.chance(0.5) ? event.payload : Buffer.from(`${text.slice(0, -1)}${random.pick(forged)}}`);
    return { partitionKey: key, events: [{ ...event, payload }], names: [undefined] };
  }

  #putAll([record, ...rest]: readonly ToPut[], then: () => void): void {
    if (record === undefined) {
      then();
      return;
    }
    const { scheduler, random } = this.#parts;
    if (this.#put(record)) this.#putAll(rest, then);
    else scheduler.at(scheduler.now + retryMs + random.int(0, retryMs), () => this.#putAll([record, ...rest], then));
  }

  #put({ partitionKey, events, names }: ToPut): boolean {
    const { kinesis, ledger, dimensions } = this.#parts;
    const data = events.map(({ payload }) => ({ partitionKey, data: payload }));
    const [pack] = packEvents(data, { maxEvents: events.length, maxBytes: maxRecordBytes }, md5);
    try {
      const answer = kinesis.execute('PutRecord', {
        StreamName: sourceName,
        PartitionKey: partitionKey,
        Data: pack!.data,
      }) as { readonly ShardId: string; readonly SequenceNumber: string };
      const repeats = new Set<number>();
      const identified = new Set<number>();
      for (const [place, name] of names.entries()) {
        if (name === undefined) continue;
        identified.add(place);
        if (this.#known.has(name)) repeats.add(place);
        this.#known.add(name);
      }
      dimensions.count('repeats of a sender', repeats.size);
      const { ShardId: shardId, SequenceNumber: sequenceNumber } = answer;
      ledger.put({ shardId, sequenceNumber, events, strays: new Set(), repeats, identified });
      return true;
    } catch (error) {
      if ((error as Error).name !== 'ProvisionedThroughputExceededException') throw error;
      return false;
    }
  }
}

/** What no sink of Sluice writes. */
const forged = [
  ',"_sluice":{}',
  ',"_sluice":{"v":2,"pipeline":"sim","output":"main","generation":1,"index":0,"ref":1,"group":0,"row":0}',
  ',"_sluice":{"v":1,"pipeline":"sim","output":"main","generation":1,"index":0,"ref":9007199254740991,"group":0,"row":0}',
  ',"_sluice":{"v":1,"pipeline":"sim","output":"main","generation":1,"index":-1,"ref":1,"group":0,"row":0}',
  ',"_sluice":{"v":1,"pipeline":"sim","output":"main","generation":1,"index":0,"source":"main","shard":"s","sequence":"7","sub":0,"base":"7"}',
  ',"_sluice":{"v":1,"pipeline":"sim","output":"main","generation":1,"index":0,"source":"main","shard":"s","sequence":"x","sub":0,"base":"7"}',
];
