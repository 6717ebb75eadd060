/** P1: nothing from the oldest retained batch on is deleted, and nothing a batch lives on may expire. S6: what is put once never changes. */
import { isDeepStrictEqual } from 'node:util';
import { memoryBlob, padName, segmentFolder, shardPartBlob } from '../../../functions/adapters/dynamodb/keys.ts';
import { decode } from '../../../functions/adapters/dynamodb/packed-json.ts';
import { isReduced } from '../../../functions/core/group-states.ts';
import { isKept } from '../../../functions/core/kept-partials.ts';
import type { BatchBody, Head } from '../../../functions/core/model.ts';
import type { NamedMemory } from '../../../functions/core/repeats/named-memory.ts';
import { namesOf, type PartName } from '../../../functions/core/shard-parts.ts';
import { type Manifest, namedBy } from '../../../functions/core/state/manifest.ts';
import type { Change, StoredItem } from '../services/dynamodb/simulated-dynamodb.ts';
import { nameOfItem } from '../world/calls.ts';
import type { Dimensions } from '../world/dimensions.ts';
import { pipelineName, type Stored } from './stored.ts';
import type { Report } from './violation.ts';

const lasting = new Set([
  'body',
  'partials',
  'kept',
  'state',
  'segment',
  'rows',
  'chunk',
  'memory',
  'memory-note',
  'shard-part',
  'shard-note',
]);
const once = new Set([...lasting, 'plan', 'task', 'block']);
/** Whoever comes second takes what is there, or two versions of the code would each send theirs. */
const firstWins = new Set(['body', 'block', 'state', 'rows']);

/** S6 also for what was purged meanwhile: a reducer that slept must come to the same state, though it sends nothing of it. */
export class PurgedStates {
  readonly #known = new Map<string, StoredItem>();
  readonly #isPure: boolean;

  /** `isPure`: rows follow from what is stored. */
  constructor(isPure: boolean) {
    this.#isPure = isPure;
  }

  changed({ pk, sk, before, after }: Change, report: Report): void {
    if (nameOfItem({ pk: { S: pk }, sk: { S: sk } }) !== 'state') return;
    const key = `${pk} / ${sk}`;
    if (before !== undefined && after === undefined) this.#known.set(key, before);
    if (before !== undefined || after === undefined) return;
    const purged = this.#known.get(key);
    // With another version of reference data rows are others.
    if (!this.#isPure) return;
    // In parts, its root has the nonce of who put it.
    if (
      purged === undefined ||
      purged.data === undefined ||
      (after.data !== undefined && isSameState(purged.data, after.data))
    )
      return;
    report('S6', `${key} was put again with another content`);
  }
}

type Data = NonNullable<StoredItem['data']> | undefined;

/** But for the names of segments, which are each try's own. */
function isSameState(one: Data, other: Data): boolean {
  if (one?.B === undefined || other?.B === undefined) return false;
  const [first, second] = [one.B, other.B].map((bytes) =>
    JSON.stringify(decode(bytes), (name, value: unknown) => (name === 'name' ? undefined : value)),
  );
  return first === second;
}

/**
 * P1: the state of a key group stays, however old it is, as long as a batch at or above the oldest retained batch goes on with it.
 * S10: a batch goes on with the state that the one before it left.
 */
export class LiveStates {
  /** By key group and name of a state: the batch in which another took its place. */
  readonly #replacedIn = new Map<string, number>();
  /** Memories, and parts of the checkpoints, by name: the batch that needs it no more; infinite while one does. */
  readonly #named = new Map<string, number>();
  /** By partition and name, likewise: the batch in which the group's state names it no more. */
  readonly #segments = new Map<string, number>();
  #last: BatchBody['states'] = [];
  /** From which batch on the number is one of a key group; before it was of none, or of the gathering step. */
  readonly #groupSince: number[] = [];
  readonly #committedRefs = new Map<number, number>();
  readonly #dimensions: Dimensions;
  readonly #stored: Stored;

  constructor(dimensions: Dimensions, stored: Stored) {
    this.#dimensions = dimensions;
    this.#stored = stored;
  }

