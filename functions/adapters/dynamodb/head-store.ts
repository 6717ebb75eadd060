/**
 * The head item: one conditional UpdateItem per change, never a put.
 *
 * A failed condition means "read again and compare": the SDK itself repeats writes whose answer was lost, so the first
 * try may have been applied.
 */

import { SluiceError } from '../../core/errors.ts';
import type { Head, RunEnd } from '../../core/model.ts';
import type { Suspicions } from '../../core/suspicions.ts';
import type { Claim, Commit, HeadStore, HeadUpdate } from '../../ports/head-store.ts';
import { numberIn, textIn } from './item.ts';
import { attributes, checkVersion, itemKind } from './item-kind.ts';
import { headKey } from './keys.ts';
import type { Item, Table, Values } from './table.ts';

const headKind = itemKind('head', { 1: attributes });

export function createHeadStore(table: Table, pipeline: string): HeadStore {
  const key = headKey(pipeline);
  const load = (): Promise<Head | undefined> => loadHead(table, pipeline);
  const change: Change = (set, given, condition, isMine) =>
    changeHead(table, pipeline, { set, given, condition, isMine });

  const whileMine = (epoch: number, owner: string, set: Values, isDone: (head: Head) => boolean) =>
    change(
      set,
      { epoch, owner },
      '#epoch = :epoch AND #owner = :owner',
      (head) => head.epoch === epoch && head.owner === owner && isDone(head),
    );

  return {
    load,
    create: (head) => createHead(table, pipeline, head),
    claim: (seen, claim) =>
      change(
        claimValues(seen, claim),
        { seenEpoch: seen.epoch },
        '#epoch = :seenEpoch',
        (head) => head.epoch === seen.epoch + 1 && head.claim === claim.claim,
      ),
    seal: ({ batchId, ref }, owner, leaseUntil) =>
      change(
        { sealedBatch: batchId, sealedRef: ref, leaseUntil },
        { ref, owner, before: batchId - 1 },
        '#epoch = :ref AND #owner = :owner AND #committedBatch = :before AND #sealedBatch = :before',
        (head) => head.epoch === ref && head.owner === owner && head.sealedBatch === batchId && head.sealedRef === ref,
      ),
    renew: (batch, holder, leaseUntil) =>
      change({ leaseUntil }, renewGiven(batch, holder, leaseUntil), renewCondition, (head) =>
        isRenewed(head, batch, holder, leaseUntil),
      ),
    commit: (commit) =>
      change(commitValues(commit), commitGiven(commit), commitCondition, (head) => isCommitted(head, commit)),
    release: (epoch, owner) => whileMine(epoch, owner, { leaseUntil: 0 }, (head) => head.leaseUntil === 0),
    suspect: (epoch, owner, suspicions) => {
      const text = JSON.stringify(suspicions);
      return whileMine(epoch, owner, { suspicions: text }, (head) => JSON.stringify(head.suspicions) === text);
    },
    async setControl(control) {
      const changed = await table.update(key, { set: { control }, given: {}, condition: 'attribute_exists(#pk)' });
      if (changed === 'refused')
        throw new SluiceError('MissingItem', `pipeline ${pipeline} has never run on this table`);
    },
    async setPurgedBelow(batchId) {
      await table.update(key, {
        set: { purgedBelow: batchId },
        given: { batchId },
        condition: '#purgedBelow < :batchId AND #horizon >= :batchId',
      });
    },
  };
}

type Change = (set: Values, given: Values, condition: string, isMine: (head: Head) => boolean) => Promise<HeadUpdate>;

async function changeHead(
  table: Table,
  pipeline: string,
  change: { set: Values; given: Values; condition: string; isMine: (head: Head) => boolean },
): Promise<HeadUpdate> {
  const item = await table.update(headKey(pipeline), change);
  if (item !== 'refused') return { kind: 'updated', head: toHead(item) };
  const head = await loadHead(table, pipeline);
  return head !== undefined && change.isMine(head) ? { kind: 'updated', head } : { kind: 'lost', head };
}

async function createHead(table: Table, pipeline: string, head: Head): Promise<Head> {
  const created = await table.update(headKey(pipeline), {
    set: toValues(head),
    given: {},
    condition: 'attribute_not_exists(#pk)',
  });
  if (created !== 'refused') return toHead(created);
  const stored = await loadHead(table, pipeline);
  if (stored === undefined) throw new SluiceError('TemporaryFailure', `${pipeline}: the head was deleted meanwhile`);
  return stored;
}

