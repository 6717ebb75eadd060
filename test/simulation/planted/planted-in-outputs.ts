/** Several outputs: what is for which of them. */
import type { PlantedFault } from './planted-faults.ts';

const output = 'functions/core/output.ts';
const send = 'functions/steps/reduce-key-group/send-outbox.ts';
const outbox = 'functions/core/outbox-counts.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'a-filter-of-one-output-for-all',
    edits: [
      {
        file: output,
        from: '    const made = encodeOne(output, given, about);',
        to: '    const { filter } = outputs.at(-1)!;\n    const made = encodeOne({ ...output, filter }, given, about);',
      },
    ],
  },
  {
    name: 'a-map-of-one-output-for-all',
    edits: [
      {
        file: output,
        from: '    const made = encodeOne(output, given, about);',
        to: '    const { map } = outputs.at(-1)!;\n    const made = encodeOne({ ...output, map }, given, about);',
      },
    ],
  },
  {
    name: 'a-filter-that-is-not-asked',
    edits: [{ file: output, from: 'return Boolean(takes);', to: 'return true;' }],
  },
  {
    name: 'an-identity-of-the-first-output-for-all',
    edits: [
      { file: output, from: 'const identity = identityFor(id, at);', to: "const identity = identityFor('main', at);" },
    ],
  },
  {
    name: 'what-one-output-refuses-none-has',
    edits: [
      {
        file: 'functions/core/stored-rows.ts',
        from: 'missed: row.missed ?? nothingMissed });\n  return rowWith(records, missed, row);',
        to: "missed: row.missed ?? nothingMissed });\n  return rowWith(missed.some(({ kind }) => kind === 'refused') ? [] : records, missed, row);",
      },
    ],
  },
  {
    name: 'what-one-output-refuses-is-no-letter',
    edits: [
      {
        file: output,
        from: 'if (first === undefined || outputs === 1) return first;',
        to: 'if (first === undefined || outputs > 1) return undefined;',
      },
    ],
  },
  {
    name: 'a-note-of-one-output-for-all',
    edits: [
      {
        file: send,
        from: 'sentBefore[output] ?? nothingSent',
        to: "sentBefore['main'] ?? nothingSent",
      },
    ],
  },
  {
    name: 'a-batch-is-done-when-one-output-is',
    edits: [
      {
        file: send,
        from: '    outputs.reduce((left, output) => left + leftOf(output.length, sentOf(output)), 0);',
        to: '    Math.min(...outputs.map((output) => leftOf(output.length, sentOf(output))));',
      },
    ],
  },
  {
    name: 'what-an-output-filters-is-not-counted',
    edits: [
      {
        file: outbox,
        from: "if (one.kind === 'filtered') this.#of(one.output).filtered += one.count ?? 1;",
        to: "if (one.kind === 'filtered') this.#of(one.output);",
      },
    ],
  },
  {
    name: 'sent-places-of-one-output-for-all',
    edits: [
      {
        file: 'functions/core/sent-places.ts',
        from: 'places?.find((one) => one.to === to)?.runs',
        to: 'places?.find((one) => one.to !== undefined || one.to === to)?.runs',
      },
    ],
  },
  {
    name: 'what-one-output-lacks-goes-to-all-again',
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: 'return records.filter(({ output }) => !having.has(output));',
        to: 'return records.every(({ output }) => having.has(output)) ? [] : records;',
      },
    ],
  },
  {
    name: 'counts-of-outputs-of-one-task-alone',
    edits: [
      {
        file: 'functions/core/decide-seal.ts',
        from: 'inOrder.map((block) => block.outputs ?? {})',
        to: 'inOrder.slice(0, 1).map((block) => block.outputs ?? {})',
      },
    ],
  },
];

export const outputFaults: readonly PlantedFault[] = faults.map((fault) => ({
  ...fault,
  dimension: 'a second output',
}));
