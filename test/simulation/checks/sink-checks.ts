/**
 * What the sink's reader sees, record by record: R1 nothing of a batch that is not sealed, R2 one identity, one content,
 * R4 each version once for a reader that drops repeats, order by key across requests, nothing twice without a reason, and
 * places where tries began that were committed. (R5 follows from R1 and S4.)
 */
import type { Dimensions } from '../world/dimensions.ts';
import { elementsOf } from '../world/elements.ts';
import type { Ledger } from '../world/ledger.ts';
import type { Scenario } from '../world/scenario.ts';
import { Fold, placeIn, recordName, versionName } from './fold.ts';
import type { SealedOutputCheck } from './sealed-check.ts';
import type { Report } from './violation.ts';

/** `PartitionKey` undefined: there are none. */
export type SinkEntry = { readonly PartitionKey: string | undefined; readonly Data: Uint8Array };

export type Output = Readonly<Record<string, unknown>> & {
  readonly _sluice?: Readonly<Record<string, string | number>>;
};

/** A result as it is in the sink, under the batch that its identity names. */
type Seen = { readonly row: Output; readonly text: string; readonly partitionKey: string | undefined };

type Identity = NonNullable<Output['_sluice']>;

const decoder = new TextDecoder();
/** The last moment that has a date. */
const endOfTime = 8_640_000_000_000_000;

export class SinkChecks {
  readonly #report: Report;
  readonly #scenario: Scenario;
  readonly #ledger: Ledger;
  readonly #isSealed: (batchId: number, ref: number) => boolean;
  readonly #byIdentity = new Map<string, Seen>();
  readonly #identityOfRow = new Map<string, string>();
  readonly #rowsOfBatch = new Map<string, number>();
  readonly #versionsOfBatch = new Map<string, Set<string>>();
  readonly #namesOfBatch = new Map<string, Set<string>>();
  #order: KeyOrder;
  /** What a reader has who keeps the latest version of each result. */
  fold = new Fold();
  /** Of batches that were left behind: what is still sent of them no reader keeps. */
  readonly #leftBehind = new Set<string>();
  /** What has a lower one is sent by who has not heard that the pipeline went back. */
  #generation = 0;
  readonly #batches = new Set<string>();
  readonly #isGone: (sequenceNumber: string) => boolean;
  readonly #isCommitted: (shardId: string, base: string) => boolean;
  readonly #mayRepeat: () => boolean;
  readonly #dimensions: Dimensions;
  readonly #sealed: SealedOutputCheck;
  repeats = 0;

  constructor(parts: {
    readonly report: Report;
    readonly scenario: Scenario;
    readonly ledger: Ledger;
    readonly isSealed: (batchId: number, ref: number) => boolean;
    /** Whether a shard's committed position was ever described like this. */
    readonly isCommitted: (shardId: string, base: string) => boolean;
    /** Whether retention took the record. */
    readonly isGone: (sequenceNumber: string) => boolean;
    readonly mayRepeat: () => boolean;
    readonly sealed: SealedOutputCheck;
    readonly dimensions: Dimensions;
  }) {
    this.#report = parts.report;
    this.#scenario = parts.scenario;
    this.#ledger = parts.ledger;
    this.#isSealed = parts.isSealed;
    this.#isCommitted = parts.isCommitted;
    this.#mayRepeat = parts.mayRepeat;
    this.#dimensions = parts.dimensions;
    this.#sealed = parts.sealed;
    this.#isGone = parts.isGone;
    this.#order = this.#orderOf();
  }

