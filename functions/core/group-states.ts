/**
 * Which state of each key group a batch goes on with, named by its seal.
 *
 * GROUP-1 A key group is reduced in a batch exactly if a block has something for it, or the watermark reaches the first of
 *    its ends, or something of it is open and all that is open is given out in each batch; only then does the seal name a new state. Whoever finds that a state is not there has lost it: absent never
 *    means unchanged (S11).
 * GROUP-2 What a seal names follows from the seal before, the blocks and the watermark: a reducer adds nothing to it.
 * GROUP-3 A state is named with the fingerprint that it was saved under, where that is not the batch's: a definition that has changed
 *    goes on with it.
 */
import type { WindowSpec } from '../windows/window-kind.ts';
import type { BatchBody, BatchName, BlockSummary, GroupState, GroupStates } from './model.ts';
import { endsAfter, isDue, joinEnds, noEnds, type OpenEnds } from './open-ends.ts';
import { endsUnder } from './over-before.ts';
import type { Instant } from './watermark.ts';

type Batch = BatchName & Pick<BatchBody, 'parallelism' | 'fingerprint'> & { readonly watermarkOut: Instant };
type Blocks = readonly Pick<BlockSummary, 'groups'>[];

/** `window`: undefined without aggregation, where a group has a state for its outbox alone, and none before a block has carried something. */
export function statesAfter(
  previous: Pick<BatchBody, 'states' | 'fingerprint'> | undefined,
  batch: Batch,
  blocks: Blocks,
  window: WindowSpec | undefined,
): GroupStates {
  const added = endsByGroup(blocks);
  if (window === undefined && added.size === 0 && (previous?.states ?? []).length === 0) return [];
  return Array.from({ length: batch.parallelism }, (_, keyGroup) =>
    stateAfter(named(previous, keyGroup, batch), batch, added.get(keyGroup), window),
  );
}

/** Of a batch in which nothing is due. */
export const sameStates = (
  previous: Parameters<typeof statesAfter>[0],
  batch: Omit<Batch, 'watermarkOut'>,
): GroupStates => statesAfter(previous, { ...batch, watermarkOut: null }, [], undefined);

/** The one before. */
function named(
  previous: Pick<BatchBody, 'states' | 'fingerprint'> | undefined,
  keyGroup: number,
  { fingerprint }: Batch,
): GroupState | null {
  const known = previous?.states[keyGroup] ?? null;
  if (known === null || previous!.fingerprint === fingerprint) return known;
  const last = endsUnder(known, previous!.fingerprint, fingerprint);
  return last.fingerprint !== undefined ? last : { ...last, fingerprint: previous!.fingerprint };
}

function stateAfter(
  last: GroupState | null,
  { batchId, ref, watermarkOut }: Batch,
  added: readonly OpenEnds[] | undefined,
  window: WindowSpec | undefined,
): GroupState | null {
  const isAsked = last !== null && window?.everyBatch === true && last.ends.length > 0;
  if (last !== null && added === undefined && !isDue(last, watermarkOut) && !isAsked) {
    const { before: _, ...unchanged } = last;
    return unchanged;
  }
  if (last === null && added === undefined) return null;
  const open = joinEnds([last ?? noEnds, ...(added ?? [])]);
  return {
    ...{ batchId, ref },
    ...(window === undefined ? open : endsAfter(open, watermarkOut, window)),
    ...(last === null ? {} : { before: nameOf(last) }),
  };
}

const nameOf = ({ batchId, ref, fingerprint }: GroupState): NonNullable<GroupState['before']> =>
  fingerprint === undefined ? { batchId, ref } : { batchId, ref, fingerprint };

function endsByGroup(blocks: Blocks): ReadonlyMap<number, readonly OpenEnds[]> {
  const byGroup = new Map<number, OpenEnds[]>();
  for (const { keyGroup, ends, upTo } of blocks.flatMap(({ groups }) => groups)) {
    const known = byGroup.get(keyGroup);
    const open = upTo === undefined ? { ends } : { ends, upTo };
    if (known === undefined) byGroup.set(keyGroup, [open]);
    else known.push(open);
  }
  return byGroup;
}

type Sealed = BatchName & Pick<BatchBody, 'states'> & Partial<Pick<BatchBody, 'kind'>>;

/** Whether the group is reduced in this batch. The states of a restored batch are there before it is sealed. */
export function isReduced({ batchId, ref, states, kind }: Sealed, keyGroup: number): boolean {
  const state = states[keyGroup];
  return kind !== 'restored' && state !== undefined && state !== null && state.batchId === batchId && state.ref === ref;
}

/** Those that are, ascending. */
export const reducedGroups = (body: Sealed): readonly number[] =>
  [...body.states.keys()].filter((keyGroup) => isReduced(body, keyGroup));

/** Those that the driver goes to: of a batch that sends what was kept, those that have any. */
export const groupsToReduce = (body: Sealed & Partial<Pick<BatchBody, 'attach'>>): readonly number[] =>
  body.attach === undefined
    ? reducedGroups(body)
    : [...new Set(body.attach.batches.flatMap(({ keyGroups }) => keyGroups))].sort((one, other) => one - other);

/** Windows that hold events and are not closed yet. */
export const hasOpenWindows = (body: Pick<BatchBody, 'states'> | undefined): boolean =>
  body?.states.some((state) => state !== null && state.ends.length > 0) ?? false;
