/** The five functions of a pipeline: their names in every place that names them. */

export const steps = [
  { key: 'planBatch', id: 'PlanBatch', folder: 'plan-batch' },
  { key: 'processShards', id: 'ProcessShards', folder: 'process-shards' },
  { key: 'sealBatch', id: 'SealBatch', folder: 'seal-batch' },
  { key: 'reduceKeyGroup', id: 'ReduceKeyGroup', folder: 'reduce-key-group' },
  { key: 'commitBatch', id: 'CommitBatch', folder: 'commit-batch' },
] as const;

export type Step = (typeof steps)[number];
export type StepKey = Step['key'];
export type StepFolder = Step['folder'];
export type PerStep<Value> = { readonly [Key in StepKey]: Value };

export function perStep<Value>(make: (step: Step) => Value): PerStep<Value> {
  return Object.fromEntries(steps.map((step) => [step.key, make(step)])) as PerStep<Value>;
}
