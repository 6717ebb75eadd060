/**
 * Small breakages of the product, each as a change of its source. The harness must find every one of them: a check that
 * cannot fail proves nothing. Rows D1 to D67 are those of the model that the protocol was checked with.
 */
import type { Profile } from '../run-seed.ts';
import type { DimensionName } from '../world/dimensions.ts';
import { aggregateFaults } from './planted-in-aggregates.ts';
import { aggregationFaults } from './planted-in-aggregation.ts';
import { answerFaults } from './planted-in-answers.ts';
import { callFaults } from './planted-in-calls.ts';
import { chainFaults } from './planted-in-chain.ts';
import { cornerFaults } from './planted-in-corners.ts';
import { correctionFaults } from './planted-in-corrections.ts';
import { definitionFaults } from './planted-in-definitions.ts';
import { deliveredFaults } from './planted-in-delivered.ts';
import { deliveryFaults } from './planted-in-delivery.ts';
import { detachedFaults } from './planted-in-detached.ts';
import { duplicateFaults } from './planted-in-duplicates.ts';
import { elementFaults } from './planted-in-elements.ts';
import { fanOutFaults } from './planted-in-fan-out.ts';
import { fieldFaults } from './planted-in-fields.ts';
import { fileFaults } from './planted-in-files.ts';
import { groupFaults } from './planted-in-groups.ts';
import { hangFaults } from './planted-in-hangs.ts';
import { isolationFaults } from './planted-in-isolation.ts';
import { keptFaults } from './planted-in-kept.ts';
import { largeRecordFaults } from './planted-in-large-records.ts';
import { lateOutputFaults } from './planted-in-late-output.ts';
import { letterFaults } from './planted-in-letters.ts';
import { lineageFaults } from './planted-in-lineage.ts';
import { loadFaults } from './planted-in-load.ts';
import { metricFaults } from './planted-in-metrics.ts';
import { modeFaults } from './planted-in-modes.ts';
import { nameFaults } from './planted-in-names.ts';
import { objectFaults } from './planted-in-objects.ts';
import { operationFaults } from './planted-in-operations.ts';
import { outputFaults } from './planted-in-outputs.ts';
import { paneFaults } from './planted-in-panes.ts';
import { partFaults } from './planted-in-parts.ts';
import { passedFaults } from './planted-in-passed.ts';
import { protocolFaults } from './planted-in-protocol.ts';
import { readingFaults } from './planted-in-reading.ts';
import { redriveFaults } from './planted-in-redrives.ts';
import { referenceFaults } from './planted-in-references.ts';
import { remadeFaults } from './planted-in-remade.ts';
import { repeatFaults } from './planted-in-repeats.ts';
import { resultFaults } from './planted-in-results.ts';
import { retractionFaults } from './planted-in-retractions.ts';
import { roundFaults } from './planted-in-rounds.ts';
import { runFaults } from './planted-in-runs.ts';
import { sealedFaults } from './planted-in-sealed.ts';
import { segmentFaults } from './planted-in-segments.ts';
import { sessionFaults } from './planted-in-sessions.ts';
import { shardFaults } from './planted-in-shards.ts';
import { sizeFaults } from './planted-in-sizes.ts';
import { stateFaults } from './planted-in-states.ts';
import { stepTimeFaults } from './planted-in-step-times.ts';
import { stepFaults } from './planted-in-steps.ts';
import { topRowFaults } from './planted-in-top-rows.ts';
import { trialFaults } from './planted-in-trial.ts';
import { valueFaults } from './planted-in-values.ts';
import { viewFaults } from './planted-in-views.ts';
import { watermarkFaults } from './planted-in-watermark.ts';
import { waveFaults } from './planted-in-waves.ts';

export type Edit = { readonly file: string; readonly from: string; readonly to: string };

export type PlantedFault = {
  readonly name: string;
  /** Of the model's table, where it is from there. */
  readonly row?: string;
  readonly edits: readonly Edit[];
  /** Only seeds that draw this can find it, and few do: the others are passed over. */
  readonly dimension?: DimensionName;
  /** What its seeds are drawn from, if not what others are. */
  readonly profile?: Profile;
  /** It is in what only the SDK's own clients go through. */
  readonly throughSdk?: true;
};

/** Of how it is looked for, and shown again. */
export const clientFlags = ({ throughSdk }: PlantedFault): readonly string[] => (throughSdk ? ['--sdk'] : []);

export const plantedFaults: readonly PlantedFault[] = [
  ...partFaults,
  ...protocolFaults,
  ...chainFaults,
  ...watermarkFaults,
  ...readingFaults,
  ...runFaults,
  ...fanOutFaults,
  ...deliveryFaults,
  ...referenceFaults,
  ...aggregationFaults,
  ...cornerFaults,
  ...answerFaults,
  ...roundFaults,
  ...lineageFaults,
  ...keptFaults,
  ...passedFaults,
  ...largeRecordFaults,
  ...trialFaults,
  ...valueFaults,
  ...viewFaults,
  ...callFaults,
  ...fileFaults,
  ...isolationFaults,
  ...hangFaults,
  ...loadFaults,
  ...remadeFaults,
  ...resultFaults,
  ...repeatFaults,
  ...nameFaults,
  ...sizeFaults,
  ...stepTimeFaults,
  ...metricFaults,
  ...stateFaults,
  ...shardFaults,
  ...segmentFaults,
  ...definitionFaults,
  ...objectFaults,
  ...outputFaults,
  ...aggregateFaults,
  ...paneFaults,
  ...modeFaults,
  ...stepFaults,
  ...sessionFaults,
  ...correctionFaults,
  ...retractionFaults,
  ...groupFaults,
  ...elementFaults,
  ...lateOutputFaults,
  ...letterFaults,
  ...duplicateFaults,
  ...topRowFaults,
  ...sealedFaults,
  ...deliveredFaults,
  ...operationFaults,
  ...detachedFaults,
  ...redriveFaults,
  ...waveFaults,
  ...fieldFaults,
];

const rewind =
  'a pipeline that goes back goes on with the next batch number, and copies what it goes on from: there are no branches';
const reader =
  'it is a fault of the reader of the sink, which is not part of the product; the checks read as one that drops repeats';

/** Rows of the model that this product cannot have, and why. */
export const notApplicable: Readonly<Record<string, string>> = {
  D13: 'the payload of a reducer names a batch and has nothing of its content',
  D14: rewind,
  D21: rewind,
  D23: rewind,
  D24: reader,
  D30: rewind,
  D31: rewind,
  D32: rewind,
  ...Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`D${40 + at}`, reader])),
  ...Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`D${49 + at}`, reader])),
  D66: rewind,
};
