/** Values and user code: what is rounded, shared, taken for something else, or not counted. */
import type { PlantedFault } from './planted-faults.ts';

const identity = 'functions/sinks/identity-text.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'a-mean-is-rounded-twice',
    edits: [
      {
        file: 'functions/aggregates/exact-sum.ts',
        from: '  if (sum.length <= 1) return (sum[0] ?? 0) / count + 0;',
        to: '  return roundedSum(sum) / count + 0;',
      },
    ],
  },
  {
    name: 'an-identity-from-what-callbacks-hold',
    edits: [
      {
        file: 'functions/core/judge-event.ts',
        from: 'place: emit && (place ?? placeOf(meta)), base };',
        to: 'place: emit && (place ?? meta), base };',
      },
    ],
  },
  {
    name: 'the-future-by-a-clock-that-callbacks-hold',
    edits: [
      {
        file: 'functions/core/run-operation.ts',
        from: 'if (time > arrival + rules.maxFutureMs) {',
        to: 'if (time > meta.arrivalTime.getTime() + rules.maxFutureMs) {',
      },
    ],
  },
  {
    name: 'an-event-brings-its-identity-along',
    edits: [
      {
        file: identity,
        from: 'const object = text.includes(quotedOf(name)) ? withoutField(text, name) : text;',
        to: 'if (text.includes(JSON.stringify(name))) return text;\n  const object = text;',
      },
    ],
  },
  {
    name: 'an-identity-with-the-shard-of-the-last-one',
    edits: [{ file: identity, from: '  last.shard === shard &&\n', to: '' }],
  },
  {
    name: 'no-identity-beside-a-field-toJSON',
    edits: [
      {
        file: identity,
        from: "  if (!text.startsWith('{')) return text;",
        to: "  if (!text.startsWith('{') || text.includes('\"toJSON\"')) return text;",
      },
    ],
  },
  {
    name: 'what-was-thrown-must-be-an-error',
    edits: [
      {
        file: 'functions/user-code/callback-failure.ts',
        from: 'message: callback + thrownText(thrown) };',
        to: 'message: callback + String(thrown) };',
      },
    ],
  },
  {
    name: 'nothing-is-written-as-null',
    edits: [
      {
        file: 'functions/user-code/json-text.ts',
        from: '  const text = JSON.stringify(value) as string | undefined;',
        to: '  const text = JSON.stringify(value ?? null) as string | undefined;',
      },
    ],
  },
  {
    name: 'large-whole-numbers-are-keys',
    edits: [
      {
        file: 'functions/core/key-value.ts',
        from: 'return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));',
        to: 'return Number.isFinite(value);',
      },
    ],
  },
  {
    name: 'parts-of-an-own-aggregate-are-left-out',
    edits: [
      {
        file: 'functions/core/unmerged.ts',
        from: '.some((parts) => parts.length > 1);',
        to: '.some((parts) => parts.length > 2);',
      },
    ],
  },
  {
    name: 'an-own-aggregate-merges-with-nothing-before-it',
    edits: [
      {
        file: 'functions/aggregates/custom.ts',
        from: "held.value = held.state === 'empty' ? other : merge(held.value, other);",
        to: 'held.value = merge(empty(), other);',
      },
    ],
  },
  {
    name: 'filtered-rows-are-not-counted',
    edits: [
      {
        file: 'functions/core/outbox-counts.ts',
        from: 'this.#filtered += nowhere;',
        to: 'this.#filtered += 0 * nowhere;',
      },
    ],
  },
  {
    name: 'a-report-forgets-the-rows-of-earlier-rounds',
    edits: [
      {
        file: 'functions/core/reduce-rounds.ts',
        from: 'const { slow: _, ...sums } = before;',
        to: 'const { slow: _, rows: __, ...sums } = before;',
      },
    ],
  },
  {
    name: 'dead-letters-of-one-task-hide-those-of-others',
    edits: [
      {
        file: 'functions/core/dead-letter-tally.ts',
        from: 'known === undefined ? each : { ...known, count: known.count + each.count }',
        to: 'known ?? each',
      },
    ],
  },
  {
    name: 'each-reason-is-counted-once',
    edits: [
      {
        file: 'functions/core/dead-letter-tally.ts',
        from: '{ ...each, count: each.count + 1 } : each',
        to: 'each : each',
      },
    ],
  },
];

/** All but those of the counts show in few seeds. */
const ofCounts = new Set([
  'a-report-forgets-the-rows-of-earlier-rounds',
  'dead-letters-of-one-task-hide-those-of-others',
  'each-reason-is-counted-once',
]);

export const valueFaults: readonly PlantedFault[] = faults.map((fault) =>
  ofCounts.has(fault.name) ? fault : { ...fault, dimension: 'odd values' },
);
