/** What a committed batch did, as a line for people and as an object for programs. */

import type { Counters } from '../../functions/core/counters.ts';
import type { RowCounts, Tally } from '../../functions/core/dead-letter-tally.ts';
import { endOfTime } from '../../functions/core/model.ts';
import type { OutputCounts } from '../../functions/core/output-counts.ts';
import type { BatchProgress, TaskProgress } from '../../functions/core/progress-report.ts';
import { batchMs, type StepTime } from '../../functions/core/step-times.ts';
import { reasonsText } from './letter-text.ts';

export type BatchReport = {
  readonly progress: BatchProgress;
  /** Since the batch before, or since the start. */
  readonly seconds: number;
  /** Events that were published so far; undefined if this run publishes none. */
  readonly published: number | undefined;
};

export function progressLine({ progress, seconds, published }: BatchReport): string {
  const { counters, shards } = progress;
  const parts = [
    `batch ${progress.batchId}`,
    ...(progress.origin === undefined ? [] : [originText(progress.origin)]),
    shardsText(shards),
    `${number(progress.records)} records`,
    `${number(counters.read)} events`,
    `${number(Math.round(counters.read / Math.max(seconds, 0.001)))}/s`,
    `behind ${(progress.millisBehindLatest / 1000).toFixed(1)} s`,
    ...(progress.perTask === undefined || progress.perTask.length === 0 ? [] : [executorText(progress.perTask)]),
    ...(progress.watermark === null ? [] : [`watermark ${watermarkText(progress.watermark)}`]),
    `${number(counters.emitted)} out${toOutputs(progress)}`,
    ...troubles(progress),
    ...(published === undefined ? [] : [`published ${number(published)}`]),
  ];
  return parts.join(' · ');
}

export function progressObject({ progress, seconds, published }: BatchReport): Record<string, unknown> {
  const { kind, counters, watermark, ...rest } = progress;
  const { steps } = progress;
  return {
    kind: 'progress',
    ...rest,
    batchKind: kind,
    ...counters,
    // The end of time, where windows were closed at the end, is a date like any other.
    watermark: watermark === null ? null : new Date(watermark).toISOString(),
    ...(steps === undefined ? {} : { batchMs: batchMs(steps) }),
    seconds: Math.round(seconds * 1000) / 1000,
    ...(published === undefined ? {} : { published }),
  };
}

/** What a restored batch goes on from. */
export function originText({ why, pipeline, batchId, after }: NonNullable<BatchProgress['origin']>): string {
  const source = pipeline.includes('@')
    ? `savepoint ${pipeline} of batch ${after ?? batchId}`
    : `batch ${batchId} of ${pipeline}`;
  return why === 'rewind' ? `taken back to ${source}` : `${why} of ${source}`;
}

/** Those that ended in the batch are read, and not open any more. */
function shardsText({ read, open }: BatchProgress['shards']): string {
  return read <= open ? `${read} of ${open} shards` : `${read} shards, ${open} open now`;
}

/** `read = counted + filtered + late + dead-lettered`, with numbers; with `flatMap`, what its elements came to behind it. */
export function reconciliation(counters: Counters): string {
  const { read, counted, filtered, late, deadLettered, passed } = counters;
  if (passed !== undefined)
    return (
      `read ${number(read)} = passed ${number(passed)} + filtered ${number(filtered)}` +
      ` + dead-lettered ${number(deadLettered)}; elements: counted ${number(counted)} + late ${number(late)}`
    );
  return (
    `read ${number(read)} = counted ${number(counted)} + filtered ${number(filtered)} + late ${number(late)}` +
    ` + dead-lettered ${number(deadLettered)}`
  );
}

/** `results + made + retracted = emitted + filtered + refused`, with numbers. */
export function rowReconciliation({ results, emitted, filtered, refused, retracted = 0, made = 0 }: RowCounts): string {
  const more = made === 0 ? '' : ` + made by flatMap ${number(made)}`;
  const back = retracted === 0 ? '' : ` + retracted ${number(retracted)}`;
  return `results ${number(results)}${more}${back} = emitted ${number(emitted)} + filtered ${number(filtered)} + refused ${number(refused)}`;
}

