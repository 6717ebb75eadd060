/**
 * Outputs of a pipeline without aggregation that are sent to after the seal: streams, as the others are, of a kind that only differs in
 * that. So all that is checked of the others is checked of them, and that nothing is there of a batch that is not sealed.
 */
import { kinesis } from '../../../functions/index.ts';
import type { KinesisStream } from '../../../functions/pipeline/kinesis.ts';
import { mainOutput } from '../../../functions/pipeline/outputs.ts';
import { letterOutput } from '../../../functions/pipeline/side-outputs.ts';
import { sealed as sealedStream } from '../../support/sealed-streams.ts';
import type { Random } from '../random.ts';
import { furtherName } from './further-output.ts';
import type { Scenario } from './scenario.ts';

/** A stream as the output `id` of the scenario writes it. */
export const streamFor = <Row = unknown>(
  { sealed, aggregates }: Scenario,
  id: string,
  streamName: string,
): KinesisStream<'sink', Row> => {
  const aggregate = aggregates === true && id === mainOutput;
  return sealed?.includes(id) === true
    ? sealedStream<Row>({ streamName, aggregate })
    : kinesis<'sink', Row>({ streamName, aggregate });
};

/** All that a scenario has, or some. Executors can't ask how large a record a stream takes, so records are small. */
export function drawSealedOutputs(random: Random, scenario: Scenario): Partial<Scenario> {
  const { kind, large, hasLetterOutput } = scenario;
  if (kind !== 'map-only' || large !== undefined || !random.chance(shareOf(scenario))) return {};
  const letters = hasLetterOutput === true && random.chance(0.7) ? [letterOutput] : [];
  return { sealed: [...drawResults(random, scenario), ...letters] };
}

function shareOf({ further, sinkRecordsASecond, hasLetterOutput }: Scenario): number {
  if (further !== undefined) return sinkRecordsASecond === undefined ? 0.65 : 0.6;
  return hasLetterOutput === true ? 0.65 : 0.22;
}

/** What is held up while it reads is best beside one that is sent to afterwards. */
function drawResults(random: Random, { further, sinkRecordsASecond }: Scenario): readonly string[] {
  if (further === undefined) return [mainOutput];
  return random.weighted<readonly string[]>([
    [sinkRecordsASecond === undefined ? 40 : 90, [furtherName]],
    [25, [mainOutput]],
    [30, [mainOutput, furtherName]],
  ]);
}
