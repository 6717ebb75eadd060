/** The deployed state machine's definition, and those of its nested machines, with the names of the steps in the place of functions. */
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import {
  type FunctionName,
  type MachineType,
  type MicroBatch,
  microBatch,
  type Width,
} from '../../state-machine/micro-batch.ts';

export const functionNames: Readonly<Record<FunctionName, string>> = {
  planBatch: 'plan-batch',
  processShards: 'process-shards',
  sealBatch: 'seal-batch',
  reduceKeyGroup: 'reduce-key-group',
  commitBatch: 'commit-batch',
};

export type LocalMachine = Pick<MicroBatch, 'definition' | 'waves'>;

export const widthOf = ({
  maxTasks: tasks,
  parallelism: keyGroups,
}: Pick<Pipeline, 'maxTasks' | 'parallelism'>): Width => ({
  tasks,
  keyGroups,
});

const made = new Map<string, LocalMachine>();

/** The interpreter keeps what it made of a definition: one for all executions. */
export function localMachine(type: MachineType, width: Width): LocalMachine {
  const name = `${type} ${width.tasks} ${width.keyGroups}`;
  const known = made.get(name);
  if (known !== undefined) return known;
  const { definition, waves } = microBatch({ functions: functionNames, type, width });
  const machine = { definition, waves };
  made.set(name, machine);
  return machine;
}
