/** Which state of a key group a batch goes on with: what a seal names, what a reducer loads and what a purge leaves. */
import type { PlantedFault } from './planted-faults.ts';

const groupStates = 'functions/core/group-states.ts';
const openEnds = 'functions/core/open-ends.ts';
const reduceStep = 'functions/steps/reduce-key-group/reduce-key-group.ts';
const purge = 'functions/adapters/dynamodb/purge.ts';
const purgePace = 'functions/core/purge-pace.ts';
const stateStore = 'functions/adapters/dynamodb/state-store.ts';

export const stateFaults: readonly PlantedFault[] = [
  {
    name: 'purges-come-late-for-good',
    edits: [{ file: purgePace, from: '>= batchesAtOnce(', to: '>= 3 * batchesAtOnce(' }],
  },
  {
    name: 'purges-states-by-their-age',
    edits: [
      {
        file: purge,
        from: 'const done = await sweep.clearReplaced(of, replacing);',
        to: "const below = { condition: 'sk < :to', values: { ':to': padBatch(replacing.upTo) } };\nconst done = (await sweep.clear(of.states, below)) ? replacing.upTo : replacing.after;",
      },
    ],
  },
  {
    name: 'purges-states-that-a-retained-batch-began-with',
    edits: [
      { file: purge, from: 'upTo: oldestRetainedBatch, createdAt', to: 'upTo: oldestRetainedBatch + 1, createdAt' },
    ],
  },
  {
    name: 'states-say-not-what-they-replace',
    edits: [
      {
        file: stateStore,
        from: 'replaces === undefined ? {} : { replaces:',
        to: 'replaces !== null ? {} : { replaces:',
      },
    ],
  },
  {
    name: 'windows-close-only-where-a-block-comes',
    edits: [
      { file: groupStates, from: 'added === undefined && !isDue(last, watermarkOut)', to: 'added === undefined' },
    ],
  },
  {
    name: 'ends-of-blocks-are-not-carried-on',
    edits: [
      { file: groupStates, from: 'joinEnds([last ?? noEnds, ...(added ?? [])])', to: 'joinEnds([last ?? noEnds])' },
    ],
  },
  {
    name: 'ends-of-the-seal-before-are-not-carried-on',
    edits: [
      { file: groupStates, from: 'joinEnds([last ?? noEnds, ...(added ?? [])])', to: 'joinEnds([...(added ?? [])])' },
    ],
  },
  {
    name: 'a-group-is-due-behind-its-end',
    edits: [{ file: openEnds, from: 'ends[0]! <= watermark;', to: 'ends[0]! < watermark;' }],
  },
  {
    name: 'reduces-from-the-batch-before',
    edits: [
      {
        file: reduceStep,
        from: 'const before = body.states[keyGroup]?.before;',
        to: 'const before = body.previous ?? undefined;',
      },
    ],
  },
  {
    name: 'reduces-from-nothing-where-the-watermark-alone-came',
    edits: [
      {
        file: reduceStep,
        from: 'const before = body.states[keyGroup]?.before;',
        to: 'const before = body.blocks.length === 0 ? undefined : body.states[keyGroup]?.before;',
      },
    ],
  },
  {
    name: 'ends-behind-the-bound-are-forgotten',
    dimension: 'more ends than a seal names',
    edits: [
      {
        file: openEnds,
        from: 'upTo === undefined || upTo === kept.at(-1) ? { ends: kept } : { ends: kept, upTo }',
        to: 'upTo === undefined || upTo === kept.at(-1) ? { ends: kept } : { ends: kept }',
      },
    ],
  },
];
