/**
 * Objects of large values. P1: none that may still be needed is deleted. The bucket stays level: where nothing goes wrong, what lies below
 * the batch up to which all was purged is gone after each commit; and what a sweep has passed is what some item names.
 */
import { padBatch, segmentFolder, statePartition } from '../../../functions/adapters/dynamodb/keys.ts';
import { decode } from '../../../functions/adapters/dynamodb/packed-json.ts';
import { type ObjectPlace, objectKeyOf, placeOfObject } from '../../../functions/adapters/s3/object-key.ts';
import type { Head } from '../../../functions/core/model.ts';
import { namedBy } from '../../../functions/core/state/manifest.ts';
import type { SweepProgress } from '../../../functions/core/sweep-progress.ts';
import type { Change } from '../services/dynamodb/simulated-dynamodb.ts';
import type { SimulatedObject } from '../services/s3/simulated-bucket.ts';
import type { Dimensions } from '../world/dimensions.ts';
import type { Scenario } from '../world/scenario.ts';
import type { LiveStates } from './purge-checks.ts';
import { pipelineName, type Stored } from './stored.ts';
import { mayBeFormer } from './table-level.ts';
import type { Report } from './violation.ts';

/** Kinds that bodies name from one to the next. */
const ofBodies = new Set(['memories', 'shards']);
/** Dates of answers have full seconds, of which one is taken off. */
const marginMs = 3_000;

type Parts = {
  readonly report: Report;
  readonly dimensions: Dimensions;
  readonly live: LiveStates;
  readonly scenario: Pick<Scenario, 'bucket' | 'maxClockSkewMs'>;
  readonly head: () => Head | undefined;
  readonly objects: () => ReadonlyMap<string, SimulatedObject>;
  readonly state: Stored['state'];
};

export class BucketCheck {
  readonly #parts: Parts;
  /** Put when their batch was not retained any more, by who was superseded long ago. */
  readonly #late = new Set<string>();
  /** States that were put then, by who slept until his batch was purged: garbage that nobody looks for, with the object that is their value. */
  readonly #lateStates = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  put(key: string, oldestRetainedBatch: number): void {
    const { report, dimensions } = this.#parts;
    dimensions.count('values in a bucket');
    const place = placeOfObject(key);
    if (place === undefined) report('bucket', `${key} is no name of an object`);
    else if (place.batchId < oldestRetainedBatch) this.#late.add(key);
  }

  deleted(key: string, oldestRetainedBatch: number): void {
    const place = placeOfObject(key);
    if (place === undefined) return;
    // What a body replaces a purge leaves until the next batch is retained; a sweep goes by what that body names.
    const neededFrom = ofBodies.has(place.kind) ? oldestRetainedBatch + 1 : oldestRetainedBatch;
    if (place.batchId >= oldestRetainedBatch || this.#isNeeded(place, neededFrom))
      this.#parts.report(
        'P1',
        `${key} was deleted from the bucket; the oldest retained batch is ${oldestRetainedBatch}`,
      );
  }

  /** A commit that follows one which left the head as it is here, with nothing that went wrong. */
  committed({ purgedBelow }: Head): void {
    for (const [key] of this.#left(purgedBelow))
      this.#parts.report('level', `${key} is still there; what lies below batch ${purgedBelow} was purged`);
  }

  /** A pass of a sweep that is done has left what is needed, and what was young. */
  changed({ pk, sk, before, after }: Change, oldestRetainedBatch: number): void {
    const isLate = Number.parseInt(sk, 10) < oldestRetainedBatch && isState.test(pk);
    if (isLate && before === undefined && after !== undefined) this.#takeLateState(pk, sk);
    if (sk !== 'SWEEP' || after === undefined) return;
    const [was, is] = [before, after].map(progressIn);
    const pass = is?.passes.at(-1);
    if (pass === undefined || pass.at === was?.passes.at(-1)?.at) return;
    const { scenario, report, objects } = this.#parts;
    const old = pass.at - scenario.bucket!.sweepEveryMs - 2 * scenario.maxClockSkewMs - marginMs;
    this.#parts.dimensions.count('sweeps of a bucket');
    for (const [key] of this.#left(pass.below))
      if (objects().get(key)!.modifiedAt < old) report('level', `${key} is still there after a sweep`);
  }

  /** A sweep goes by what states name, so its segments stay with it: also those that were put before it slept. */
  #takeLateState(pk: string, sk: string): void {
    this.#lateStates.add(`${pk} ${sk}`);
    const [batchId, ref] = sk.split('#').map(Number);
    const keyGroup = Number(pk.slice(pk.lastIndexOf('/') + 1));
    const state = this.#parts.state(keyGroup, batchId!, ref!);
    for (const { name } of state === undefined ? [] : namedBy(state.manifest))
      this.#late.add(objectKeyOf({ folder: segmentFolder(pipelineName, keyGroup), name })!);
  }

  /** Of batches below this one, and needed by none from it on. */
  *#left(below: number): Generator<readonly [string, ObjectPlace]> {
    for (const key of this.#parts.objects().keys()) {
      const place = key.startsWith(`${pipelineName}/`) ? placeOfObject(key) : undefined;
      if (place !== undefined && this.#lateStates.has(rootOf(place))) continue;
      if (place === undefined || place.batchId >= below || this.#late.has(key)) continue;
      if (!this.#isNeeded(place, below) && !this.#isFormer(place)) yield [key, place];
    }
  }

  #isFormer({ kind, rest: [folder = ''] }: ObjectPlace): boolean {
    const head = this.#parts.head();
    return head !== undefined && mayBeFormer(`${pipelineName}/${kind}/${folder}`, head);
  }

  #isNeeded({ kind, batchId, rest }: ObjectPlace, oldestRetainedBatch: number): boolean {
    const [folder = '', ...name] = rest;
    const sk = [padBatch(batchId), ...name].join('#');
    if (kind === 'state')
      return this.#parts.live.isNeeded(statePartition(pipelineName, Number(folder)), sk, oldestRetainedBatch);
    // Notes of memories and of shards are of a batch alone.
    if (!['memories', 'segments', 'shards'].includes(kind) || name.length === 0) return false;
    return this.#parts.live.isNeeded(`${pipelineName}/${kind}/${folder}`, `${sk}#0000`, oldestRetainedBatch);
  }
}

const isState = /\/state\/\d{5}$/;

/** The item that an object of a state is the value of. */
const rootOf = ({ kind, batchId, rest: [folder = '', ref = ''] }: ObjectPlace): string =>
  `${pipelineName}/${kind}/${folder} ${padBatch(batchId)}#${ref}`;

const progressIn = (item: Change['after']): SweepProgress | undefined =>
  item?.data?.B === undefined ? undefined : (decode(item.data.B) as SweepProgress);