  committed(body: BatchBody, { oldestRetainedBatch }: Pick<Head, 'oldestRetainedBatch'>, report: Report): void {
    this.#count(body, oldestRetainedBatch);
    this.#committedRefs.set(body.batchId, body.ref);
    if (body.kind === 'restored') {
      this.#restored(body, report);
      return;
    }
    for (let group = this.#last.length; group < body.states.length; group++) this.#groupSince[group] = body.batchId;
    for (const [keyGroup, state] of body.states.entries()) {
      const last = this.#last[keyGroup] ?? undefined;
      const before = isReduced(body, keyGroup) ? state?.before : (state ?? undefined);
      if (before?.batchId !== last?.batchId || before?.ref !== last?.ref)
        report('S10', `batch ${body.batchId} goes on with another state of key group ${keyGroup} than there was`);
      if (state?.before !== undefined) this.#replacedIn.set(`${keyGroup} ${padName(state.before)}`, body.batchId);
    }
    this.#last = body.states;
    this.#takeSegments(body, report);
    this.#takeNamed(body, report);
  }

  /** Whatever states there were, others take their place, or none where there are fewer groups. */
  #restored(body: BatchBody, report: Report): void {
    for (const [keyGroup, last] of this.#last.entries())
      if (last !== null) this.#replacedIn.set(`${keyGroup} ${padName(last)}`, body.batchId);
    for (let group = this.#last.length; group < body.states.length; group++) this.#groupSince[group] = body.batchId;
    this.#last = body.states;
    this.#takeSegments(body, report);
    this.#takeNamed(body, report);
  }

  #takeSegments({ batchId, states }: BatchBody, report: Report): void {
    const named = new Set(
      states.flatMap((state, keyGroup) => {
        const saved = state === null ? undefined : this.#stored.state(keyGroup, state.batchId, state.ref);
        const folder = segmentFolder(pipelineName, keyGroup);
        if (saved === undefined) return [];
        if (state?.batchId === batchId)
          this.#checkOver(saved.manifest, `key group ${keyGroup} after batch ${batchId}`, report);
        return namedBy(saved.manifest).map(({ name }) => `${folder} ${name}`);
      }),
    );
    for (const name of named) {
      if ((this.#segments.get(name) ?? Number.POSITIVE_INFINITY) < batchId)
        report('S11', `batch ${batchId} names ${name}, which was let go`);
      this.#segments.set(name, Number.POSITIVE_INFINITY);
    }
    for (const [name, until] of this.#segments) {
      if (until !== Number.POSITIVE_INFINITY || named.has(name)) continue;
      this.#segments.set(name, batchId);
      this.#dimensions.count('segments that are let go');
    }
  }

  /** What is over goes without being read. */
  #checkOver(manifest: Manifest, where: string, report: Report): void {
    const { overUpTo = Number.NEGATIVE_INFINITY } = manifest;
    for (const { name, slices } of namedBy(manifest))
      if (slices[1] <= overUpTo) report('level', `the state of ${where} names ${name}, of which all is over`);
  }

  /** What the body and its checkpoints name, whatever it says of changes. */
  #takeNamed({ batchId, ref, shards, parts, blocks }: BatchBody, report: Report): void {
    const partNames = (parts === undefined ? [] : namesOf(parts)).map(partName);
    const named = new Set([...shards.flatMap(({ memories = [] }) => memories.map(memoryName)), ...partNames]);
    this.#countParts(parts, batchId);
    for (const { task } of blocks) this.#dimensions.count('shards that tasks name', this.#stored.namedBy(ref, task));
    for (const name of named) {
      if ((this.#named.get(name) ?? Number.POSITIVE_INFINITY) < batchId)
        report('S11', `batch ${batchId} names ${name}, which was replaced`);
      this.#named.set(name, Number.POSITIVE_INFINITY);
    }
    for (const [name, until] of this.#named)
      if (until === Number.POSITIVE_INFINITY && !named.has(name)) this.#named.set(name, batchId);
  }

  #countParts(parts: BatchBody['parts'], batchId: number): void {
    if (parts === undefined) return;
    const { groups, changes } = parts;
    if (groups.length > 1) this.#dimensions.count('checkpoints in parts');
    const older = groups.filter(({ name }) => name.batchId < batchId).length;
    this.#dimensions.count('groups of shards that a batch goes past', older);
    if (changes !== undefined && older > 0) this.#dimensions.count('lists of changed shards');
  }

  #count({ batchId, blocks, states, kept: inBody }: BatchBody, oldestRetainedBatch: number): void {
    if (inBody !== undefined) this.#dimensions.count('partials that are kept in bodies');
    const all = blocks.flatMap(({ groups }) => groups);
    const kept = all.filter(isKept).length;
    this.#dimensions.count('partials that blocks keep', kept);
    if (kept > 0 && kept < all.length) this.#dimensions.count('batches with partials both ways');
    const touched = new Set(blocks.flatMap(({ groups }) => groups.map(({ keyGroup }) => keyGroup)));
    for (const [keyGroup, state] of states.entries()) {
      if (state === null) continue;
      if (state.batchId < batchId) this.#dimensions.count('key groups that a batch goes past');
      else if (!touched.has(keyGroup)) this.#dimensions.count('windows that the watermark alone closes');
      if (state.batchId < oldestRetainedBatch) this.#dimensions.count('states older than the oldest retained batch');
      if (state.upTo !== undefined) this.#dimensions.count('more ends than a seal names');
    }
  }

  changed({ pk, sk, before, after }: Change, oldestRetainedBatch: number, report: Report): void {
    if (before === undefined || after !== undefined) return;
    if (this.isNeeded(pk, sk, oldestRetainedBatch))
      report('P1', `${pk} / ${sk} was deleted; from batch ${oldestRetainedBatch} on it is needed`);
  }

  isNeeded(pk: string, sk: string, oldestRetainedBatch: number): boolean {
    if (/\/memories\/\d{5}$|\/shards\/parts$/.test(pk))
      return (this.#named.get(`${pk} ${sk.slice(0, sk.lastIndexOf('#'))}`) ?? -1) >= oldestRetainedBatch;
    if (/\/segments\/\d{5}$/.test(pk))
      return (this.#segments.get(`${pk} ${sk.slice(0, sk.lastIndexOf('#'))}`) ?? -1) > oldestRetainedBatch;
    const keyGroup = /\/state\/(\d{5})$/.exec(pk)?.[1];
    if (keyGroup === undefined) return false;
    const replacedIn = this.#replacedIn.get(`${Number(keyGroup)} ${sk.slice(0, nameLength)}`);
    if (replacedIn !== undefined) return replacedIn > oldestRetainedBatch;
    // Of the gathering step, or of a batch that was given up: no batch goes on with it.
    const [batchId, ref] = sk.split('#').map(Number) as [number, number];
    if (Number(keyGroup) >= this.#last.length || batchId < this.#groupSince[Number(keyGroup)]!) return false;
    return (this.#committedRefs.get(batchId) ?? ref) === ref;
  }
}

const memoryName = (memory: NamedMemory): string => {
  const { folder, name } = memoryBlob(pipelineName, memory);
  return `${folder} ${name}`;
};

const partName = (part: PartName): string => {
  const { folder, name } = shardPartBlob(pipelineName, part);
  return `${folder} ${name}`;
};

const nameLength = padName({ batchId: 0, ref: 0 }).length;

export function checkLasting(change: Change, oldestRetainedBatch: number, now: number, report: Report): void {
  const { pk, sk, before, after } = change;
  const kind = nameOfItem({ pk: { S: pk }, sk: { S: sk } });
  const where = `${pk} / ${sk}`;
  if (after?.expires !== undefined && lasting.has(kind) && !isOfPlan(change))
    report('P1', `${where} expires by itself`);
  if (before !== undefined && after !== undefined && once.has(kind)) {
    if (!isDeepStrictEqual(before, after) && !isOfLaterTry(before, after))
      report('S6', `${where} was overwritten with another content`);
    else if (firstWins.has(kind)) report('S6', `${where} was written again, though the first write wins`);
  }
  if (before === undefined || after !== undefined) return;
  if (kind === 'head') report('P1', 'the head was deleted');
  if (before.expires !== undefined && hasExpired(before, now)) return;
  const batchId = batchOf(pk, sk);
  if (batchId === undefined) report('P1', `${where} was deleted before it expired`);
  else if (batchId >= oldestRetainedBatch)
    report('P1', `${where} was deleted; the oldest retained batch is ${oldestRetainedBatch}`);
}

/** Of a note of a batch that was given up. */
const isOfLaterTry = (before: StoredItem, after: StoredItem): boolean => Number(after.ref?.N) > Number(before.ref?.N);

/** The chunks of a large plan or block expire with it. */
const isOfPlan = ({ pk, sk }: Change): boolean => /^(PLAN|PROGRESS)#/.test(sk) || /\/blocks\/\d{5}$/.test(pk);

const hasExpired = (item: StoredItem, now: number): boolean => Number(item.expires?.N) * 1000 <= now + 1000;

export function batchOf(pk: string, sk: string): number | undefined {
  const inBlocks = /\/blocks\/(\d{12})\//.exec(pk)?.[1];
  const inKey = /^(?:BATCH#|PROGRESS#)?(\d{12})(?:#|$)/.exec(sk)?.[1];
  const found = inBlocks ?? inKey;
  return found === undefined ? undefined : Number(found);
}
