/** Reference data: when it is loaded, how long it stays, and what is told of it. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'reference data';

export const referenceFaults: readonly PlantedFault[] = [
  {
    name: 'reference-data-is-never-loaded-again',
    dimension,
    edits: [
      {
        file: 'functions/core/references.ts',
        from: 'now - loadedAt >= everyMs;',
        to: 'now - loadedAt >= everyMs * 1e6;',
      },
    ],
  },
  {
    name: 'reference-data-is-used-however-old',
    dimension,
    edits: [
      {
        file: 'functions/core/references.ts',
        from: 'now - loadedAt < staleAfterMs;',
        to: 'now - loadedAt < staleAfterMs * 1e6;',
      },
    ],
  },
  {
    name: 'a-load-that-hangs-is-waited-for',
    dimension,
    edits: [
      {
        file: 'functions/adapters/reference-keeper.ts',
        from: 'clock.sleep(ms, cut.signal)',
        to: 'clock.sleep(2 * ms, cut.signal)',
      },
    ],
  },
  {
    name: 'a-block-names-no-version-of-reference-data',
    dimension,
    edits: [
      {
        file: 'functions/steps/process-shards/put-block.ts',
        from: '      ...usesPart(references),\n',
        to: '',
      },
    ],
  },
  {
    name: 'only-the-last-try-of-a-reduce-names-its-version',
    dimension,
    edits: [
      {
        file: 'functions/core/outbox-counts.ts',
        from: 'this.#references = addUses(this.#references, references);',
        to: 'this.#references = references;',
      },
    ],
  },
  {
    name: 'a-reducer-without-reference-data-is-done',
    dimension,
    edits: [
      {
        file: 'functions/steps/reduce-key-group/reduce-key-group.ts',
        from: 'emitted: 0, done: false, progressed: false, why };',
        to: 'emitted: 0, done: true, progressed: true, why };',
      },
    ],
  },
  {
    name: 'a-reducer-that-slept-sends-of-a-batch-that-was-purged',
    dimension,
    edits: [
      {
        file: 'functions/steps/reduce-key-group/may-send.ts',
        from: 'if (!isBatchOver(head, state)) return',
        to: 'if (!isBatchOver(head, state) || state.batchId >= 0) return',
      },
    ],
  },
];
