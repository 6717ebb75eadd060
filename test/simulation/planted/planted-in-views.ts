/** A live view: which version of a result holds, where it lies, and what is done with it. */
import type { PlantedFault } from './planted-faults.ts';

const item = 'functions/sinks/view-item.ts';
const key = 'functions/sinks/view-key.ts';
const eventKey = 'functions/sinks/event-key.ts';
const condition = "'attribute_not_exists(#i.#ref) OR #i.#ref < :ref OR (#i.#ref = :ref AND #i.#rev < :rev)'";
const result = '[...window.map(timeText), row,';

const faults: readonly Omit<PlantedFault, 'profile'>[] = [
  {
    name: 'a-view-that-compares-revisions-alone',
    edits: [
      { file: item, from: condition, to: "'attribute_not_exists(#i.#ref) OR (#i.#ref <= :ref AND #i.#rev < :rev)'" },
    ],
  },
  {
    name: 'a-view-that-compares-refs-alone',
    edits: [
      {
        file: item,
        from: condition,
        to: "'attribute_not_exists(#i.#ref) OR #i.#ref < :ref OR (#i.#ref < :ref AND #i.#rev < :rev)'",
      },
    ],
  },
  {
    name: 'a-view-whose-rows-share-an-item',
    edits: [{ file: key, from: result, to: '[...window.map(timeText), row * 0,' }],
  },
  {
    name: 'a-view-of-events-that-keeps-the-first-of-a-batch',
    edits: [{ file: item, from: 'one.place > other.place', to: 'one.place < other.place' }],
  },
  {
    name: 'a-view-of-events-whose-elements-share-an-item',
    dimension: 'elements of events',
    edits: [{ file: eventKey, from: 'padded(index, 8)', to: 'padded(0, 8)' }],
  },
  {
    name: 'a-view-of-events-in-the-order-of-places-in-records',
    edits: [
      {
        file: eventKey,
        from: '[padded(sequence.length, 3), sequence, padded(sub, 8), padded(index, 8), shard]',
        to: '[padded(sub, 8), padded(index, 8), padded(sequence.length, 3), sequence, shard]',
      },
    ],
  },
  {
    name: 'a-view-of-events-whose-long-keys-have-a-short-hash',
    dimension: 'long keys in a view',
    edits: [{ file: eventKey, from: 'if (text.length <= longest) return', to: 'if (longest > 0) return' }],
  },
  {
    name: 'a-view-whose-windows-share-an-item',
    edits: [{ file: key, from: result, to: '[timeText(window[0]), row,' }],
  },
];

export const viewFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, profile: 'view' }));
