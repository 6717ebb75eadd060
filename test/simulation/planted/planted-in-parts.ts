/** Parts of a block: what was counted of more keys than fit into memory. */
import type { PlantedFault } from './planted-faults.ts';

const blockStore = 'functions/adapters/dynamodb/block-store.ts';
const keys = 'functions/adapters/dynamodb/keys.ts';
const sealCore = 'functions/core/decide-seal.ts';
const taskRead = 'functions/core/read/task-read.ts';

const dimension = 'blocks of several parts';
const named = '[...parts.flat(), ...last]';

export const partFaults: readonly PlantedFault[] = [
  {
    name: 'a-part-that-its-block-does-not-name',
    dimension,
    edits: [{ file: blockStore, from: named, to: named.replace('parts.flat()', 'parts.slice(1).flat()') }],
  },
  {
    name: 'ends-that-only-the-last-part-has',
    dimension,
    edits: [
      {
        file: blockStore,
        from: named,
        to: named.replace('parts.flat()', 'parts.flat().map((group) => ({ ...group, ends: [] }))'),
      },
    ],
  },
  {
    name: 'what-is-in-a-part-stays-in-the-table',
    dimension,
    edits: [{ file: taskRead, from: '    this.table?.clear();\n', to: '' }],
  },
  {
    name: 'a-seal-that-takes-all-parts-for-the-first',
    dimension,
    edits: [{ file: sealCore, from: '...(part === undefined ? {} : { part }), v, bytes', to: 'v, bytes' }],
  },
  {
    name: 'parts-that-share-a-name',
    dimension,
    edits: [{ file: keys, from: 'return part === 0 ? ofTry : `${ofTry}#${part}`;', to: 'return ofTry;' }],
  },
  {
    name: 'a-reduce-of-first-parts',
    dimension,
    edits: [
      {
        file: blockStore,
        from: '          .filter((group) => group.keyGroup === keyGroup)\n',
        to: '          .filter((group) => group.keyGroup === keyGroup)\n          .slice(0, 1)\n',
      },
    ],
  },
];
