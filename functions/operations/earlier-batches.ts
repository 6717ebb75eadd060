/**
 * The batches that a pipeline can go back to, and those that it leaves behind then.
 *
 * EARLIER-1 Batches are a tree: before a batch stands the one with the number before, or the one that its rewind goes on after.
 */
import { inParallel } from '../concurrency/in-parallel.ts';
import type { Head, SealedBatch } from '../core/model.ts';
import type { BatchProgress } from '../core/progress-report.ts';
import type { OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused } from './refused.ts';

const atOnce = 20;

/** The last one first. Which of the tries of a batch was committed is said by the one after it. */
export async function* retainedBatches(
  { seals }: Pick<OperatedPipeline, 'seals'>,
  { committed, oldestRetainedBatch }: Pick<Head, 'committed' | 'oldestRetainedBatch'>,
): AsyncGenerator<SealedBatch> {
  let name = committed ?? null;
  while (name !== null && name.batchId >= oldestRetainedBatch) {
    const body = await seals.loadSealed(name.batchId, name.ref);
    yield body;
    name = body.previous;
  }
}

/** @throws OperationRefused if none that is retained was, or it is not known of one */
export async function committedBy(
  of: Pick<OperatedPipeline, 'seals' | 'reports' | 'name'>,
  head: Head,
  time: number,
): Promise<SealedBatch> {
  let oldest: string | undefined;
  for await (const body of retainedBatches(of, head)) {
    const report = await of.reports.loadProgress(body.batchId, body.ref);
    if (report === undefined)
      throw new OperationRefused(
        'usage',
        `when batch ${body.batchId} of ${of.name} was committed is not known any more (reports are kept for 30 days): name a batch`,
      );
    if (report.committedAt <= time) return body;
    oldest = `batch ${body.batchId}, committed ${new Date(report.committedAt).toISOString()}`;
  }
  throw new OperationRefused(
    'usage',
    `no batch of ${of.name} that is retained was committed by ${new Date(time).toISOString()}: the oldest one is ${oldest}`,
  );
}

export type LeftBehind = {
  /** Ascending, as runs from one to another. */
  readonly batches: readonly (readonly [number, number])[];
  /** By output, what those have given out whose reports are there. */
  readonly rows: Readonly<Record<string, number>>;
  /** How many have no report any more. */
  readonly withoutReport: number;
};

/** What is no longer before the last batch, once the pipeline goes on after `after`. */
export async function leftBehind(
  of: Pick<OperatedPipeline, 'seals' | 'reports'>,
  head: Pick<Head, 'committed' | 'oldestRetainedBatch'>,
  after: number,
): Promise<LeftBehind> {
  const retained: SealedBatch[] = [];
  for await (const body of retainedBatches(of, head)) retained.push(body);
  const goneBack = new Map(
    retained.flatMap(({ batchId, origin }) => (origin?.after === undefined ? [] : [[batchId, origin.after]])),
  );
  const left = batchesLeft(goneBack, { last: head.committed?.batchId ?? -1, after });
  const isLeft = new Set(left);
  const rows: Record<string, number> = {};
  const reports = await inParallel(
    retained.filter(({ batchId }) => isLeft.has(batchId)),
    atOnce,
    ({ batchId, ref }) => of.reports.loadProgress(batchId, ref),
  );
  const known = reports.filter((report) => report !== undefined);
  for (const [output, count] of known.flatMap(rowsOf)) rows[output] = (rows[output] ?? 0) + count;
  return { batches: runsOf(left), rows, withoutReport: left.length - known.length };
}

/** Those before `last` that are not before `after`, and `last` itself; ascending. `goneBack`: of batches that go on after an earlier one. */
export function batchesLeft(
  goneBack: ReadonlyMap<number, number>,
  { last, after }: { readonly last: number; readonly after: number },
): readonly number[] {
  const before = (batchId: number): number => goneBack.get(batchId) ?? batchId - 1;
  const left: number[] = [];
  let [one, other] = [last, after];
  // Numbers fall on either way, so the one that is ahead goes back until they meet.
  while (one !== other) {
    if (one > other) {
      left.push(one);
      one = before(one);
    } else other = before(other);
  }
  return left.toReversed();
}

/** Of a pipeline with one output a report has no more than what was emitted. */
const rowsOf = ({ outputs, counters }: BatchProgress): readonly (readonly [string, number])[] =>
  outputs === undefined
    ? [['main', counters.emitted]]
    : Object.entries(outputs).map(([output, { emitted }]) => [output, emitted]);

function runsOf(ascending: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const number of ascending) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}
