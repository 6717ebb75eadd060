/** What the key groups of a batch have handed on, for its gathering step: two states at a time, of which only that is held. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { fittedWindows } from '../../core/fitted-windows.ts';
import { GatheredRows } from '../../core/gather-rows.ts';
import { reducedGroups } from '../../core/group-states.ts';
import type { SealedBatch } from '../../core/model.ts';
import type { RankedRow } from '../../core/rank-rows.ts';
import type { Aggregating, Reduction } from '../../core/reduction.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

/** A reducer holds as much: the state before, and the one after. */
const atOnce = 2;

type Gathering = Aggregating & Pick<ReduceRuntime['pipeline'], 'fingerprint'>;

/** A state that is not there is lost: the driver comes here when all groups have put theirs. */
export async function gatherRanked(
  { ports }: Pick<ReduceRuntime, 'ports'>,
  body: SealedBatch,
  pipeline: Gathering,
): Promise<Reduction> {
  const gathered = new GatheredRows(pipeline, body);
  await inParallel(reducedGroups(body), atOnce, async (keyGroup) => {
    const { ranked = [], fingerprint } = await ports.states.loadState(keyGroup, body.batchId, body.ref);
    gathered.take(fitted(ranked, fingerprint ?? body.fingerprint, pipeline));
  });
  return gathered.reduction();
}

/** Their accumulators, as those of open windows are. `saved`: the fingerprint of the pipeline that has saved them. */
function fitted(ranked: readonly RankedRow[], saved: string, pipeline: Gathering): readonly RankedRow[] {
  const windows = fittedWindows(
    ranked.map(({ keyValues, window }) => [keyValues, [window]]),
    saved,
    pipeline,
  );
  return ranked.map((row, at) => ({ ...row, window: windows[at]![1][0]! }));
}
