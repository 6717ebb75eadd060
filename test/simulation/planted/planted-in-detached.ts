/** Outputs that are detached: what is kept for them, and how it is sent. */
import type { PlantedFault } from './planted-faults.ts';

const core = 'functions/core/detached.ts';
const dimension = 'outputs that are detached';
const profile = 'detached';
const others = 'detached-others';
const rewound = 'detached-rewound';
const leftBehind = 'rows that are kept of batches that are left behind';
const staying = {
  file: 'functions/steps/reduce-key-group/send-kept.ts',
  from: 'if (state?.outputs[output] === undefined) continue;',
};

export const detachedFaults: readonly PlantedFault[] = [
  {
    name: 'a-purge-takes-what-is-kept-for-an-output',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/steps/commit-batch/commit-head.ts',
        from: 'Math.min(commit.oldestRetainedBatch, oldestOf(head, after))',
        to: 'Math.min(commit.oldestRetainedBatch, oldestOf(head, after) + 1e9)',
      },
    ],
  },
  {
    name: 'an-output-that-is-being-attached-is-sent-what-is-new-first',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/steps/reduce-key-group/may-send.ts',
        from: 'Object.keys(head?.detached ?? {})',
        to: 'Object.entries(head?.detached ?? {}).flatMap(([id, { attach }]) => (attach === undefined ? [id] : []))',
      },
    ],
  },
  {
    name: 'what-is-kept-is-noted-as-sent',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/steps/commit-batch/reduce-again.ts',
        from: 'emittedOf(group, id) > 0 && !Object.hasOwn(group.kept ?? {}, id);',
        to: 'emittedOf(group, id) > 0;',
      },
    ],
  },
  {
    name: 'what-is-kept-is-not-counted',
    ...{ dimension: 'rows that are given up', profile },
    edits: [{ file: core, from: 'known.kept + (kept[output] ?? 0)', to: 'known.kept' }],
  },
  {
    name: 'kept-rows-of-key-groups-that-are-no-more-are-forgotten',
    ...{ dimension: 'another number of key groups', profile },
    edits: [
      {
        file: 'functions/core/group-states.ts',
        from: 'body.attach.batches.flatMap(({ keyGroups }) => keyGroups)',
        to: 'body.attach.batches.flatMap(({ keyGroups }) => keyGroups.filter((group) => group < body.states.length))',
      },
    ],
  },
  {
    name: 'an-output-is-attached-with-the-first-batches-that-it-is-sent',
    ...{ dimension, profile },
    edits: [
      { file: core, from: 'moves && next >= batchId', to: 'moves && next >= 0' },
      { file: core, from: 'export const mostKeptAtOnce = 50;', to: 'export const mostKeptAtOnce = 2;' },
    ],
  },
  {
    name: 'kept-rows-of-the-first-output-are-not-counted',
    ...{ dimension: 'main is detached', profile: others },
    edits: [
      {
        file: 'functions/steps/reduce-key-group/send-outbox.ts',
        from: 'ids.filter((id) => detached.includes(id))',
        to: "ids.filter((id) => detached.includes(id) && id !== 'main')",
      },
    ],
  },
  {
    name: 'kept-late-events-stay-where-they-are',
    ...{ dimension: 'late is detached', profile: others },
    edits: [{ ...staying, to: "if (state?.outputs[output] === undefined || output === 'late') continue;" }],
  },
  {
    name: 'kept-letters-stay-where-they-are',
    ...{ dimension: 'dead-letters is detached', profile: others },
    edits: [{ ...staying, to: "if (state?.outputs[output] === undefined || output === 'dead-letters') continue;" }],
  },
  {
    name: 'a-rewind-attaches-what-is-detached',
    ...{ dimension: leftBehind, profile: rewound },
    edits: [
      {
        file: 'functions/adapters/dynamodb/head-store.ts',
        from: "      suspicions: 'null',\n",
        to: "      suspicions: 'null',\n      ...(head.generation > 0 ? { detached: textOfDetached(undefined) } : {}),\n",
      },
    ],
  },
  {
    name: 'kept-rows-of-batches-that-are-left-behind-are-forgotten',
    ...{ dimension: leftBehind, profile: rewound },
    edits: [
      {
        file: 'functions/steps/plan-batch/kept-batches.ts',
        from: 'layout.flatMap(keptOf)',
        to: 'layout.filter(({ generation }) => generation === head.generation).flatMap(keptOf)',
      },
    ],
  },
];
