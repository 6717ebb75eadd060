/**
 * The stream of a test: events that were put on its shards and not read yet, and its clock. It stands for Kinesis, so it
 * outlives a cut.
 */
import type { KinesisRecord, Page } from '../core/record.ts';
import type { ListedShard } from '../core/shard-checkpoint.ts';
import type { TestEvent } from './test-batch.ts';

export const firstShard = 'shardId-000000000000';
const encoder = new TextEncoder();
const wholeRange = { start: '0', end: String(2n ** 128n - 1n) };

export class TestStream<Input> {
  readonly shardIds: readonly string[];
  /** Milliseconds since 1970; undefined: nobody has said what time it is, and nothing is from the future. */
  clock: number | undefined;
  readonly #partitionKey: string;
  readonly #takesText: boolean;
  readonly #unread: ReadonlyMap<string, KinesisRecord[]>;
  readonly #given = new Map<string, TestEvent<Input>>();
  #put = 0;

  constructor(
    shardIds: readonly string[],
    setup: { readonly partitionKey: string; readonly clock: number | undefined; readonly takesText: boolean },
  ) {
    this.shardIds = shardIds;
    this.#unread = new Map(shardIds.map((shardId) => [shardId, []]));
    this.#partitionKey = setup.partitionKey;
    this.#takesText = setup.takesText;
    this.clock = setup.clock;
  }

  get now(): number {
    return this.clock ?? 0;
  }

  /** Each has the whole range: what is put on a shard is there, whatever its key. */
  list(): readonly ListedShard[] {
    return this.shardIds.map((shardId) => ({ shardId, parents: [], hashRange: wholeRange }));
  }

  put(shardId: string, event: TestEvent<Input>): void {
    const sequenceNumber = String(this.#put++);
    const data = event instanceof Uint8Array ? event : encoder.encode(this.#textOf(event));
    this.#given.set(sequenceNumber, event);
    const partitionKey = this.#partitionKey;
    this.#unread.get(shardId)!.push({ sequenceNumber, partitionKey, data, arrivalMs: this.now });
  }

  #textOf(event: unknown): string {
    return this.#takesText && typeof event === 'string' ? event : JSON.stringify(event);
  }

  /** In turn over all shards. */
  deal(events: readonly TestEvent<Input>[]): void {
    for (const event of events) this.put(this.shardIds[this.#put % this.shardIds.length]!, event);
  }

  /** All that is new on the shard, which is at its tip behind that. It stays new until it is passed. */
  page(shardId: string): Page {
    const records = [...this.#unread.get(shardId)!];
    return { records, millisBehindLatest: 0, serverTime: this.now, end: undefined };
  }

  /** What is there now, on every shard, is not read again. */
  passRead(): void {
    for (const records of this.#unread.values()) records.length = 0;
  }

  /** As it was given. */
  eventOf(sequenceNumber: string): TestEvent<Input> {
    return this.#given.get(sequenceNumber)!;
  }
}
