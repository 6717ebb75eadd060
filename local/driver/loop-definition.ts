/** The deployed state machine's definition, with the names of the steps in the place of functions. */
import type { Definition } from '../../state-machine/asl.ts';
import { type FunctionName, type MachineType, microBatch } from '../../state-machine/micro-batch.ts';

export const functionNames: Readonly<Record<FunctionName, string>> = {
  planBatch: 'plan-batch',
  processShards: 'process-shards',
  sealBatch: 'seal-batch',
  reduceKeyGroup: 'reduce-key-group',
  commitBatch: 'commit-batch',
};

const made = new Map<MachineType, Definition>();

/** The interpreter keeps what it made of a definition: one for all executions. */
export function localDefinition(type: MachineType): Definition {
  const known = made.get(type) ?? microBatch({ functions: functionNames, type }).definition;
  made.set(type, known);
  return known;
}
