/**
 * The head as an item. What conditions compare is a flat attribute, and every head has all of them: an answer that lacks one is known for what
 * it is. So what a head may be without has a word of its own in the item, and nowhere else: batch -1 is none, a lease
 * until 0 is released, the owner 'none' is nobody, `null` is nothing.
 */
import type { DetachedOutputs, KnownOutput } from '../../core/detached.ts';
import type { BatchName, FormerGroups, Head, Holder, Lease } from '../../core/model.ts';
import type { RedriveRequest } from '../../core/redrive.ts';
import type { Suspicions } from '../../core/suspicions.ts';
import { numberIn, textIn } from './item.ts';
import { attributes, itemKind } from './item-kind.ts';
import type { Item, Values } from './table.ts';

export const headKind = itemKind('head', { 1: attributes });

export const none: BatchName = { batchId: -1, ref: -1 };
const nobody = 'none';
export const released = 0;

export function toValues(head: Head): Values {
  const { holder, committed = none, sealed = none, sources, ...others } = head;
  const {
    suspicions = null,
    formerGroups = null,
    givenUp = [],
    detached = null,
    outputs = [],
    redrive,
    ...known
  } = others;
  const { pipeline: _, ...flat } = known;
  const { owner = nobody, claim = nobody, execution = nobody } = holder ?? {};
  return {
    ...flat,
    v: headKind.version,
    owner,
    claim,
    execution,
    leaseUntil: leaseUntilOf(holder),
    committedBatch: committed.batchId,
    committedRef: committed.ref,
    sealedBatch: sealed.batchId,
    sealedRef: sealed.ref,
    sources: JSON.stringify(sources),
    suspicions: JSON.stringify(suspicions),
    formerGroups: JSON.stringify(formerGroups),
    givenUp: JSON.stringify(givenUp),
    detached: textOfDetached(detached ?? undefined),
    outputs: JSON.stringify(outputs),
    redrive: redriveText(redrive),
  };
}

export function toHead(item: Item): Head {
  const text = (name: string): string => textIn(item, name);
  const number = (name: string): number => numberIn(item, name);
  const suspicions = JSON.parse(text('suspicions')) as Suspicions | null;
  const formerGroups = JSON.parse(text('formerGroups')) as FormerGroups | null;
  const givenUp = JSON.parse(text('givenUp')) as readonly BatchName[];
  const detached = JSON.parse(text('detached')) as DetachedOutputs | null;
  const outputs = JSON.parse(text('outputs')) as readonly KnownOutput[];
  const redrive = JSON.parse(text('redrive')) as RedriveRequest | null;
  return {
    pipeline: text('pk'),
    createdAt: number('createdAt'),
    generation: number('generation'),
    epoch: number('epoch'),
    holder: holderIn(item),
    committed: batchIn({ batchId: number('committedBatch'), ref: number('committedRef') }),
    sealed: batchIn({ batchId: number('sealedBatch'), ref: number('sealedRef') }),
    oldestRetainedBatch: number('oldestRetainedBatch'),
    purgedBelow: number('purgedBelow'),
    control: text('control') === 'stop' ? 'stop' : 'run',
    fingerprint: text('fingerprint'),
    parallelism: number('parallelism'),
    sources: JSON.parse(text('sources')) as Head['sources'],
    ...(suspicions === null ? {} : { suspicions }),
    ...(formerGroups === null ? {} : { formerGroups }),
    ...(givenUp.length === 0 ? {} : { givenUp }),
    ...(detached === null ? {} : { detached }),
    ...(outputs.length === 0 ? {} : { outputs }),
    ...(redrive === null ? {} : { redrive }),
  };
}

export const redriveText = (redrive: RedriveRequest | undefined): string => JSON.stringify(redrive ?? null);

/** What conditions compare: the text that the head has. */
export const textOfDetached = (detached: DetachedOutputs | undefined): string => JSON.stringify(detached ?? null);

function holderIn(item: Item): Holder | undefined {
  const until = numberIn(item, 'leaseUntil');
  const lease: Lease = until === released ? { kind: 'released' } : { kind: 'held', until };
  const holder = {
    owner: textIn(item, 'owner'),
    claim: textIn(item, 'claim'),
    execution: textIn(item, 'execution'),
    lease,
  };
  return holder.owner === nobody ? undefined : holder;
}

const batchIn = (batch: BatchName): BatchName | undefined => (batch.batchId === none.batchId ? undefined : batch);

export const untilOf = (lease: Lease): number => (lease.kind === 'held' ? lease.until : released);

export const leaseUntilOf = (holder: Holder | undefined): number =>
  holder === undefined ? released : untilOf(holder.lease);
