/** Large values as objects of a bucket: when they are there, what says where they lie, and when they go. */
import type { PlantedFault } from './planted-faults.ts';

const objectBlobs = 'functions/adapters/s3/object-blobs.ts';
const bucket = 'functions/adapters/s3/bucket.ts';
const namedBlobs = 'functions/adapters/dynamodb/named-blobs.ts';
const sweep = 'functions/adapters/dynamodb/bucket-sweep.ts';
const progress = 'functions/core/sweep-progress.ts';

const faults: readonly Omit<PlantedFault, 'dimension'>[] = [
  {
    name: 'a-root-before-its-object',
    edits: [
      {
        file: objectBlobs,
        from: 'await bucket.putIfAbsent(keyOf(blob), bytes);',
        to: 'bucket.putIfAbsent(keyOf(blob), bytes).catch(() => {});',
      },
    ],
  },
  {
    name: 'an-answer-without-a-body-that-passes-for-no-object',
    edits: [
      {
        file: bucket,
        from: "const bytes = await given(answer.Body, 'Body').transformToByteArray();",
        to: 'if (answer.Body === undefined) return undefined;\n    const bytes = await answer.Body.transformToByteArray();',
      },
      { file: objectBlobs, from: 'attempt < 2', to: 'attempt < 1' },
    ],
  },
  {
    name: 'purge-forgets-the-objects-that-are-values',
    edits: [
      { file: namedBlobs, from: '    await blobs.delete(roots.flatMap((root) => valueObjectOf(pk, root)));\n', to: '' },
    ],
  },
  {
    name: 'purge-forgets-the-objects-of-a-block',
    edits: [
      {
        file: namedBlobs,
        from: '    if (names !== undefined) await blobs.delete(await namedIn(pk, roots, names));\n',
        to: '    await namedIn(pk, names === undefined ? [] : roots, names ?? (async () => []));\n',
      },
    ],
  },
  {
    name: 'sweep-takes-states-that-are-named',
    edits: [{ file: sweep, from: "new Set(['BATCH', 'blocks'])", to: "new Set(['BATCH', 'blocks', 'state'])" }],
  },
  {
    name: 'sweep-takes-what-is-young-and-retained',
    edits: [
      {
        file: sweep,
        from: 'place.batchId < pass.below && modifiedAt < page.now - everyMs',
        to: 'place.batchId < pass.below + 2 && modifiedAt < page.now + everyMs',
      },
    ],
  },
  {
    name: 'sweep-is-done-with-what-was-young',
    edits: [{ file: progress, from: 'const from = done?.below ?? 0;', to: 'const from = (last ?? done)?.below ?? 0;' }],
  },
];

export const objectFaults: readonly PlantedFault[] = faults.map((fault) => ({
  ...fault,
  dimension: 'values in a bucket',
}));
