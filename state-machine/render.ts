/**
 * Writes the Express machine as JSON, for people and tools: `node state-machine/render.ts`.
 * Where a deployment has version ARNs, it has placeholders in the style of a SAM template's DefinitionSubstitutions.
 */
import { writeFileSync } from 'node:fs';
import { microBatch } from './micro-batch.ts';

export const renderedFile = new URL('./micro-batch.asl.json', import.meta.url);

export const placeholders = {
  planBatch: placeholder('PlanBatchFunction'),
  processShards: placeholder('ProcessShardsFunction'),
  sealBatch: placeholder('SealBatchFunction'),
  reduceKeyGroup: placeholder('ReduceKeyGroupFunction'),
  commitBatch: placeholder('CommitBatchFunction'),
};

function placeholder(name: string): string {
  return '${' + name + '}';
}

export function renderMicroBatch(): string {
  const { definition } = microBatch({ functions: placeholders, type: 'EXPRESS' });
  return `${JSON.stringify(definition, undefined, 2)}\n`;
}

if (import.meta.main) writeFileSync(renderedFile, renderMicroBatch());
