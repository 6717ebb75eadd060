/**
 * Seals a restored batch (core/restored-batch.ts): behind it the pipeline goes on from a batch of its own, of a savepoint, or of another pipeline.
 *
 * RESTORE-1 Whoever does so holds the epoch as a plan does. So whatever else was going on is fenced, and two of them, or one and a driver,
 *    never mix: the seal is one conditional write, and everything it names is there before.
 * RESTORE-2 Segments and memories are copied, not shared: the purge of a pipeline, and the rights of its functions, are about its own alone.
 * RESTORE-3 A batch that was sealed and not committed is given up where `givesUp` says so. What its reducers have put, or put later, lies under
 *    its own `ref`, and goes with the batch number.
 */
import { SluiceError } from '../core/errors.ts';
import { formerGroupsAfter } from '../core/former-groups.ts';
import { givenUpAfter, givenUpWith } from '../core/given-up.ts';
import { nextBatchId, unfinished } from '../core/head.ts';
import type { BatchBody, BatchName, GroupState, Head, Origin } from '../core/model.ts';
import type { OpenEnds } from '../core/open-ends.ts';
import type { NamedMemory } from '../core/repeats/named-memory.ts';
import { restoredBody } from '../core/restored-batch.ts';
import type { ShardCheckpoint } from '../core/shard-checkpoint.ts';
import { type Manifest, namedBy, noManifest, type Run, type SegmentRef } from '../core/state/manifest.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { StateName } from '../ports/state-store.ts';
import type { BatchOf, OperatedPipeline } from './operated-pipeline.ts';
import { refuseRedriven } from './redrive.ts';
import { OperationRefused, refuseHeld } from './refused.ts';

/** Nobody else plans meanwhile. A command that takes longer may find that it has lost, and has changed nothing then. */
export const restoreLeaseMs = 900_000;

/** What a key group begins with: where its windows lie, and when they end. `fingerprint`: that it was saved under, if it is not the source's. */
export type RestoredState = OpenEnds & { readonly manifest: Manifest; readonly fingerprint?: string };

/** By key group; null: it has none. The segments are put for `batch`. */
export type StatesFrom = (source: BatchBody, batch: BatchName) => Promise<readonly (RestoredState | null)[]>;

export type Restore = {
  readonly why: Origin['why'];
  readonly source: BatchOf;
  /** Whether a batch that is sealed and not committed is left behind; else it has to be finished first. */
  readonly givesUp: boolean;
  /** Whether what is sent again is told from what was sent before. */
  readonly newGeneration: boolean;
  /** How many key groups there are then. Absent: as many as the source has. */
  readonly parallelism?: number;
  /** Absent: copies of those of the source. */
  readonly states?: StatesFrom;
  /** Absent: as it is. */
  readonly control?: Head['control'];
};

export type RestoredBatch = { readonly body: BatchBody; readonly head: Head; readonly gaveUp: BatchName | undefined };

/** @throws OperationRefused while a driver holds the pipeline, or once another has taken it; nothing has changed then */
export async function restoreBatch(target: OperatedPipeline, restore: Restore): Promise<RestoredBatch> {
  const seen = await target.head.load();
  if (seen === undefined) throw new SluiceError('MissingItem', `pipeline ${target.name} has never run on this table`);
  refuseHeld(seen, target.clock.now(), { what: `pipeline ${seen.pipeline}`, todo: 'stop it, or wait until then' });
  openBatch(target.name, seen, restore);
  const { of, batchId, ref } = restore.source;
  const source = await of.seals.loadBody(batchId, ref);
  const owner = target.newId();
  const claimed = await target.head.claim(seen, {
    ...{ owner, claim: target.newId(), execution: `sluice ${restore.why}` },
    leaseUntil: target.clock.now() + restoreLeaseMs,
    source: { listedAt: undefined, retentionMs: seen.sources[mainSource].stream.retentionMs },
    givenUp: givenUpWith(seen, { batchId: nextBatchId(seen), ref: seen.epoch + 1 }),
  });
  if (claimed.kind === 'lost') throw wasTaken(target.name);
  const { head } = claimed;
  try {
    // Whoever held it before may have sealed or committed up to the claim.
    const gaveUp = openBatch(target.name, head, restore);
    const body = await putRestored(target, restore, { head, source });
    const sealed = await target.head.restore(
      {
        ...{ batchId: body.batchId, ref: body.ref, generation: body.generation, parallelism: body.parallelism },
        fingerprint: body.fingerprint,
        formerGroups: formerGroupsAfter(head, body),
        givenUp: givenUpAfter(head, body, gaveUp),
        ...(restore.control === undefined ? {} : { control: restore.control }),
        replaces: gaveUp ?? head.committed,
      },
      owner,
    );
    if (sealed.kind === 'lost') throw wasTaken(target.name);
    return { body, head: sealed.head, gaveUp };
  } catch (error) {
    // What went wrong is told, also where nobody hears of the release: the lease runs out.
    await target.head.release(head.epoch, owner).catch(() => {});
    throw error;
  }
}

/** The batch that is sealed and not committed, if that may be left; and what goes on from the last batch does so from the last there is. */
function openBatch(name: string, head: Head, { why, givesUp, source }: Restore): BatchName | undefined {
  const open = unfinished(head);
  if (open !== undefined && !givesUp) throw toBeFinished(name, open);
  const { committed } = head;
  if (why === 'repartition' && (committed?.batchId !== source.batchId || committed.ref !== source.ref))
    throw new OperationRefused('held', `${name} has gone on meanwhile: stop it, and try again; nothing has changed`);
  return open;
}

