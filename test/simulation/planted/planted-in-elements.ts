/** `flatMap`: what an event becomes, how it is counted and where it goes. */
import type { PlantedFault } from './planted-faults.ts';

const judge = 'functions/core/judge-elements.ts';
const progress = 'functions/core/read/progress.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'elements-share-what-is-counted',
    edits: [{ file: judge, from: 'grouped.push(cloneGrouped(table.grouped));', to: 'grouped.push(table.grouped);' }],
  },
  {
    name: 'an-event-whose-first-element-is-late-is-late',
    edits: [
      { file: progress, from: 'counters.late += elements.late;', to: 'counters.late += Math.min(1, elements.late);' },
    ],
  },
  {
    name: 'an-event-without-elements-has-passed',
    edits: [
      {
        file: 'functions/core/evaluate-elements.ts',
        from: "  if (evaluation.verdict === 'passed' && walk.taken === 0) evaluation.verdict = 'filtered';\n",
        to: '',
      },
    ],
  },
  {
    name: 'all-elements-have-one-place',
    edits: [
      {
        file: 'functions/core/several-records.ts',
        from: 'encodeMapped(output, given, this.#about, records.length));',
        to: 'encodeMapped(output, given, this.#about, 0));',
      },
    ],
  },
  {
    name: 'a-result-that-has-fewer-rows-takes-back-none',
    dimension: 'several rows of a result',
    edits: [
      {
        file: 'functions/core/rows-taken-back.ts',
        from: 'return first < upTo ? [{ output, first, upTo }] : [];',
        to: 'return first === 0 && upTo > 0 ? [{ output, first, upTo }] : [];',
      },
    ],
  },
  {
    name: 'rows-of-a-result-are-one-version-each',
    dimension: 'several rows of a result',
    edits: [
      {
        file: 'functions/core/deliver-results.ts',
        from: 'const isVersion = records.length + from.length > 0;',
        to: 'const isVersion = records.length > 1 || from.length > 0;',
      },
    ],
  },
];

export const elementFaults: readonly PlantedFault[] = faults.map((fault) => ({
  dimension: 'elements of events',
  ...fault,
}));
