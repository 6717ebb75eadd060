/** Restored batches: an operator goes back, keeps savepoints, and changes the number of key groups. */
import type { PlantedFault } from './planted-faults.ts';

const restore = 'functions/operations/restore-batch.ts';
const divide = 'functions/operations/repartition.ts';
const savepoint = 'functions/operations/savepoint.ts';
const body = 'functions/core/restored-batch.ts';
const purge = 'functions/adapters/dynamodb/purge.ts';
const back = 'pipelines that go back';
const regrouped = 'another number of key groups';
const profile = 'operated';

const fenced = { dimension: 'drivers that are fenced', profile: 'fenced' } as const;

export const operationFaults: readonly PlantedFault[] = [
  {
    name: 'events-that-count-once-leave-their-group',
    ...{ dimension: regrouped, profile },
    edits: [{ file: divide, from: 'canonicalKey(groupIn(definition.aggregation, key[0]))', to: 'entry[1].canonical' }],
  },
  {
    name: 'another-number-of-groups-forgets-when-windows-close',
    ...{ dimension: regrouped, profile },
    edits: [
      { file: divide, from: '{ ...joinEnds(ends), manifest: { runs } }', to: '{ ends: [], manifest: { runs } }' },
    ],
  },
  {
    name: 'another-number-of-groups-takes-one-group-of-those-before',
    ...{ dimension: regrouped, profile },
    edits: [{ file: divide, from: 'manifest: { runs } }', to: 'manifest: { runs: runs.slice(0, 1) } }' }],
  },
  {
    name: 'former-groups-are-purged-at-once',
    ...{ dimension: regrouped, profile },
    edits: [
      {
        file: purge,
        from: 'formerGroups === undefined || formerGroups.until < oldestRetainedBatch;',
        to: 'true;',
      },
    ],
  },
  {
    name: 'former-groups-are-never-purged',
    ...{ dimension: regrouped, profile },
    edits: [
      {
        file: purge,
        from: 'const ofFormer = isPassed ? formerGroups : undefined;',
        to: 'const ofFormer = undefined as typeof formerGroups;',
      },
    ],
  },
  {
    name: 'a-pipeline-that-goes-back-keeps-its-watermark',
    ...{ dimension: back, profile },
    edits: [
      {
        file: body,
        from: 'watermarkOut: source.watermarkOut }',
        to: 'watermarkOut: (previous ?? source).watermarkOut }',
      },
    ],
  },
  {
    name: 'a-pipeline-that-goes-back-keeps-its-positions',
    ...{ dimension: back, profile },
    edits: [
      {
        file: restore,
        from: 'of.name === target.name && source.batchId === previous.batchId',
        to: 'of.name === target.name',
      },
    ],
  },
  {
    name: 'a-pipeline-that-goes-back-keeps-its-states',
    ...{ dimension: back, profile },
    edits: [
      {
        file: restore,
        from: 'copiedStates(of, target))(source, batch)',
        to: 'copiedStates(of, target))(of.name === target.name ? (previous ?? source) : source, batch)',
      },
    ],
  },
  {
    name: 'what-is-sent-again-has-the-old-names',
    ...{ dimension: back, profile },
    edits: [{ file: savepoint, from: 'givesUp: true, newGeneration: true', to: 'givesUp: true, newGeneration: false' }],
  },
  {
    name: 'segments-are-shared-with-the-batch-before',
    ...{ dimension: back, profile },
    edits: [
      {
        file: restore,
        from: 'copies.set(segment.name, await copy(segment));',
        to: 'copies.set(segment.name, segment);',
      },
    ],
  },
  {
    name: 'what-was-put-for-a-batch-that-was-given-up-stays',
    ...{ dimension: back, profile },
    edits: [{ file: purge, from: '|| givenUp.has(stateIn(sk));', to: '|| (false && givenUp.has(stateIn(sk)));' }],
  },
  {
    name: 'a-command-says-not-what-it-has-begun',
    ...{ dimension: 'commands that are left where they ended', profile },
    edits: [
      {
        file: restore,
        from: 'givenUpWith(seen, { batchId: nextBatchId(seen), ref: seen.epoch + 1 })',
        to: '(seen.givenUp ?? [])',
      },
    ],
  },
  {
    name: 'what-a-command-has-begun-counts-not-when-it-is-done',
    ...{ dimension: back, profile },
    edits: [
      { file: 'functions/core/given-up.ts', from: 'filter(({ ref }) => ref !== counts.ref)', to: 'filter(() => true)' },
    ],
  },
  {
    name: 'a-restored-batch-says-nothing-of-what-it-replaces',
    ...{ dimension: back, profile },
    edits: [
      {
        file: restore,
        from: 'replaces: before === null ? undefined : { batchId: before.batchId, ref: before.ref },',
        to: 'replaces: undefined,',
      },
    ],
  },
  {
    name: 'a-savepoint-whose-command-died-behind-its-seal-is-not-to-be-had',
    ...{ dimension: 'savepoints', profile },
    edits: [
      {
        file: 'functions/operations/listed-savepoints.ts',
        from: 'await removeListed(listed);\n  return makeNew(listed, batchId);',
        to: 'return makeNew(listed, batchId);',
      },
    ],
  },
  {
    name: 'a-fence-leaves-the-driver-that-is-at-work',
    ...fenced,
    edits: [
      {
        file: 'functions/operations/fence.ts',
        from: 'const driver = heldAt(seen, clock.now());',
        to: 'const driver = heldAt(seen, clock.now()); if (driver !== undefined) return { driver, open: unfinished(seen) };',
      },
    ],
  },
  {
    name: 'a-fenced-pipeline-may-be-claimed-before-it-is-stopped',
    ...fenced,
    edits: [
      {
        file: 'functions/operations/fence.ts',
        from: "  await head.setControl('stop');\n",
        to: '',
      },
      {
        file: 'functions/operations/fence.ts',
        from: '    await head.release(claimed.head.epoch, owner);',
        to: "    await head.release(claimed.head.epoch, owner); await head.setControl('stop');",
      },
    ],
  },
];