async function loadHead(table: Table, pipeline: string): Promise<Head | undefined> {
  const key = headKey(pipeline);
  // Absent only before the first plan, and whoever has planned would take it for lost: that is asked for once more.
  const item = (await table.get(key)) ?? (await table.get(key));
  if (item === undefined) return undefined;
  checkVersion(headKind, item, key);
  return toHead(item);
}

function claimValues(seen: Head, claim: Claim): Values {
  return {
    epoch: seen.epoch + 1,
    owner: claim.owner,
    claim: claim.claim,
    execution: claim.execution,
    leaseUntil: claim.leaseUntil,
    retentionMs: claim.retentionMs,
    ...(claim.keptFrom === undefined ? {} : { keptFrom: claim.keptFrom }),
    ...(claim.listedAt === undefined ? {} : { listedAt: claim.listedAt }),
    ...(claim.runEnd === undefined ? {} : { runEnd: JSON.stringify(claim.runEnd) }),
  };
}

const renewCondition =
  '#epoch = :epoch AND #owner = :owner AND #sealedBatch = :batchId AND #sealedRef = :ref AND #committedBatch = :before ' +
  'AND #leaseUntil > :free AND #leaseUntil <= :lease';

type Renewal = Parameters<HeadStore['renew']>;

function renewGiven({ batchId, ref }: Renewal[0], { epoch, owner }: Renewal[1], lease: Renewal[2]): Values {
  return { epoch, owner, batchId, ref, before: batchId - 1, free: 0, lease };
}

/** One that is longer already will do. */
function isRenewed(head: Head, { batchId }: Renewal[0], { epoch, owner }: Renewal[1], leaseUntil: number): boolean {
  return (
    head.epoch === epoch && head.owner === owner && head.committedBatch === batchId - 1 && head.leaseUntil >= leaseUntil
  );
}

const commitCondition =
  '#epoch = :epoch AND #owner = :owner AND #sealedBatch = :batchId AND #sealedRef = :ref AND #committedBatch = :before ' +
  'AND #horizon <= :horizon';

function commitValues(commit: Commit): Values {
  const { batchId, ref, leaseUntil } = commit;
  return { committedBatch: batchId, committedRef: ref, leaseUntil, horizon: commit.horizon };
}

function commitGiven(commit: Commit): Values {
  const { epoch, owner, batchId, ref, horizon } = commit;
  return { epoch, owner, batchId, ref, before: batchId - 1, horizon };
}

function isCommitted(head: Head, { epoch, batchId, ref }: Commit): boolean {
  return head.epoch === epoch && head.committedBatch === batchId && head.committedRef === ref;
}

/** Each head has all of these, so that an answer that lacks one is known for what it is: `null` and 0 are none. */
function toValues(head: Head): Values {
  const { pipeline: _, stream, start, runEnd = null, suspicions = null, ...flat } = head;
  return {
    ...flat,
    v: headKind.version,
    runEnd: JSON.stringify(runEnd),
    suspicions: JSON.stringify(suspicions),
    streamArn: stream.arn,
    streamName: stream.name,
    streamCreatedAt: stream.createdAt,
    retentionMs: stream.retentionMs,
    keptFrom: stream.keptFrom ?? 0,
    start: JSON.stringify(start),
  };
}

export function toHead(item: Item): Head {
  const text = (name: string): string => textIn(item, name);
  const number = (name: string): number => numberIn(item, name);
  const keptFrom = number('keptFrom');
  const runEnd = JSON.parse(text('runEnd')) as RunEnd | null;
  const suspicions = JSON.parse(text('suspicions')) as Suspicions | null;
  return {
    pipeline: text('pk'),
    generation: number('generation'),
    epoch: number('epoch'),
    owner: text('owner'),
    claim: text('claim'),
    execution: text('execution'),
    leaseUntil: number('leaseUntil'),
    committedBatch: number('committedBatch'),
    committedRef: number('committedRef'),
    sealedBatch: number('sealedBatch'),
    sealedRef: number('sealedRef'),
    horizon: number('horizon'),
    purgedBelow: number('purgedBelow'),
    control: text('control') === 'stop' ? 'stop' : 'run',
    fingerprint: text('fingerprint'),
    parallelism: number('parallelism'),
    stream: {
      arn: text('streamArn'),
      name: text('streamName'),
      createdAt: number('streamCreatedAt'),
      retentionMs: number('retentionMs'),
      ...(keptFrom === 0 ? {} : { keptFrom }),
    },
    start: JSON.parse(text('start')),
    listedAt: number('listedAt'),
    ...(runEnd === null ? {} : { runEnd }),
    ...(suspicions === null ? {} : { suspicions }),
  };
}
