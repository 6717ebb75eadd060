/** `sluice rewind`, `fork` and `repartition`: a batch that the pipeline goes on from, instead of the last. */
import { Console } from 'node:console';
import type { Head } from '../functions/core/model.ts';
import { goBack, type PlaceBefore } from '../functions/operations/go-back.ts';
import { committedHead, retainedBatch, wholeSavepoint } from '../functions/operations/listed-savepoints.ts';
import type { BatchOf } from '../functions/operations/operated-pipeline.ts';
import { repartition as divide } from '../functions/operations/repartition.ts';
import { fork as begin } from '../functions/operations/savepoint.ts';
import { LocalProblem } from '../local/local-problem.ts';
import { forkText, repartitionText, wentBackText } from '../local/report/operation-text.ts';
import type { Flags } from './flags.ts';
import {
  type ForkSettings,
  forkSettings,
  type PlaceSettings,
  repartitionSettings,
  rewindSettings,
} from './operation-settings.ts';
import { type Operations, withOperations } from './with-operations.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export async function rewind(options: Flags): Promise<void> {
  const { pipeline, to } = rewindSettings(options);
  await withOperations(options, async (operations) => {
    const went = await goBack(operations.pipeline(pipeline), placeOf(operations, pipeline, to));
    const { source, restored, left, gaveUp = null, warnings, before, after } = went;
    const generations = { generation: after.generation, generationBefore: before.generation };
    const { batches, rows, withoutReport } = left;
    const leftBehind = { batches, rows, withoutReport, gaveUp: gaveUp?.batchId ?? null };
    print(
      options.json === true
        ? JSON.stringify({ pipeline, ...restored, ...generations, source, leftBehind, warnings })
        : wentBackText(pipeline, went),
    );
  });
}

const placeOf = (operations: Operations, pipeline: string, to: PlaceSettings): PlaceBefore =>
  to.kind === 'savepoint' ? { kind: 'savepoint', listed: operations.savepoint(pipeline, to.name) } : to;

export async function fork(name: string, options: Flags): Promise<void> {
  const settings = forkSettings(name, options);
  const { pipeline } = settings;
  await withOperations(options, async (operations) => {
    const { source, head } = await sourceOf(operations, settings);
    const { body } = await begin(operations.pipeline(name), source, head);
    const { batchId, ref, origin, parallelism } = body;
    const made = { pipeline: name, batchId, ref, origin, parallelism };
    print(options.json === true ? JSON.stringify(made) : forkText({ name, from: pipeline, source, parallelism }));
  });
}

async function sourceOf(
  operations: Operations,
  { pipeline, from }: ForkSettings,
): Promise<{ readonly source: BatchOf; readonly head: Head }> {
  if (from.kind === 'savepoint') {
    const listed = operations.savepoint(pipeline, from.name);
    const head = await wholeSavepoint(listed);
    return { source: { of: listed.savepoint, ...head.committed }, head };
  }
  const of = operations.pipeline(pipeline);
  const head = await committedHead(of);
  return { source: { of, ...(await retainedBatch(of, head, from.batchId)) }, head };
}

export async function repartition(file: string, options: Flags): Promise<void> {
  // What the pipeline's own file prints must not come between what is asked for.
  globalThis.console = new Console(process.stderr, process.stderr);
  const { name, definition, groups } = await repartitionSettings(file, options);
  await withOperations(options, async (operations) => {
    const of = operations.pipeline(name);
    const head = await committedHead(of);
    const { parallelism: before } = head;
    if (before === groups)
      throw new LocalProblem(
        'usage',
        `--groups ${groups}: ${name} has ${groups} key groups already; nothing has changed`,
      );
    const { body } = await divide(of, { ...definition, name }, head, groups);
    const { batchId, ref } = body;
    const made = { pipeline: name, batchId, ref, parallelism: groups, parallelismBefore: before };
    print(options.json === true ? JSON.stringify(made) : repartitionText(made));
  });
}
