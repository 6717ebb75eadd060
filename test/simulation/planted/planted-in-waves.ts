/** Tasks and key groups in waves: what a nested execution that gives no answer is taken for, and what is lost of those that do. */
import type { PlantedFault } from './planted-faults.ts';

const machine = 'state-machine/waves.ts';
const answers = 'functions/core/reduced-wave.ts';

const faults: readonly Omit<PlantedFault, 'profile'>[] = [
  {
    name: 'a-wave-without-an-answer-has-read-everything',
    dimension: 'waves without an answer',
    edits: [{ file: machine, from: "() => 'failed'),", to: "() => 'caught-up')," }],
  },
  {
    name: 'a-wave-without-an-answer-is-reduced',
    dimension: 'waves without an answer',
    edits: [
      {
        file: answers,
        from: '{ keyGroup, emitted: 0, done: false, progressed: false }',
        to: '{ keyGroup, emitted: 0, done: true, progressed: false }',
      },
    ],
  },
  {
    name: 'a-wave-leaves-out-its-last-one',
    edits: [
      {
        file: 'functions/core/waves.ts',
        from: 'numbers.slice(wave * size, (wave + 1) * size)',
        to: 'numbers.slice(wave * size, (wave + 1) * size - (wave > 0 ? 1 : 0))',
      },
    ],
  },
  {
    name: 'what-waves-have-counted-is-left-out',
    edits: [
      {
        file: 'functions/core/reduce-rounds.ts',
        from: 'addSums([sums, sumsOf(groups), ...waves])',
        to: 'addSums([sums, sumsOf(groups)])',
      },
    ],
  },
  {
    name: 'a-wave-counts-groups-that-are-not-done',
    edits: [{ file: answers, from: 'const done = groups.filter((group) => group.done);', to: 'const done = groups;' }],
  },
];

export const waveFaults: readonly PlantedFault[] = faults.map((fault) => ({
  dimension: 'two levels',
  ...fault,
  profile: 'waves',
}));
