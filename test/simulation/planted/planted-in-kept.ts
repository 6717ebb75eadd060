/** Small partial aggregates: they lie in their block, and from the seal on with those of the others. */
import type { PlantedFault } from './planted-faults.ts';

const blockStore = 'functions/adapters/dynamodb/block-store.ts';
const putPartials = 'functions/adapters/dynamodb/put-partials.ts';
const gathered = 'functions/adapters/dynamodb/gathered-partials.ts';
const sealStore = 'functions/adapters/dynamodb/seal-store.ts';
const keptCore = 'functions/core/kept-partials.ts';

const dimension = 'partials that blocks keep';
const nonce = 'const nonce = newId();';
const put = 'kept.push(decode(encoded.bytes));';

export const keptFaults: readonly PlantedFault[] = [
  {
    name: 'what-blocks-keep-is-not-counted',
    dimension,
    edits: [
      {
        file: blockStore,
        from: '          .filter((group) => group.keyGroup === keyGroup)\n',
        to: '          .filter((group) => group.keyGroup === keyGroup && !isKept(group))\n',
      },
    ],
  },
  {
    name: 'a-reducer-that-reads-what-is-kept-of-the-first-group',
    dimension,
    edits: [
      {
        file: gathered,
        from: 'named?.groups.find((each) => each.keyGroup === keyGroup)',
        to: 'named?.groups.find((each, at) => at === 0 || each.keyGroup === keyGroup)',
      },
    ],
  },
  {
    name: 'a-reducer-that-reads-what-the-body-has-of-the-first-group',
    dimension: 'partials that are kept in bodies',
    edits: [
      {
        file: gathered,
        from: 'inBody?.find(([group]) => group === keyGroup)?.[1];',
        to: 'inBody?.find(([group], at) => at === 0 || group === keyGroup)?.[1];',
      },
    ],
  },
  {
    name: 'kept-in-another-order-than-named',
    dimension,
    edits: [{ file: putPartials, from: put, to: put.replace('push', 'unshift') }],
  },
  {
    name: 'a-seal-that-passes-a-block-by',
    dimension,
    edits: [
      {
        file: keptCore,
        from: '  for (const block of blocks) {\n',
        to: '  for (const block of blocks.length > 1 ? blocks.slice(1) : blocks) {\n',
      },
      { file: gathered, from: ' && kept.length === count', to: '' },
      {
        file: blockStore,
        from: 'const json = isKept(group) ? jsons.kept.next().value :',
        to: 'const json = isKept(group) ? (jsons.kept.next().value ?? []) :',
      },
    ],
  },
  {
    name: 'what-is-gathered-expires',
    dimension,
    edits: [{ file: gathered, from: '    v: version,\n', to: '    v: version,\n    expires: 2_000_000_000,\n' }],
  },
  {
    name: 'seals-that-share-what-they-gather',
    dimension,
    edits: [{ file: gathered, from: nonce, to: "newId();\n  const nonce = 'shared';" }],
  },
  {
    name: 'purge-forgets-what-was-gathered',
    ...{ dimension: 'values in a bucket', profile: 'polling' },
    edits: [
      {
        file: sealStore,
        from: 'return gathered === undefined\n',
        to: 'return gathered === undefined || gathered.chunks === 0\n',
      },
    ],
  },
];
