/** Rows that end their reducer: who is to blame, and what becomes of it. */
import type { PlantedFault } from './planted-faults.ts';

const trial = 'functions/core/row-trial.ts';
const apart = 'functions/steps/reduce-key-group/evaluate-apart.ts';
const again = 'functions/steps/commit-batch/reduce-again.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'no-row-is-ever-given-up',
    edits: [
      { file: trial, from: 'times.length >= deathsUntilGivenUp;', to: 'times.length >= 100 * deathsUntilGivenUp;' },
    ],
  },
  {
    name: 'the-row-behind-is-to-blame',
    edits: [{ file: apart, from: '    const { index } = row;', to: '    const index = row.index + 1;' }],
  },
  {
    name: 'deaths-of-the-process-are-forgotten',
    edits: [
      {
        file: trial,
        from: 'if (inHand === null || !hasDied) return free;',
        to: 'if (inHand === null || hasDied !== undefined) return free;',
      },
    ],
  },
  {
    name: 'the-driver-keeps-deaths-to-itself',
    edits: [
      {
        file: again,
        from: 'groups.filter((group) => group.died === true);',
        to: 'groups.filter((group) => group.died === false);',
      },
    ],
  },
  {
    name: 'rows-behind-a-death-are-left-out',
    edits: [
      {
        file: apart,
        from: 'evaluateInPlace(this.#runtime, this.#given, this.#results)',
        to: 'evaluateInPlace(this.#runtime, { ...this.#given, rows: { ...rows, length: Math.min(rows.length, ...[...givenUpIn(this.#trial).keys()].map((at) => at + 1)) } }, this.#results)',
      },
    ],
  },
  {
    name: 'what-died-has-another-reason',
    edits: [
      {
        file: apart,
        from: "  kind: 'refused',\n  reason: 'crashed-reducer',",
        to: "  kind: 'refused',\n  reason: 'callback-failed',",
      },
    ],
  },
];

export const trialFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, dimension: 'deadly rows' }));
