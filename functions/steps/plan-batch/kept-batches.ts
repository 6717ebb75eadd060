/** Which batches have rows that were kept for an output, as the chain of committed batches has them. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { type Attaching, type KeptBatch, ofOneLayout } from '../../core/detached.ts';
import { SluiceError } from '../../core/errors.ts';
import { gatheringGroup } from '../../core/gather-rows.ts';
import { reducedGroups } from '../../core/group-states.ts';
import type { BatchName, Head, SealedBatch } from '../../core/model.ts';
import type { PlanRuntime } from './plan-runtime.ts';

const atOnce = 10;

/** Those of one layout, from the first: nothing of them is purged (DETACH-3). */
export async function keptBatches(
  { ports }: Pick<PlanRuntime, 'ports'>,
  head: Head,
  range: Omit<Attaching, 'batches'>,
): Promise<Attaching> {
  const names = await committedIn(ports, head, range);
  const bodies = await inParallel(names, atOnce, ({ batchId, ref }) => ports.seals.loadSealed(batchId, ref));
  const layout = ofOneLayout(bodies);
  const batches = layout.flatMap(keptOf);
  return { ...range, upTo: layout.at(-1)?.batchId ?? range.upTo, batches };
}

/** Of several tries of a batch the one behind it says which was committed: any of its own tries does, since it was planned on that one. */
async function committedIn(
  { seals }: PlanRuntime['ports'],
  { committed }: Head,
  { from, upTo }: Pick<Attaching, 'from' | 'upTo'>,
): Promise<readonly BatchName[]> {
  if (committed === undefined) return [];
  const last = committed.batchId <= upTo ? [committed] : [];
  const behind = { from: from + 1, upTo: Math.min(upTo + 1, committed.batchId) };
  // An empty range is refused.
  const tries = behind.from > behind.upTo ? [] : await seals.bodiesIn(behind);
  const following = [...new Map(tries.map((name) => [name.batchId, name])).values()];
  const bodies = await inParallel(following, atOnce, ({ batchId, ref }) => seals.loadSealed(batchId, ref));
  const names = [...bodies.flatMap(({ previous }) => previous ?? []), ...last];
  const missing = names.findIndex(({ batchId }, at) => batchId !== from + at);
  const isWhole = missing < 0 && names.length === Math.min(upTo, committed.batchId) - from + 1;
  if (!isWhole)
    throw new SluiceError('MissingItem', `batch ${from + Math.max(0, missing)}, of which rows are kept, is not there`);
  return names;
}

function keptOf(body: SealedBatch): readonly KeptBatch[] {
  const reduced = reducedGroups(body);
  if (reduced.length === 0) return [];
  const keyGroups = body.gives?.top === undefined ? reduced : [...reduced, gatheringGroup(body)];
  return [{ batchId: body.batchId, ref: body.ref, parallelism: body.parallelism, keyGroups }];
}
