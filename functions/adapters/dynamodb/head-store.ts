/**
 * The head item: one conditional UpdateItem per change, never a put.
 *
 * A failed condition means "read again and compare": the SDK itself repeats writes whose answer was lost, so the first
 * try may have been applied.
 */
import { SluiceError } from '../../core/errors.ts';
import { nextBatchId, sourcesAfter } from '../../core/head.ts';
import type { BatchName, Head } from '../../core/model.ts';
import type { RedriveRequest } from '../../core/redrive.ts';
import type { Claim, Commit, HeadStore, HeadUpdate, Restored } from '../../ports/head-store.ts';
import {
  headKind,
  leaseUntilOf,
  none,
  redriveText,
  released,
  textOfDetached,
  toHead,
  toValues,
  untilOf,
} from './head-item.ts';
import { checkVersion } from './item-kind.ts';
import { headKey } from './keys.ts';
import type { Table, Values } from './table.ts';

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
      (head) => isOf(head, epoch, owner) && isDone(head),
    );

  return {
    load,
    create: (head) => createHead(table, pipeline, head),
    claim: (seen, claim) =>
      change(
        claimValues(seen, claim),
        claimGiven(seen, claim),
        claim.givenUp === undefined ? claimCondition : `${claimCondition} AND ${asSeen}`,
        (head) => head.epoch === seen.epoch + 1 && head.holder?.claim === claim.claim,
      ),
    seal: ({ batchId, ref }, owner, leaseUntil, redrive) =>
      change(
        { sealedBatch: batchId, sealedRef: ref, leaseUntil },
        { ref, owner, before: batchId - 1, ...(redrive === undefined ? {} : { redrive: redriveText(redrive) }) },
        redrive === undefined ? sealCondition : `${sealCondition} AND #redrive = :redrive`,
        (head) => isOf(head, ref, owner) && isBatch(head.sealed, { batchId, ref }),
      ),
    restore: (restored, owner) =>
      change(restoredValues(restored), restoredGiven(restored, owner), restoreCondition, (head) =>
        isBatch(head.sealed, restored),
      ),
    renew: (batch, holder, leaseUntil) =>
      change({ leaseUntil }, renewGiven(batch, holder, leaseUntil), renewCondition, (head) =>
        isRenewed(head, batch, holder, leaseUntil),
      ),
    commit: (commit) =>
      change(commitValues(commit), commitGiven(commit), commitCondition, (head) => isCommitted(head, commit)),
    release: (epoch, owner) =>
      whileMine(epoch, owner, { leaseUntil: released }, ({ holder }) => holder?.lease.kind === 'released'),
    suspect: (epoch, owner, suspicions) => {
      const text = JSON.stringify(suspicions);
      return whileMine(epoch, owner, { suspicions: text }, (head) => JSON.stringify(head.suspicions) === text);
    },
    async setControl(control) {
      const changed = await table.update(key, { set: { control }, given: {}, condition: 'attribute_exists(#pk)' });
      if (changed === 'refused')
        throw new SluiceError('MissingItem', `pipeline ${pipeline} has never run on this table`);
    },
    setDetached: (seen, detached) => changeDetached(change, seen, detached),
    setRedrive: (seen, redrive) => setRedrive(change, seen, redrive, 'any batch'),
    endRedrive: (seen, redrive) => setRedrive(change, seen, redrive, 'the batch that was seen'),
    async setPurgedBelow(batchId) {
      await table.update(key, {
        set: { purgedBelow: batchId },
        given: { batchId },
        condition: '#purgedBelow < :batchId AND #oldestRetainedBatch >= :batchId',
      });
    },
  };
}

const sealCondition = '#epoch = :ref AND #owner = :owner AND #committedBatch = :before AND #sealedBatch = :before';
const claimCondition = '#epoch = :seenEpoch';
/** What was given up is said by who has seen which try counts: that may change within an epoch. */
const asSeen = '#committedRef = :seenCommitted AND #sealedRef = :seenSealed';

const claimGiven = ({ epoch, committed = none, sealed = none }: Head, { givenUp }: Claim): Values => ({
  seenEpoch: epoch,
  ...(givenUp === undefined ? {} : { seenCommitted: committed.ref, seenSealed: sealed.ref }),
});

const isOf = ({ epoch, holder }: Head, ofEpoch: number, owner: string): boolean =>
  epoch === ofEpoch && holder?.owner === owner;

const isBatch = (named: BatchName | undefined, { batchId, ref }: BatchName): boolean =>
  named?.batchId === batchId && named.ref === ref;