const toBeFinished = (name: string, { batchId }: BatchName): SluiceError =>
  new OperationRefused(
    'usage',
    `batch ${batchId} of ${name} is sealed and not committed: start the pipeline once more, which finishes it`,
  );

const wasTaken = (name: string): SluiceError =>
  new OperationRefused('held', `another driver or command has taken ${name} meanwhile; this one has changed nothing`);

type Claimed = { readonly head: Head; readonly source: BatchBody };

async function putRestored(target: OperatedPipeline, restore: Restore, { head, source }: Claimed): Promise<BatchBody> {
  const batch = { batchId: nextBatchId(head), ref: head.epoch };
  const { committed } = head;
  const previous = committed && (await target.seals.loadBody(committed.batchId, committed.ref));
  if (restore.why === 'rewind') refuseRedriven(head, previous, source);
  const { parallelism = source.parallelism } = restore;
  const generation = restore.newGeneration ? head.epoch : head.generation;
  const { of } = restore.source;
  const given = await (restore.states ?? copiedStates(of, target))(source, batch);
  const states: (GroupState | null)[] = [];
  for (let keyGroup = 0; keyGroup < parallelism; keyGroup++) {
    const name = { ...batch, keyGroup, generation };
    states.push(await putState(target, name, given[keyGroup] ?? null, previous));
  }
  // What the batch before names goes on being named.
  const isLast = previous !== undefined && of.name === target.name && source.batchId === previous.batchId;
  const body = restoredBody({
    ...batch,
    origin: originOf(restore, source, of.name === target.name),
    ...{ generation, source, previous, parallelism },
    states: source.states.length === 0 && states.every((state) => state === null) ? [] : states,
    shards: isLast ? previous.shards : await copiedMemories(source.shards, { from: of, to: target, batch }),
  });
  return target.seals.putBody(body, previous);
}

function originOf({ why, source: { of } }: Restore, source: BatchBody, isOwn: boolean): Origin {
  const origin = { why, pipeline: of.name, batchId: source.batchId, ref: source.ref };
  if (why !== 'rewind') return origin;
  // That of a savepoint says which batch of the pipeline it is a copy of.
  return { ...origin, after: isOwn ? source.batchId : (source.origin?.batchId ?? source.batchId) };
}

/** A group that has had a state has one from here on, if only to say that the state before is no more. */
async function putState(
  { states }: OperatedPipeline,
  name: StateName & { readonly generation: number },
  given: RestoredState | null,
  previous: BatchBody | undefined,
): Promise<GroupState | null> {
  const { keyGroup, batchId, ref } = name;
  const before = previous?.states[keyGroup] ?? null;
  const old = before && (await states.loadState(keyGroup, before.batchId, before.ref));
  if (given === null && old === null) return null;
  const { manifest, fingerprint, ...ends } = given ?? { manifest: noManifest, ends: [] };
  const ofFingerprint = fingerprint === undefined ? {} : { fingerprint };
  const nothing = { fates: { results: 0, filtered: 0, refused: [] }, outputs: {}, steps: [] };
  await states.putState(
    { ...name, manifest, ...nothing, ...ofFingerprint },
    {
      replaces: before === null ? undefined : { batchId: before.batchId, ref: before.ref },
      put: namedBy(manifest),
      dropped: old === null ? [] : namedBy(old.manifest),
    },
  );
  return { batchId, ref, ...ends, ...ofFingerprint };
}

const copiedStates =
  (from: OperatedPipeline, to: OperatedPipeline): StatesFrom =>
  async (source, batch) => {
    const copied: (RestoredState | null)[] = [];
    for (const [keyGroup, named] of source.states.entries()) {
      if (named === null) {
        copied.push(null);
        continue;
      }
      const { ends, upTo } = named;
      const stored = await from.states.loadState(keyGroup, named.batchId, named.ref);
      const fingerprint = stored.fingerprint ?? named.fingerprint;
      copied.push({
        ends,
        ...(upTo === undefined ? {} : { upTo }),
        ...(fingerprint === undefined || fingerprint === source.fingerprint ? {} : { fingerprint }),
        manifest: await copiedManifest(stored.manifest, (segment) =>
          to.segments.copySegment({ ...batch, keyGroup }, { store: from.segments, keyGroup, segment }),
        ),
      });
    }
    return copied;
  };

type CopySegment = (segment: SegmentRef) => Promise<SegmentRef>;

async function copiedManifest(manifest: Manifest, copy: CopySegment): Promise<Manifest> {
  const copies = new Map<string, SegmentRef>();
  // One after the other: it is in memory as a whole.
  for (const segment of namedBy(manifest)) copies.set(segment.name, await copy(segment));
  const renamed = ({ segments, rest, ...run }: Run): Run => ({
    ...run,
    segments: segments.map(({ name }) => copies.get(name)!),
    ...(rest === undefined ? {} : { rest: { ...rest, runs: rest.runs.map(renamed) } }),
  });
  return { ...manifest, runs: manifest.runs.map(renamed) };
}

async function copiedMemories(
  shards: readonly ShardCheckpoint[],
  { from, to, batch }: { readonly from: OperatedPipeline; readonly to: OperatedPipeline; readonly batch: BatchName },
): Promise<readonly ShardCheckpoint[]> {
  const copies = new Map<string, NamedMemory>();
  for (const memory of shards.flatMap(({ memories = [] }) => memories)) {
    if (copies.has(memory.nonce)) continue;
    const known = await from.memories.loadMemory(memory);
    copies.set(memory.nonce, await to.memories.putMemory({ ...batch, task: memory.task }, known));
  }
  return shards.map((shard) =>
    shard.memories === undefined
      ? shard
      : { ...shard, memories: shard.memories.map(({ nonce }) => copies.get(nonce)!) },
  );
}
