/** Deep lineages, long silences, and what retention, a purge or a stream made anew takes away. */
import type { PlantedFault } from './planted-faults.ts';

const superseded = 'functions/steps/superseded.ts';
const purge = 'functions/adapters/dynamodb/purge.ts';

export const lineageFaults: readonly PlantedFault[] = [
  {
    name: 'who-comes-after-the-purge-misses-something',
    edits: [{ file: superseded, from: 'if (!otherwise.isOver(await', to: 'if (otherwise.isOver(await' }],
  },
  {
    name: 'purge-forgets-chunks',
    edits: [
      {
        file: purge,
        from: "      found.push({ pk, sk: textIn(item, 'sk') });\n      if (",
        to: "      if (!/#\\d{4}$/.test(textIn(item, 'sk'))) found.push({ pk, sk: textIn(item, 'sk') });\n      if (",
      },
    ],
  },
  {
    name: 'purge-takes-a-few-of-each-kind',
    edits: [
      {
        file: purge,
        from: 'this.#table.query(pk, where, { keysOnly: true })',
        to: 'this.#table.query(pk, where, { keysOnly: true, limit: 3 })',
      },
    ],
  },
];