type Change = (set: Values, given: Values, condition: string, isMine: (head: Head) => boolean) => Promise<HeadUpdate>;

async function setRedrive(
  change: Change,
  seen: Head,
  redrive: RedriveRequest,
  behind: 'any batch' | 'the batch that was seen',
): Promise<HeadUpdate> {
  const { generation, committed = none, sealed = none } = seen;
  const text = redriveText(redrive);
  const isAsSeen = behind === 'the batch that was seen';
  const given = {
    ...{ before: redriveText(seen.redrive), generation },
    ...(isAsSeen ? { seenCommitted: committed.ref, seenSealed: sealed.ref } : {}),
  };
  const condition = `#redrive = :before AND #generation = :generation${isAsSeen ? ` AND ${asSeen}` : ''}`;
  return change({ redrive: text }, given, condition, (head) => redriveText(head.redrive) === text);
}

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

function changeDetached(change: Change, seen: Head, detached: Head['detached']): Promise<HeadUpdate> {
  const text = textOfDetached(detached);
  const { committed = none, sealed = none } = seen;
  return change(
    { detached: text },
    { seenDetached: textOfDetached(seen.detached), seenCommitted: committed.ref, seenSealed: sealed.ref },
    `#detached = :seenDetached AND ${asSeen}`,
    (head) => textOfDetached(head.detached) === text,
  );
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
    ...(claim.outputs === undefined ? {} : { outputs: JSON.stringify(claim.outputs) }),
    ...(claim.fingerprint === undefined ? {} : { fingerprint: claim.fingerprint }),
    ...(claim.givenUp === undefined ? {} : { givenUp: JSON.stringify(claim.givenUp) }),
    // Only claims change them: with the epoch that was seen they are those that were seen.
    sources: JSON.stringify(sourcesAfter(seen.sources, claim.source)),
  };
}

const restoreCondition =
  '#epoch = :ref AND #owner = :owner AND #committedBatch = :before AND #sealedBatch = :sealed AND #sealedRef = :sealedRef';

/** Nobody holds it behind this: the next execution finishes the batch. */
function restoredValues({ batchId, ref, formerGroups, givenUp, replaces: _, ...head }: Restored): Values {
  return {
    ...{ ...head, sealedBatch: batchId, sealedRef: ref, leaseUntil: released },
    ...{
      formerGroups: JSON.stringify(formerGroups ?? null),
      givenUp: JSON.stringify(givenUp ?? []),
      suspicions: 'null',
    },
  };
}

function restoredGiven({ batchId, ref, replaces = none }: Restored, owner: string): Values {
  return { ref, owner, before: batchId - 1, sealed: replaces.batchId, sealedRef: replaces.ref };
}

const renewCondition =
  '#epoch = :epoch AND #owner = :owner AND #sealedBatch = :batchId AND #sealedRef = :ref AND #committedBatch = :before ' +
  'AND #leaseUntil > :free AND #leaseUntil <= :lease';

type Renewal = Parameters<HeadStore['renew']>;

function renewGiven({ batchId, ref }: Renewal[0], { epoch, owner }: Renewal[1], lease: Renewal[2]): Values {
  return { epoch, owner, batchId, ref, before: batchId - 1, free: released, lease };
}

/** One that is longer already will do. */
function isRenewed(head: Head, { batchId }: Renewal[0], { epoch, owner }: Renewal[1], leaseUntil: number): boolean {
  return isOf(head, epoch, owner) && nextBatchId(head) === batchId && leaseUntilOf(head.holder) >= leaseUntil;
}

const commitCondition =
  '#epoch = :epoch AND #owner = :owner AND #sealedBatch = :batchId AND #sealedRef = :ref AND #committedBatch = :before ' +
  'AND #oldestRetainedBatch <= :oldestRetainedBatch AND #detached = :seenDetached';

function commitValues(commit: Commit): Values {
  const { batchId, ref, lease, oldestRetainedBatch, detached } = commit;
  return {
    ...{ committedBatch: batchId, committedRef: ref, leaseUntil: untilOf(lease), oldestRetainedBatch },
    ...(detached === undefined ? {} : { detached: textOfDetached(detached.after) }),
  };
}

function commitGiven(commit: Commit): Values {
  const { epoch, owner, batchId, ref, oldestRetainedBatch, detached } = commit;
  const seenDetached = textOfDetached(detached?.seen);
  return { epoch, owner, batchId, ref, before: batchId - 1, oldestRetainedBatch, seenDetached };
}

function isCommitted(head: Head, { epoch, batchId, ref }: Commit): boolean {
  return head.epoch === epoch && isBatch(head.committed, { batchId, ref });
}
