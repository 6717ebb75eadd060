/** `topRows`: what key groups hand on, and what is gathered of it. */
import type { PlantedFault } from './planted-faults.ts';

const faults: readonly Omit<PlantedFault, 'dimension'>[] = [
  {
    name: 'a-key-group-hands-on-one-row-too-few',
    edits: [
      {
        file: 'functions/core/rank-rows.ts',
        from: 'this.#first = new FirstRows(rule);',
        to: 'this.#first = new FirstRows({ ...rule, n: rule.n - 1 });',
      },
    ],
  },
  {
    name: 'of-equal-rows-the-one-that-came-first-is-first',
    edits: [
      {
        file: 'functions/core/top-rows.ts',
        from: 'return one.canonical < other.canonical ? -1 : 1;',
        to: 'return -1;',
      },
    ],
  },
  {
    name: 'a-batch-is-committed-before-its-rows-are-gathered',
    edits: [{ file: 'functions/core/reduce-rounds.ts', from: 'return [gatheringGroup];', to: 'return [];' }],
  },
  {
    name: 'one-key-group-alone-is-gathered',
    edits: [
      {
        file: 'functions/steps/reduce-key-group/gather-ranked.ts',
        from: 'inParallel(reducedGroups(body), atOnce',
        to: 'inParallel(reducedGroups(body).slice(0, 1), atOnce',
      },
    ],
  },
  {
    name: 'what-was-handed-on-for-nothing-is-not-counted',
    edits: [
      {
        file: 'functions/core/gather-rows.ts',
        from: 'const passedOver = this.#taken - entries.length;',
        to: 'const passedOver = 0;',
      },
    ],
  },
  {
    name: 'a-row-without-a-rank-comes-first',
    edits: [
      {
        file: 'functions/core/top-rows.ts',
        from: 'if (one.by === null) return 1;',
        to: 'if (one.by === null) return -1;',
      },
    ],
  },
  {
    name: 'places-begin-at-nought',
    edits: [{ file: 'functions/core/gather-rows.ts', from: '{ [rankAs]: at + 1 }', to: '{ [rankAs]: at }' }],
  },
  {
    name: 'a-row-that-can-not-be-ranked-is-last',
    edits: [
      {
        file: 'functions/core/evaluate-row.ts',
        from: 'const { reason, message } = failureOf(error);',
        to: "const { reason, message } = failureOf(error);\n      if (input.ranking === 'asked') return { kind: 'ranked', by: null };",
      },
    ],
  },
  {
    name: 'whoever-resumes-does-not-hear-of-what-was-handed-on',
    edits: [
      {
        file: 'functions/steps/reduce-key-group/reduce-key-group.ts',
        from: '...(state.ranked === undefined ? {}',
        to: '...(state.ranked === undefined || !isFresh ? {}',
      },
    ],
  },
  {
    name: 'what-was-gathered-stays-for-ever',
    edits: [
      {
        file: 'functions/adapters/dynamodb/purge.ts',
        from: 'isGathering ? [{ group: parallelism, before: oldestRetainedBatch }] : []',
        to: '[]',
      },
    ],
  },
];

const ofDeployments: readonly PlantedFault[] = [
  {
    name: 'the-first-rows-are-those-by-the-rule-of-today',
    dimension: 'first rows by another rule',
    edits: [
      {
        file: 'functions/core/sealed-versions.ts',
        from: '{ top: { ...ranked(top, rule), ...rule } }',
        to: '{ top: ranked(top, rule) }',
      },
    ],
  },
];

export const topRowFaults: readonly PlantedFault[] = [
  ...faults.map((fault) => ({ ...fault, dimension: 'first rows of a window' as const })),
  ...ofDeployments,
];
