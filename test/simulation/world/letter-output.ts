/** An output for dead letters. */
import { letterOutput } from '../../../functions/pipeline/side-outputs.ts';
import type { WrittenPipeline } from '../../../functions/pipeline/stages.ts';
import type { Random } from '../random.ts';
import type { Scenario } from './scenario.ts';
import { streamFor } from './sealed-outputs.ts';

export const letterSinkName = 'letters';

/** Of pipelines with one other output, whose records are small and soon sent. */
export function drawLetterOutput(random: Random, scenario: Scenario): Partial<Scenario> {
  return mayHaveLetterOutput(scenario) && random.chance(0.08) ? { hasLetterOutput: true } : {};
}

export function mayHaveLetterOutput(scenario: Scenario): boolean {
  const { large, further, hasView, hasLateOutput, scheduleMs, sinkRecordsASecond } = scenario;
  const others = [large, further, hasView, hasLateOutput, scheduleMs, sinkRecordsASecond];
  return others.every((corner) => corner === undefined);
}

export function withLetterOutput<Input, Row, Given extends readonly unknown[]>(
  written: WrittenPipeline<Input, Row, Given>,
  scenario: Scenario,
): WrittenPipeline<Input, Row, Given> {
  return scenario.hasLetterOutput === true
    ? written.deadLettersTo(streamFor(scenario, letterOutput, letterSinkName))
    : written;
}