  /** The pipeline goes on from an earlier batch: of all batches there were, these hold. */
  wentBack(live: ReadonlySet<string>, generation: number): void {
    this.#generation = generation;
    this.#leftBehind.clear();
    for (const batch of this.#batches) if (!live.has(batch)) this.#leftBehind.add(batch);
    this.#order = this.#orderOf();
    this.fold = new Fold();
    if (this.#scenario.kind === 'map-only') return;
    this.#identityOfRow.clear();
    for (const [name, { row }] of this.#byIdentity) {
      const identity = row._sluice!;
      if (this.#leftBehind.has(batchIn(identity))) continue;
      this.#identityOfRow.set(this.#inLife(versionName(identity), Number(identity.ref)), name);
      this.fold.take(identity, row);
    }
  }

  /** What was refused of these batches never comes. Both included. */
  givenUp(from: number, upTo: number): void {
    this.#order.forget(BigInt(from) * 2n * half, BigInt(upTo + 1) * 2n * half);
  }

  /** By name of the version. */
  resultsOf(batchId: number, ref: number): ReadonlySet<string> {
    return this.#namesOfBatch.get(`${batchId}#${ref}`) ?? new Set();
  }

  #orderOf(): KeyOrder {
    return new KeyOrder(this.#report, this.#isGone, isInOrder(this.#scenario) || this.#scenario.aggregates === true);
  }

  #isOfNow({ _sluice }: Output): boolean {
    return Number(_sluice?.generation ?? 0) >= this.#generation;
  }

  get outputs(): number {
    return this.#byIdentity.size;
  }

  requested(entries: readonly { readonly entry: SinkEntry; readonly isTaken: boolean }[]): void {
    const refused = entries.filter(({ isTaken }) => !isTaken);
    for (const name of ['a sink that refuses', 'the limits of a real sink', 'an ordered sink'] as const)
      if (refused.length > 0) this.#dimensions.count(name, refused.length);
    const places = refused.map(({ entry }) => outputIn(entry).row).filter((row) => this.#isOfNow(row));
    this.#order.begin(places.filter((row) => !this.#isBroken(row)).map((row) => this.#placeOf(row)));
    for (const { entry, isTaken } of entries) if (isTaken) this.arrived(entry);
  }

  arrived(entry: SinkEntry): void {
    const { text, row } = outputIn(entry);
    const identity = row._sluice;
    if (identity === undefined) {
      this.#report('identity', `a record without one: ${text}`);
      return;
    }
    const name = recordName(identity);
    const first = this.#byIdentity.get(name);
    if (first !== undefined) {
      this.repeats += 1;
      if (!this.#mayRepeat()) this.#report('repeats', `${name} came twice, and nothing has crashed or was lost`);
      this.#compare(first, { row, text, partitionKey: entry.PartitionKey }, name);
      return;
    }
    this.#byIdentity.set(name, { row, text, partitionKey: entry.PartitionKey });
    if (this.#scenario.kind === 'map-only') this.#mapped(row, identity, entry.PartitionKey);
    else this.#reduced(row, { identity, name, partitionKey: entry.PartitionKey });
  }

  /** R3, M1: an output of a committed batch is there. */
  hasEvent(place: string, records: number): boolean {
    return Array.from({ length: records }).every((_, index) => this.#identityOfRow.has(`${place} ${index}`));
  }

  /** The one output of this batch of this name and version; undefined if there is none. */
  resultOf(nameOfVersion: string, batchId: number, ref: number): Output | undefined {
    const identity = this.#identityOfRow.get(this.#inLife(nameOfVersion, ref));
    const seen = identity === undefined ? undefined : this.#byIdentity.get(identity);
    const at = seen?.row._sluice;
    return at?.batch === batchId && at.ref === ref ? seen!.row : undefined;
  }

  /** The total of a key that was forgotten begins anew. */
  #inLife(nameOfVersion: string, ref: number): string {
    return this.#scenario.ttlMs === undefined ? nameOfVersion : `${nameOfVersion} ${ref}`;
  }

  outputsOf(batchId: number, ref: number): number {
    return this.#rowsOfBatch.get(`${batchId}#${ref}`) ?? 0;
  }

  /** Of reference data, in rows. */
  referencesOf(batchId: number, ref: number): readonly string[] {
    return [...this.#versionsOf(`${batchId}#${ref}`)];
  }

  #versionsOf(batch: string): Set<string> {
    const versions = this.#versionsOfBatch.get(batch) ?? new Set();
    this.#versionsOfBatch.set(batch, versions);
    return versions;
  }

  /** Each deployment writes its number into the rows; only what was stored before may keep another one. */
  #compare(first: Seen, again: Seen, name: string): void {
    const isMapped = this.#scenario.kind === 'map-only';
    const same = isMapped ? mappedPart(first.row) === mappedPart(again.row) : first.text === again.text;
    if (!same || first.partitionKey !== again.partitionKey) {
      this.#report('R2', `one identity ${name}, two contents: ${first.text} and ${again.text}`);
    }
  }

  #reduced(
    row: Output,
    {
      identity,
      name,
      partitionKey,
    }: { readonly identity: Identity; readonly name: string; readonly partitionKey: string | undefined },
  ): void {
    const batchId = Number(identity.batch);
    const ref = Number(identity.ref);
    if (!this.#isSealed(batchId, ref)) this.#report('R1', `output of batch ${batchId} ref ${ref}, which is not sealed`);
    this.#batches.add(batchIn(identity));
    this.#rowsOfBatch.set(`${batchId}#${ref}`, this.outputsOf(batchId, ref) + 1);
    const names = this.#namesOfBatch.get(batchIn(identity)) ?? new Set();
    this.#namesOfBatch.set(batchIn(identity), names.add(versionName(identity)));
    if (this.#leftBehind.has(batchIn(identity))) return;
    const of = this.#inLife(versionName(identity), ref);
    const known = this.#identityOfRow.get(of);
    if (known !== undefined) this.#report('R4', `two identities for ${of}: ${known} and ${name}`);
    this.#identityOfRow.set(of, name);
    this.fold.take(identity, row);
    this.#checkPlace(row, partitionKey);
    if (row.reference !== undefined) this.#versionsOf(`${batchId}#${ref}`).add(String(row.reference));
    this.#order.taken(this.#placeOf(row));
  }

  /** What a row says of its window and key is what its identity says, and it goes by its key, also where it is taken back. */
  #checkPlace(row: Output, partitionKey: string | undefined): void {
    const { key, window } = placeIn(row._sluice);
    const [start, end] = window;
    const bounds = this.#boundsIn(row);
    const told = bounds.map((each) => (typeof each === 'string' ? Date.parse(each) : each));
    const keys = JSON.parse(key) as readonly string[];
    const isRight = told[0] === start && told[1] === end && row.key === keys[0];
    if (!isRight || (partitionKey ?? keys[0] ?? key) !== (keys[0] ?? key))
      this.#report('version', `by ${partitionKey} came ${JSON.stringify(row)}`);
  }

  #boundsIn({ windowStart, windowEnd, batchId }: Output): readonly unknown[] {
    if (this.#scenario.ttlMs !== undefined && windowStart === undefined) return [-endOfTime, endOfTime];
    return windowStart === undefined ? [batchId, Number(batchId) + 1] : [windowStart, windowEnd];
  }

  #mapped(row: Output, identity: Readonly<Record<string, string | number>>, partitionKey: string | undefined): void {
    const { source, shard, sequence, sub, index } = identity;
    const record = this.#ledger.record(String(sequence));
    const event = record.events[Number(sub)];
    const isRedriven = String(source).startsWith('letters/') && event?.isBroken === true;
    const isOfShard = (source === 'main' || isRedriven) && record.shardId === shard;
    const isOfNone = record.strays.has(Number(sub)) || record.repeats?.has(Number(sub)) === true;
    if (event === undefined || !isOfShard || event.fate !== 'counted' || isOfNone) {
      this.#report('M1', `an output of no event: ${JSON.stringify(identity)}`);
      return;
    }
    const elements = this.#scenario.hasElements === true ? elementsOf(event) : [event];
    const element = elements[Number(index)];
    if (
      row.id !== event.id ||
      row.twice !== 2 * (element?.value ?? Number.NaN) ||
      (partitionKey ?? event.key) !== event.key
    ) {
      this.#report('M1', `${JSON.stringify(row)} for event ${event.id}`);
    }
    this.#identityOfRow.set(`${shard} ${sequence} ${sub} ${index}`, '');
    this.#sealed.arrived(identity);
    if (!this.#sealed.holdsFor(String(identity.output))) this.#checkBase(identity);
    if (this.#isOfNow(row) && !this.#isBroken(row)) this.#order.taken(this.#placeOf(row));
  }

  /** Code that is mended between two tries sends in the second what it has passed over in the first, and letters go on their own way. */
  #isBroken({ _sluice: identity }: Output): boolean {
    if (this.#scenario.brokenShare === undefined || identity?.sequence === undefined) return false;
    return this.#ledger.record(String(identity.sequence)).events[Number(identity.sub)]?.isBroken === true;
  }

  /** M1: everything at or before it was committed, so nobody needs to remember it. */
  #checkBase({ shard, sequence, sub, base }: Readonly<Record<string, string | number>>): void {
    if (!this.#isCommitted(String(shard), String(base)))
      this.#report('base', `${shard}: an output says that its try began at ${base}, which was never committed`);
    const [at = '', within] = String(base).split('.');
    if (!/^\d+$/.test(at)) return;
    const ahead = BigInt(sequence!) - BigInt(at);
    const isBehind = ahead > 0n || (ahead === 0n && within !== undefined && Number(sub) > Number(within));
    if (!isBehind) this.#report('base', `${shard}: event ${sub} of ${sequence} is sent by a try that began at ${base}`);
  }

  #placeOf(row: Output): KeyPlace {
    const identity = row._sluice ?? {};
    const name = JSON.stringify([
      identity.shard,
      identity.sequence,
      identity.sub,
      identity.batch,
      identity.group,
      identity.index,
    ]);
    const madeOf = String(identity.sequence);
    if (this.#scenario.kind === 'map-only')
      return {
        name,
        key: String(row.key),
        at: (BigInt(identity.sequence!) * 100_000n + BigInt(identity.sub!)) * 4n + BigInt(identity.index!),
        madeOf,
      };
    // Rows are taken back behind the others; windows begin before that many milliseconds.
    const { key, window, retracted } = placeIn(identity);
    const within = BigInt(Math.max(0, Math.floor(window[0]))) + (retracted ? half : 0n);
    return { name, key, at: BigInt(identity.batch!) * 2n * half + within };
  }
}

const batchIn = ({ batch, ref }: Identity): string => `${batch}#${ref}`;

const half = 100_000_000_000_000_000n;

type KeyPlace = {
  readonly name: string;
  readonly key: string;
  readonly at: bigint;
  /** The source's record, of an output that is made of one. */
  readonly madeOf?: string;
};

/**
 * PutRecords may refuse a record and take another of its key behind it: within a request, order is not promised. But what
 * was refused goes before everything that is sent later.
 */
class KeyOrder {
  readonly #report: Report;
  readonly #lastOfKey = new Map<string, bigint>();
  readonly #isGone: (sequenceNumber: string) => boolean;
  /** By key: what was refused and did not arrive yet. */
  readonly #open = new Map<string, Map<string, KeyPlace>>();
  /** Refused in a request of which something behind it was, or may yet be, taken. */
  #ofThisRequest: ReadonlySet<string> = new Set();
  readonly #overtaken = new Set<string>();
  readonly #arrived = new Set<string>();

  /** Nothing may overtake what its own request refused. */
  readonly #isStrict: boolean;

  constructor(report: Report, isGone: (sequenceNumber: string) => boolean, isStrict: boolean) {
    this.#report = report;
    this.#isGone = isGone;
    this.#isStrict = isStrict;
  }

  begin(refused: readonly KeyPlace[]): void {
    if (!this.#isStrict) this.#ofThisRequest = new Set(refused.map(({ name }) => name));
    for (const place of refused) {
      const { name, key } = place;
      // Sent again by somebody who does not know that it is there.
      if (this.#arrived.has(name)) continue;
      const open = this.#open.get(key) ?? new Map<string, KeyPlace>();
      open.set(name, place);
      this.#open.set(key, open);
      if (!this.#isStrict) this.#overtaken.add(name);
    }
  }

  /** Of places from the first on and before the other. */
  forget(from: bigint, before: bigint): void {
    for (const open of this.#open.values())
      for (const [name, { at }] of open) if (at >= from && at < before) open.delete(name);
  }

  taken({ name, key, at }: KeyPlace): void {
    this.#arrived.add(name);
    const open = this.#open.get(key);
    open?.delete(name);
    for (const [other, place] of open ?? []) {
      // What retention took before it was read again never comes.
      if (
        place.at < at &&
        !this.#ofThisRequest.has(other) &&
        !(place.madeOf !== undefined && this.#isGone(place.madeOf))
      )
        this.#report('order', `of key ${key}: ${at} overtakes ${place.at}`);
    }
    const last = this.#lastOfKey.get(key);
    if (last !== undefined && at < last && !this.#overtaken.has(name))
      this.#report('order', `of key ${key}: ${at} after ${last}`);
    if (last === undefined || at > last) this.#lastOfKey.set(key, at);
  }
}

/** Within a request, too. A function takes nothing of a key behind what it refused. */
const isInOrder = ({ ordered, delivery }: Scenario): boolean => ordered === true || delivery?.to === 'function';

function outputIn({ Data }: SinkEntry): { readonly text: string; readonly row: Output } {
  const text = decoder.decode(Data);
  return { text, row: JSON.parse(text) as Output };
}

const mappedPart = ({ id, key, twice }: Output): string => JSON.stringify([id, key, twice]);
