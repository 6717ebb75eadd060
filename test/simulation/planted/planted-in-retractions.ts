/** Rows that are taken back: which, from where, under which number, and how they are counted. */
import type { PlantedFault } from './planted-faults.ts';

const deliver = 'functions/core/deliver-results.ts';
const back = 'functions/core/rows-taken-back.ts';
const fewOutputs = 'rows that one output alone takes back';

const faults: readonly PlantedFault[] = [
  {
    name: 'a-row-that-is-filtered-now-is-not-taken-back',
    edits: [
      {
        file: deliver,
        from: '    if (from.length > 0) this.#back.push({ keyValues, window, from });\n',
        to: '',
      },
    ],
  },
  {
    name: 'a-row-is-taken-back-only-where-all-outputs-lose-it',
    dimension: fewOutputs,
    edits: [
      {
        file: deliver,
        from: 'if (from.length > 0) this.#back',
        to: 'if (from.length > 0 && records.length === 0) this.#back',
      },
    ],
  },
  {
    name: 'a-row-is-taken-back-from-outputs-that-have-it',
    dimension: fewOutputs,
    edits: [
      {
        file: back,
        from: '[kept.get(output) ?? 0, rowsGivenTo(output, given)];',
        to: '[0 * (kept.get(output) ?? 0), rowsGivenTo(output, given)];',
      },
    ],
  },
  {
    name: 'only-the-first-output-takes-a-row-back',
    dimension: 'rows that one output alone takes back',
    edits: [{ file: back, from: 'of from) {', to: 'of from.slice(0, 1)) {' }],
  },
  {
    name: 'all-outputs-take-back-what-one-had',
    dimension: fewOutputs,
    edits: [
      {
        file: 'functions/core/given-rows.ts',
        from: 'if (isList(of)) return of.includes(output) ? rows : 0;',
        to: 'if (isList(of)) return rows;',
      },
    ],
  },
  {
    name: 'the-state-forgets-which-outputs-have-a-row',
    dimension: fewOutputs,
    edits: [
      {
        file: 'functions/core/given-rows.ts',
        from: 'return having.length === rowsOf.size ?',
        to: 'return having.length > 0 ?',
      },
    ],
  },
  {
    name: 'what-is-taken-back-has-the-number-of-the-row',
    edits: [
      {
        file: 'functions/core/window-changes.ts',
        from: 'const version = { revision: given![0], timing,',
        to: 'const version = { revision: given![0] - 1, timing,',
      },
    ],
  },
  {
    name: 'what-is-taken-back-has-the-place-of-a-row',
    edits: [
      {
        file: deliver,
        from: 'const index = this.#given.entries.length + from + at;',
        to: 'const index = from + at;',
      },
    ],
  },
  {
    name: 'what-is-taken-back-goes-by-another-key',
    edits: [
      {
        file: back,
        from: 'const defaultKey = defaultPartitionKey(keyValues);',
        to: 'const defaultKey = JSON.stringify(keyValues);',
      },
    ],
  },
  {
    name: 'what-is-taken-back-does-not-say-so',
    edits: [
      {
        file: back,
        from: 'window.version, { row, retracted: true }),',
        to: 'window.version, { row }),',
      },
    ],
  },
  {
    name: 'what-is-taken-back-is-not-emitted',
    edits: [
      {
        file: 'functions/core/outbox.ts',
        from: 'results + made + retracted - filtered',
        to: 'results + made + 0 * retracted - filtered',
      },
    ],
  },
  {
    name: 'what-one-output-takes-back-all-do',
    dimension: fewOutputs,
    edits: [
      {
        file: 'functions/core/outbox-counts.ts',
        from: 'for (const { output } of row.records) this.#of(output).retracted += 1;',
        to: 'for (const output of this.#outputs) this.#of(output).retracted += 1;',
      },
    ],
  },
  {
    name: 'what-is-taken-back-of-one-group-is-counted',
    edits: [
      {
        file: 'functions/core/dead-letter-tally.ts',
        from: "    ...ifAny('retracted', (one.retracted ?? 0) + (other.retracted ?? 0)),\n    ...ifAny('made', (one.made ?? 0) + (other.made ?? 0)),\n  };\n}\n\nconst ifAny",
        to: "    ...ifAny('retracted', other.retracted ?? one.retracted ?? 0),\n    ...ifAny('made', (one.made ?? 0) + (other.made ?? 0)),\n  };\n}\n\nconst ifAny",
      },
    ],
  },
];

export const retractionFaults: readonly PlantedFault[] = faults.map((fault) => ({
  dimension: 'rows that are taken back',
  ...fault,
}));
