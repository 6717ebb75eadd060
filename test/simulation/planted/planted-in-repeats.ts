/** Repeats of what a sender has sent: what is known of them, who takes it over, and what order proves. */
import type { PlantedFault } from './planted-faults.ts';

const inherit = 'functions/core/repeats/inherit-memories.ts';
const ofShard = 'functions/core/repeats/repeats-of-shard.ts';
const identity = 'functions/core/repeats/identity-in.ts';
const events = 'functions/core/repeats/events-known.ts';
const rows = 'functions/core/repeats/rows-known.ts';

const faults: readonly Omit<PlantedFault, 'profile'>[] = [
  {
    name: 'repeats-unknown-to-a-child',
    edits: [
      { file: inherit, from: 'return all.length === own.length ? shard :', to: 'return all.length >= 0 ? shard :' },
    ],
  },
  {
    name: 'repeats-known-of-one-parent',
    edits: [
      { file: inherit, from: 'shard.parents.flatMap((parent)', to: 'shard.parents.slice(0, 1).flatMap((parent)' },
    ],
  },
  {
    name: 'repeats-known-within-a-batch-only',
    edits: [
      {
        file: 'functions/steps/process-shards/process-shards.ts',
        from: 'memory === undefined ? result : { ...result, memory }',
        to: 'memory === undefined ? result : { ...result }',
      },
    ],
  },
  {
    name: 'repeats-known-of-what-was-not-kept',
    edits: [
      {
        file: 'functions/core/read/take-step.ts',
        from: 'step.repeats.keep(held[first]?.takenBefore ?? step.repeats.taken)',
        to: 'step.repeats.keep(step.repeats.taken)',
      },
    ],
  },
  {
    name: 'repeats-within-a-step-pass',
    edits: [
      {
        file: ofShard,
        from: 'this.#before.has(name) || this.#within.has(name)',
        to: 'this.#before.has(name)',
      },
    ],
  },
  {
    name: 'repeats-of-a-batch-before-pass',
    edits: [
      {
        file: rows,
        from: 'if (ref !== this.#ref) return ref < this.#ref;',
        to: 'if (ref !== this.#ref) return false;',
      },
    ],
  },
  {
    name: 'repeats-by-the-place-of-an-event',
    edits: [{ file: events, from: '    this.#raise(base);', to: '    this.#raise(base && place);' }],
  },
  {
    name: 'repeats-of-all-outputs-alike',
    edits: [
      { file: identity, from: 'const of = [pipeline, generation, output];', to: 'const of = [pipeline, generation];' },
    ],
  },
  {
    name: 'repeats-by-a-ref-of-the-future',
    edits: [{ file: identity, from: 'value <= arrivedAt + aheadMs', to: 'value >= 0' }],
  },
  {
    name: 'memories-without-a-note-deleted',
    edits: [
      {
        file: 'functions/adapters/dynamodb/memory-purge.ts',
        from: 'const changes = await loadSaved(note, key, storage);',
        to: 'const changes = (await loadSaved(note, key, storage)) ?? { named: [], replaced: [] };',
      },
    ],
  },
  {
    name: 'memories-never-noted',
    edits: [
      {
        file: 'functions/steps/commit-batch/commit-batch.ts',
        from: '  if (globalThis.SLUICE_DEDUPLICATE !== false) await noteMemories(runtime, body);',
        to: '  if (body.batchId < 0) await noteMemories(runtime, body);',
      },
    ],
  },
];

export const repeatFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, profile: 'chain' }));
