/**
 * What the sink's reader sees, record by record: R1 nothing of a batch that is not sealed, R2 one identity, one content,
 * R4 each output once for a reader that drops repeats, in a calm run for every reader, and order by key. (R5 follows from R1 and S4.)
 */
import type { Ledger } from '../world/ledger.ts';
import type { Scenario } from '../world/scenario.ts';
import { nameOf, type Row } from './expected-results.ts';
import type { Report } from './violation.ts';

export type SinkEntry = { readonly PartitionKey: string; readonly Data: Uint8Array };

type Output = Readonly<Record<string, unknown>> & { readonly _sluice?: Readonly<Record<string, string | number>> };

/** A result as it is in the sink, under the batch that its identity names. */
type Seen = { readonly row: Output; readonly text: string; readonly partitionKey: string };

const decoder = new TextDecoder();

export class SinkChecks {
  readonly #report: Report;
  readonly #scenario: Scenario;
  readonly #ledger: Ledger;
  readonly #isCalm: boolean;
  readonly #isSealed: (batchId: number, ref: number) => boolean;
  readonly #byIdentity = new Map<string, Seen>();
  readonly #identityOfRow = new Map<string, string>();
  readonly #rowsOfBatch = new Map<string, number>();
  readonly #lastOfKey = new Map<string, bigint>();
  /** A refused record of a request is sent again behind its successors: order by key is not promised then. */
  keepsOrder = true;

  constructor(parts: {
    readonly report: Report;
    readonly scenario: Scenario;
    readonly ledger: Ledger;
    /** Nothing goes wrong that could make the product send again. */
    readonly isCalm: boolean;
    readonly isSealed: (batchId: number, ref: number) => boolean;
  }) {
    this.#report = parts.report;
    this.#scenario = parts.scenario;
    this.#ledger = parts.ledger;
    this.#isCalm = parts.isCalm;
    this.#isSealed = parts.isSealed;
  }

  get outputs(): number {
    return this.#byIdentity.size;
  }

  arrived(entry: SinkEntry): void {
    const text = decoder.decode(entry.Data);
    const row = JSON.parse(text) as Output;
    const identity = row._sluice;
    if (identity === undefined) {
      this.#report('identity', `a record without one: ${text}`);
      return;
    }
    const { base: _, ...lasting } = identity;
    const name = JSON.stringify(lasting);
    const first = this.#byIdentity.get(name);
    if (first !== undefined) {
      if (this.#isCalm) this.#report('repeat', `${name} comes again, though nothing went wrong`);
      this.#compare(first, { row, text, partitionKey: entry.PartitionKey }, name);
      return;
    }
    this.#byIdentity.set(name, { row, text, partitionKey: entry.PartitionKey });
    if (this.#scenario.kind === 'map-only') this.#mapped(row, identity, entry.PartitionKey);
    else this.#reduced(row, identity, name);
  }

  /** R3, M1: an output of a committed batch is there. */
  hasEvent(shardId: string, sequenceNumber: string, sub: number): boolean {
    return this.#identityOfRow.has(`${shardId} ${sequenceNumber} ${sub}`);
  }

  /** The one output for this row of this batch; undefined if there is none. */
  resultOf(row: Row, batchId: number, ref: number): Output | undefined {
    const identity = this.#identityOfRow.get(nameOf(row));
    const seen = identity === undefined ? undefined : this.#byIdentity.get(identity);
    const at = seen?.row._sluice;
    return at?.batch === batchId && at.ref === ref ? seen!.row : undefined;
  }

  outputsOf(batchId: number, ref: number): number {
    return this.#rowsOfBatch.get(`${batchId}#${ref}`) ?? 0;
  }

  /** Each deployment writes its number into the rows; only what was stored before may keep another one. */
  #compare(first: Seen, again: Seen, name: string): void {
    const isMapped = this.#scenario.kind === 'map-only';
    const same = isMapped ? mappedPart(first.row) === mappedPart(again.row) : first.text === again.text;
    if (!same || first.partitionKey !== again.partitionKey) {
      this.#report('R2', `one identity ${name}, two contents: ${first.text} and ${again.text}`);
    }
  }

  #reduced(row: Output, identity: Readonly<Record<string, string | number>>, name: string): void {
    const batchId = Number(identity.batch);
    const ref = Number(identity.ref);
    if (!this.#isSealed(batchId, ref)) this.#report('R1', `output of batch ${batchId} ref ${ref}, which is not sealed`);
    const window = row.windowStart === undefined ? Number(row.batchId) : Date.parse(String(row.windowStart));
    const of = nameOf({ key: String(row.key), window });
    const known = this.#identityOfRow.get(of);
    if (known !== undefined) this.#report('R4', `two identities for ${of}: ${known} and ${name}`);
    this.#identityOfRow.set(of, name);
    this.#rowsOfBatch.set(`${batchId}#${ref}`, this.outputsOf(batchId, ref) + 1);
    this.#inOrder(String(row.key), BigInt(batchId) * 1_000_000_000_000_000n + BigInt(Math.max(0, window)));
  }

  #mapped(row: Output, identity: Readonly<Record<string, string | number>>, partitionKey: string): void {
    const { shard, sequence, sub } = identity;
    const record = this.#ledger.record(String(sequence));
    const event = record.events[Number(sub)];
    if (event === undefined || record.shardId !== shard || event.fate !== 'counted' || record.strays.has(Number(sub))) {
      this.#report('M1', `an output of no event: ${JSON.stringify(identity)}`);
      return;
    }
    if (row.id !== event.id || row.twice !== 2 * event.value || partitionKey !== event.key) {
      this.#report('M1', `${JSON.stringify(row)} for event ${event.id}`);
    }
    this.#identityOfRow.set(`${shard} ${sequence} ${sub}`, '');
    this.#inOrder(event.key, BigInt(sequence!) * 1000n + BigInt(Number(sub)));
  }

  #inOrder(key: string, at: bigint): void {
    const last = this.#lastOfKey.get(key);
    if (last !== undefined && at < last && this.keepsOrder) this.#report('order', `of key ${key}: ${at} after ${last}`);
    if (last === undefined || at > last) this.#lastOfKey.set(key, at);
  }
}

const mappedPart = ({ id, key, twice }: Output): string => JSON.stringify([id, key, twice]);
