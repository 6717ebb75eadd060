/**
 * The state of a pipeline after a batch, for people and tests. Nothing is written.
 *
 * READER-1 It is what the batch's seal names, whatever has been committed since.
 * READER-2 Of one key group at a time something is held (PORTION-1).
 */
import { SluiceError } from '../../core/errors.ts';
import type { BatchName, Head, SealedBatch } from '../../core/model.ts';
import { type Manifest, type StateSize, sizeOf } from '../../core/state/manifest.ts';
import { type KnownDefinition, mergingBy } from '../../core/state/merging-by.ts';
import { type PlacedRow, rowsOfKey, type StateShape, shapeOf } from '../../core/state/state-row.ts';
import { fingerprintMessage, goesOn } from '../../pipeline/fingerprint-change.ts';
import type { KeyValue } from '../../pipeline/pipeline.ts';
import { isNamed } from '../aws-errors.ts';
import { createHeadStore } from './head-store.ts';
import { keysOfGroup } from './keys-of-group.ts';
import { createSealStore } from './seal-store.ts';
import { createSegmentStore } from './segment-store.ts';
import { createStateStore } from './state-store.ts';
import type { Storage } from './storage.ts';

/** A key group of the state: where it lies, and how large it is. */
export type StateGroup = StateSize & {
  /** Its number, from 0 on. */
  readonly group: number;
  /** The last batch that changed it. */
  readonly batchId: number;
};

export type StateAt = {
  readonly batchId: number;
  readonly watermark: number | null;
  /** How many key groups there are, with state or without. */
  readonly parallelism: number;
  /** Undefined: the pipeline keeps none. */
  readonly shape: StateShape | undefined;
  /** Of those that have state. */
  readonly groups: readonly (StateGroup & Pick<OpenGroup, 'manifest'>)[];
  /** Of one key group, in the order of rows. `isAsked`: of a key. */
  rows(group: number, isAsked?: (keyValues: readonly KeyValue[]) => boolean): AsyncGenerator<PlacedRow>;
};

type OpenGroup = {
  readonly group: number;
  readonly manifest: Manifest;
  readonly fingerprint: string;
  readonly batchId: number;
};

export type StateReader = {
  /** @throws SluiceError InvalidInput, where there is no such batch (any more) */
  at(batchId?: number): Promise<StateAt>;
};

export function createStateReader(storage: Storage, definition?: KnownDefinition): StateReader {
  const { table, pipeline } = storage;
  const head = createHeadStore(table, pipeline);
  return {
    async at(batchId) {
      const known = committedHead(await head.load(), pipeline);
      const wanted = batchId ?? known.committed.batchId;
      checkBatch(wanted, known);
      /** A pipeline goes on while it is looked at. */
      const explained = async (error: unknown): Promise<unknown> => {
        const now = isNamed(error, 'MissingItem') ? await head.load() : undefined;
        return now !== undefined && wanted < now.oldestRetainedBatch ? purged(wanted, now) : error;
      };
      try {
        const body = await sealed(storage, known.committed, wanted);
        return await stateAt(storage, body, { definition, explained });
      } catch (error) {
        throw await explained(error);
      }
    },
  };
}

type Committed = Head & { readonly committed: BatchName };

function committedHead(head: Head | undefined, pipeline: string): Committed {
  if (head === undefined) throw refused(`pipeline ${pipeline} has never run on this table`);
  if (head.committed === undefined) throw refused(`pipeline ${pipeline} has not committed a batch yet`);
  return { ...head, committed: head.committed };
}

function checkBatch(batchId: number, head: Committed): void {
  const { committed, oldestRetainedBatch } = head;
  if (batchId < oldestRetainedBatch) throw purged(batchId, head);
  if (batchId > committed.batchId)
    throw refused(
      `batch ${batchId} is not committed: use one from ${oldestRetainedBatch} to ${committed.batchId}, the last one`,
    );
}

const purged = (batchId: number, { oldestRetainedBatch, committed }: Head): SluiceError =>
  refused(`batch ${batchId} was purged: use one from ${oldestRetainedBatch} to ${committed?.batchId}, the last one`);

const refused = (why: string): SluiceError => new SluiceError('InvalidInput', why);

/** Which of the tries of a batch was committed is said by the one after it. */
async function sealed(storage: Storage, last: BatchName, batchId: number): Promise<SealedBatch> {
  const seals = createSealStore(storage);
  let body = await seals.loadSealed(last.batchId, last.ref);
  while (body.batchId > batchId && body.previous !== null)
    body = await seals.loadSealed(body.previous.batchId, body.previous.ref);
  return body;
}

type Explained = (error: unknown) => Promise<unknown>;

async function stateAt(
  storage: Storage,
  body: SealedBatch,
  given: { readonly definition: KnownDefinition | undefined; readonly explained: Explained },
): Promise<StateAt> {
  const { definition, explained } = given;
  const shape = shapeOf(body.fingerprint);
  if (definition !== undefined) checkDefinition(body.fingerprint, definition);
  const states = createStateStore(storage);
  const groups: OpenGroup[] = [];
  for (const [group, named] of body.states.entries()) {
    if (named === null || shape === undefined) continue;
    const { batchId, ref } = named;
    const { manifest, fingerprint } = await states.loadState(group, batchId, ref);
    groups.push({ group, manifest, batchId, fingerprint: fingerprint ?? named.fingerprint ?? body.fingerprint });
  }
  return {
    ...{ batchId: body.batchId, watermark: body.watermarkOut, parallelism: body.parallelism, shape },
    groups: groups.map(({ group, batchId, manifest }) => ({ group, batchId, manifest, ...sizeOf(manifest) })),
    async *rows(group, isAsked = () => true) {
      const found = groups.find((each) => each.group === group);
      if (found === undefined || shape === undefined) return;
      try {
        yield* rowsOf(storage, found, { shape, definition, isAsked });
      } catch (error) {
        throw await explained(error);
      }
    },
  };
}

function checkDefinition(saved: string, { fingerprint, newAggregates }: KnownDefinition): void {
  if (!goesOn(saved, fingerprint, newAggregates))
    throw new SluiceError('FingerprintChanged', fingerprintMessage(saved, fingerprint, newAggregates));
}

type Showing = {
  readonly shape: StateShape;
  readonly definition: KnownDefinition | undefined;
  readonly isAsked: (keyValues: readonly KeyValue[]) => boolean;
};

async function* rowsOf(storage: Storage, open: OpenGroup, showing: Showing): AsyncGenerator<PlacedRow> {
  const { shape, definition, isAsked } = showing;
  const { group, fingerprint } = open;
  const { functions, fitted } = mergingBy(fingerprint, definition);
  const of = { shape, group, aggregation: definition?.aggregation, fitted };
  for await (const key of keysOfGroup(createSegmentStore(storage), open, functions))
    if (isAsked(key[1][0])) yield* rowsOfKey(key, of);
}
