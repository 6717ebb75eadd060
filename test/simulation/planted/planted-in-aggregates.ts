/** Aggregates: which event comes first, what sketches and lists keep when they are merged, and what is rounded. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'aggregates that look at the order of events';
const rank = 'functions/aggregates/event-rank.ts';
const collect = 'functions/aggregates/collect.ts';
const countDistinct = 'functions/aggregates/count-distinct.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'of-events-at-one-time-any-is-the-first',
    edits: [{ file: rank, from: '    compareNumbers(one.sequence, other.sequence) ||\n', to: '' }],
  },
  {
    name: 'an-aggregated-record-has-no-order',
    edits: [{ file: rank, from: '    one.sub - other.sub ||\n', to: '' }],
  },
  {
    name: 'the-order-of-events-by-what-callbacks-hold',
    edits: [
      {
        file: 'functions/core/judge-event.ts',
        from: 'table.judge(evaluation, meta, task, rank);',
        to: 'table.judge(evaluation, meta, task, table.rankOf(meta));',
      },
    ],
  },
  {
    name: 'the-order-of-events-is-that-of-their-arrival',
    edits: [
      {
        file: 'functions/core/window-table.ts',
        from: 'if (rank !== undefined && evaluation.eventTime !== undefined) rank.time =',
        to: 'if (rank !== undefined && evaluation.eventTime !== undefined) rank.time += 0 *',
      },
    ],
  },
  {
    name: 'a-list-is-in-the-order-of-its-blocks',
    edits: [
      { file: collect, from: '  kept.values.sort((one, other) => compareRanks(one.rank, other.rank));\n', to: '' },
    ],
  },
  {
    name: 'a-list-forgets-what-its-parts-left-out',
    edits: [{ file: collect, from: 'kept.all += all;', to: 'kept.all += values.length + 0 * all;' }],
  },
  {
    name: 'a-sketch-begins-without-what-was-counted-exactly',
    edits: [{ file: countDistinct, from: '    for (const text of distinct.seen ?? []) sketch.add(text);\n', to: '' }],
  },
  {
    name: 'a-sketch-is-the-part-that-was-merged-last',
    edits: [
      {
        file: countDistinct,
        from: '        distinct.seen = sketchOf(distinct);\n        distinct.seen?.merge',
        to: '        distinct.seen = sketchOf({ seen: new Set() });\n        distinct.seen?.merge',
      },
    ],
  },
  {
    name: 'squares-are-rounded-before-they-are-added',
    edits: [{ file: 'functions/aggregates/moments.ts', from: '  if (rest !== 0) addTo(squares, rest);\n', to: '' }],
  },
];

export const aggregateFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, dimension }));
