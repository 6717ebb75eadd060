/** When results are given out, how long they are corrected, and whether the outputs can carry what that takes. */
import type { WindowSpec } from '../windows/window-kind.ts';
import type { GroupingDefinition, PipelineDefinition } from './definition.ts';
import { duration, oneOf, readOption, readOptions, wholeNumber } from './option-rules.ts';
import { pathOfOutput } from './outputs.ts';
import type { Aggregation, Output } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';

const versionRules = {
  retractions: oneOf(['send', 'ignore'], 'send'),
  accumulation: oneOf(['accumulating', 'discarding'], 'accumulating'),
};
const modeRules = { ...versionRules, maxRows: wholeNumber({ atLeast: 1, atMost: 1_000_000 }, 10_000) };
const modeRule = oneOf(['append', 'update', 'complete'], 'append');
const latenessRule = duration({ atLeastMs: 0 }, undefined);

/** What `allowedLateness` adds to the window. None is as if it had not been called. */
export function checkLateness(
  { lateness }: Pick<GroupingDefinition, 'lateness'>,
  { kind }: WindowSpec,
  problems: Problem[],
): Pick<WindowSpec, 'latenessMs'> {
  if (lateness === undefined) return {};
  const { value, options } = lateness;
  readOptions('allowedLateness', options, versionRules, problems);
  if (value === undefined) problems.push(missing('allowedLateness', latenessRule.allowed));
  const latenessMs = readOption('allowedLateness', value, latenessRule, problems) ?? 0;
  if (kind.of !== 'event-time')
    problems.push(notAllowed('allowedLateness', value, 'it after windows of event time: no event is late in these'));
  else if (kind.isTotal === true && latenessMs > 0)
    problems.push(
      notAllowed('allowedLateness', value, `a longer ttl of ${kind.usage}: events count as long as their key is known`),
    );
  return latenessMs === 0 ? {} : { latenessMs };
}

/** What `outputMode` makes of it. */
export function checkMode(
  given: Pick<PipelineDefinition, 'mode' | 'grouping'>,
  aggregation: Aggregation,
  outputs: readonly Output[],
  problems: Problem[],
): Aggregation {
  const { asked, maxRows, discards, isIgnored } = readVersions(given, problems);
  const { window } = aggregation;
  // A window of a micro-batch changes in that batch alone.
  const isOfTime = window.kind.of === 'event-time';
  if (discards) refuseThoseThatKeepLatest(outputs, problems);
  const mode = asked === 'append' || !isOfTime ? undefined : asked;
  refuseUnsaid(mode, window, problems);
  // Of parts none is taken back: each is of other events.
  const mayRetract = !discards && (mode !== undefined || window.latenessMs !== undefined);
  if (mayRetract && !isIgnored) refuseThoseThatCannot(outputs, mode ? 'outputMode' : 'allowedLateness', problems);
  return {
    ...aggregation,
    ...(mode === undefined ? {} : { mode }),
    ...(mode === 'complete' ? { window: { ...window, everyBatch: true }, maxRows } : {}),
    ...(discards && isOfTime ? { discards } : {}),
    ...(mayRetract && isIgnored ? { ignoresRetractions: true } : {}),
  };
}

function refuseUnsaid(mode: Aggregation['mode'], { kind }: WindowSpec, problems: Problem[]): void {
  if (mode === undefined && kind.isTotal === true)
    problems.push(notAllowed('outputMode', 'append', `'update' or 'complete' with ${kind.usage}, which never closes`));
}

/** What is said in either place holds. */
function readVersions({ mode, grouping }: Pick<PipelineDefinition, 'mode' | 'grouping'>, problems: Problem[]) {
  const { mode: asked, maxRows, ...ofMode } = readMode({ mode }, problems);
  // What is wrong with them has been told.
  const ofLateness = readOptions('allowedLateness', grouping?.lateness?.options ?? {}, versionRules, []);
  const discards = [ofMode.accumulation, ofLateness.accumulation].includes('discarding');
  if (discards && asked === 'complete')
    problems.push(notAllowed('accumulation', 'discarding', "'accumulating' with outputMode('complete')"));
  const isIgnored = [ofMode.retractions, ofLateness.retractions].includes('ignore');
  return { asked, maxRows, discards, isIgnored };
}

/** Of a pipeline whose events go out one by one. */
export function refuseMode(given: Pick<PipelineDefinition, 'mode'>, problems: Problem[]): void {
  const { mode } = readMode(given, problems);
  if (mode !== 'append')
    problems.push(notAllowed('outputMode', mode, "'append', or groupBy(…): an event that is written never changes"));
}

function readMode({ mode }: Pick<PipelineDefinition, 'mode'>, problems: Problem[]) {
  const { value, options = {} } = mode ?? {};
  const read = readOption('outputMode', value, modeRule, problems);
  if (options.maxRows !== undefined && read !== 'complete')
    problems.push(notAllowed('outputMode.maxRows', options.maxRows, "it with 'complete': other modes have no limit"));
  return { mode: read, ...readOptions('outputMode', options, modeRules, problems) };
}

/** Of parts the last one would stand for the whole. */
function refuseThoseThatKeepLatest(outputs: readonly Output[], problems: Problem[]): void {
  for (const { id, from, sink } of outputs) {
    if (from !== 'results' || sink.kind.keepsLatest !== true) continue;
    const allowed = `'accumulating' with ${pathOfOutput(id)}: ${sink.kind.kind} holds the latest version of a result, and the last of its parts is not their sum`;
    problems.push(notAllowed('accumulation', 'discarding', allowed));
  }
}

function refuseThoseThatCannot(outputs: readonly Output[], step: string, problems: Problem[]): void {
  for (const { id, from, sink } of outputs) {
    if (from !== 'results' || sink.kind.takesRetractions(sink.options)) continue;
    const allowed =
      "a sink that can carry retractions, such as kinesis({ … }) with its identity, or the option retractions: 'ignore' of " +
      `${step}(…)`;
    problems.push(notAllowed(pathOfOutput(id), sink.kind.kind, allowed));
  }
}
