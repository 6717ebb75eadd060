/** When results are given out, how long they are corrected, and whether the outputs can carry what that takes. */
import type { WindowSpec } from '../windows/window-kind.ts';
import type { GroupingDefinition, PipelineDefinition } from './definition.ts';
import { duration, oneOf, readOption, readOptions } from './option-rules.ts';
import type { RawOptions } from './options.ts';
import { pathOfOutput } from './outputs.ts';
import type { Aggregation, Output } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';

const retractionRules = { retractions: oneOf(['send', 'ignore'], 'send') };
const modeRule = oneOf(['append', 'update'], 'append');
const latenessRule = duration({ atLeastMs: 0 }, undefined);

/** What `allowedLateness` adds to the window. None is as if it had not been called. */
export function checkLateness(
  { lateness }: Pick<GroupingDefinition, 'lateness'>,
  { kind }: WindowSpec,
  problems: Problem[],
): Pick<WindowSpec, 'latenessMs'> {
  if (lateness === undefined) return {};
  const { value, options } = lateness;
  readOptions('allowedLateness', options, retractionRules, problems);
  if (value === undefined) problems.push(missing('allowedLateness', latenessRule.allowed));
  const latenessMs = readOption('allowedLateness', value, latenessRule, problems) ?? 0;
  if (kind.of !== 'event-time')
    problems.push(notAllowed('allowedLateness', value, 'it after windows of event time: no event is late in these'));
  return latenessMs === 0 ? {} : { latenessMs };
}

/** What `outputMode` makes of it. */
export function checkMode(
  { mode, grouping }: Pick<PipelineDefinition, 'mode' | 'grouping'>,
  aggregation: Aggregation,
  outputs: readonly Output[],
  problems: Problem[],
): Aggregation {
  const value = readOption('outputMode', mode?.value, modeRule, problems);
  const ofMode = readRetractions('outputMode', mode?.options, problems);
  // What is wrong with them has been told.
  const ofLateness = readRetractions('allowedLateness', grouping?.lateness?.options, []);
  const isIgnored = [ofMode, ofLateness].includes('ignore');
  // A window of a micro-batch changes in that batch alone.
  const isUpdate = value === 'update' && aggregation.window.kind.of === 'event-time';
  const mayRetract = isUpdate || aggregation.window.latenessMs !== undefined;
  if (mayRetract && !isIgnored) refuseThoseThatCannot(outputs, isUpdate ? 'outputMode' : 'allowedLateness', problems);
  return {
    ...aggregation,
    ...(isUpdate ? { mode: 'update' } : {}),
    ...(mayRetract && isIgnored ? { ignoresRetractions: true } : {}),
  };
}

/** Of a pipeline whose events go out one by one. */
export function refuseMode({ mode }: Pick<PipelineDefinition, 'mode'>, problems: Problem[]): void {
  if (mode === undefined) return;
  readRetractions('outputMode', mode.options, problems);
  if (readOption('outputMode', mode.value, modeRule, problems) === 'update')
    problems.push(
      notAllowed('outputMode', mode.value, "'append', or groupBy(…): an event that is written never changes"),
    );
}

const readRetractions = (path: string, options: RawOptions | undefined, problems: Problem[]): 'send' | 'ignore' =>
  readOptions(path, options ?? {}, retractionRules, problems).retractions;

function refuseThoseThatCannot(outputs: readonly Output[], step: string, problems: Problem[]): void {
  for (const { id, sink } of outputs) {
    if (sink.kind.takesRetractions(sink.options)) continue;
    const allowed =
      "a sink that can carry retractions, such as kinesis({ … }) with its identity, or the option retractions: 'ignore' of " +
      `${step}(…)`;
    problems.push(notAllowed(pathOfOutput(id), sink.kind.kind, allowed));
  }
}