/** What went to each output, and what did not, where there are several. */
export function outputTexts(counts: OutputCounts = {}): readonly string[] {
  return Object.entries(counts).map(([output, { emitted, filtered, refused, made = 0, retracted = 0 }]) => {
    const left = [
      ...(made > 0 ? [`${number(made)} made by flatMap`] : []),
      ...(retracted > 0 ? [`${number(retracted)} taken back`] : []),
      ...(filtered > 0 ? [`${number(filtered)} filtered`] : []),
      ...(refused > 0 ? [`${number(refused)} refused`] : []),
    ];
    return `${output} ${number(emitted)}${left.length === 0 ? '' : ` (${left.join(', ')})`}`;
  });
}

export function reconciles({ read, counted, filtered, late, deadLettered, passed }: Counters): boolean {
  return read === (passed ?? counted + late) + filtered + deadLettered;
}

/** The executors of a batch: how many stored something, and how long the longest worked. */
export function executorText(tasks: readonly TaskProgress[]): string {
  const longest = Math.max(0, ...tasks.map(({ workMs }) => workMs));
  return `${number(tasks.length)} ${tasks.length === 1 ? 'executor' : 'executors'}, ${(longest / 1000).toFixed(1)} s`;
}

/** How long each step of a batch took, and all of them. */
export function stepsText(steps: readonly StepTime[]): string {
  const texts = steps.map(
    ({ step, ms, tries = 1 }) => `${step} ${number(ms)} ms${tries > 1 ? ` (${tries} tries)` : ''}`,
  );
  return `${texts.join(', ')}; ${number(batchMs(steps))} ms in all`;
}

export const number = (value: number): string => value.toLocaleString('en');

function watermarkText(watermark: number): string {
  return watermark === endOfTime ? 'at the end' : new Date(watermark).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
}

function toOutputs({ outputs }: BatchProgress): string {
  const texts = outputTexts(outputs);
  return texts.length === 0 ? '' : `: ${texts.join(', ')}`;
}

const because = (tally: Tally = []): string => (tally.length === 0 ? '' : ` (${reasonsText(tally)})`);

/** They are among the events that were read. */
const redrivenTexts = ({ redriven }: BatchProgress): readonly string[] =>
  redriven === undefined
    ? []
    : [
        `${number(redriven.letters)} redriven`,
        ...(redriven.missing > 0 ? [`${number(redriven.missing)} letters gone`] : []),
        ...(redriven.passedOver === undefined ? [] : [`${number(redriven.passedOver)} letters passed over`]),
      ];

function troubles(progress: BatchProgress): readonly string[] {
  const { counters, shards, dataLoss, resentElsewhere, repeated = 0, unidentified = 0, rows, perShard = [] } = progress;
  const throttled = perShard.filter(({ state }) => state === 'throttled').length;
  return [
    ...redrivenTexts(progress),
    ...(counters.late > 0 ? [`${number(counters.late)} late`] : []),
    ...(counters.deadLettered > 0
      ? [`${number(counters.deadLettered)} dead-lettered${because(progress.deadLetters)}`]
      : []),
    ...(rows !== undefined && rows.filtered > 0 ? [`${number(rows.filtered)} results filtered`] : []),
    ...(rows !== undefined && rows.refused > 0
      ? [`${number(rows.refused)} results refused${because(progress.refusedRows)}`]
      : []),
    ...(resentElsewhere > 0 ? [`${number(resentElsewhere)} of other shards left out`] : []),
    ...(repeated > 0 ? [`${number(repeated)} repeated`] : []),
    ...(unidentified > 0 ? [`${number(unidentified)} without an identity`] : []),
    ...(shards.failed > 0 ? [`${shards.failed} shards failed`] : []),
    ...(progress.warnings ?? []).map(
      ({ limit, size, most }) => `near a limit: ${limit} ${number(size)} of ${number(most)}`,
    ),
    ...(throttled > 0 ? [`${throttled} shards throttled`] : []),
    ...(dataLoss.length > 0 ? [`records lost to retention in ${dataLoss.length} shards`] : []),
  ];
}
