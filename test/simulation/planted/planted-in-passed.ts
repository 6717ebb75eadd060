/** What a small batch does without: a plan that is no item, and queries for what a purge has seen already. */
import type { PlantedFault } from './planted-faults.ts';

export const passedFaults: readonly PlantedFault[] = [
  {
    name: 'deaths-in-a-plan-that-was-passed-on-are-not-looked-into',
    dimension: 'deadly records',
    edits: [{ file: 'functions/steps/plan-batch/suspects.ts', from: '      plan: batch.plan,\n', to: '' }],
  },
  {
    name: 'a-plan-that-is-passed-on-forgets-the-watermark',
    dimension: 'plans that are passed on',
    edits: [
      {
        file: 'functions/adapters/dynamodb/plan-store.ts',
        from: '[task.version, saved(one)]',
        to: '[task.version, { ...saved(one), watermark: null }]',
      },
    ],
  },
  {
    name: 'a-purge-leaves-what-lies-beside-states-that-it-has-seen',
    dimension: 'a narrow sink',
    edits: [
      {
        file: 'functions/adapters/dynamodb/purge.ts',
        from: 'getOrSet(seen, stateIn(sk), none).push(item);',
        to: 'if (!isBeside(sk)) getOrSet(seen, stateIn(sk), none).push(item);',
      },
    ],
  },
];
