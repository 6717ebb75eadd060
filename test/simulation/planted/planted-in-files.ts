/** Files of results: which rows are in which, under which name, and what the list of a batch says of them. */
import type { PlantedFault } from './planted-faults.ts';

const portion = 'functions/sinks/output-file.ts';
const commit = 'functions/steps/commit-batch/commit-batch.ts';
const lists = 'functions/steps/commit-batch/put-file-lists.ts';
const objects = 'functions/adapters/s3/objects.ts';

const faults: readonly Omit<PlantedFault, 'profile'>[] = [
  {
    name: 'a-list-behind-the-commit',
    edits: [
      { file: commit, from: '  if (globalThis.SLUICE_FILES !== false) await putFileLists(runtime, body);\n', to: '' },
      {
        file: commit,
        from: "  if (committed.kind === 'lost') return { next: 'done', turn, reason: 'superseded' };\n",
        to: "  if (committed.kind === 'lost') return { next: 'done', turn, reason: 'superseded' };\n  await putFileLists(runtime, body);\n",
      },
    ],
  },
  {
    name: 'files-of-key-groups-that-share-a-name',
    edits: [
      { file: portion, from: 'batchId, ref, keyGroup, output, from].join', to: 'batchId, ref, output, from].join' },
    ],
  },
  {
    name: 'files-of-portions-that-share-a-name',
    edits: [{ file: portion, from: 'keyGroup, output, from].join', to: 'keyGroup, output].join' }],
  },
  {
    name: 'a-conflict-that-passes-for-a-file-that-is-there',
    edits: [
      {
        file: objects,
        from: "if (!isNamed(error, 'PreconditionFailed'))",
        to: "if (!['PreconditionFailed', 'ConditionalRequestConflict'].includes((error as Error).name))",
      },
    ],
  },
  {
    name: 'a-file-that-is-written-again',
    edits: [{ file: objects, from: ", IfNoneMatch: '*' }", to: ' }' }],
  },
  {
    name: 'a-name-that-is-taken-is-a-failure',
    edits: [
      {
        file: objects,
        from: "if (!isNamed(error, 'PreconditionFailed')) throw error;",
        to: 'throw error;',
      },
    ],
  },
  {
    name: 'a-list-without-the-last-key-group',
    edits: [{ file: lists, from: 'reducedGroups(body) : [', to: 'reducedGroups(body).slice(0, 1) : [' }],
  },
];

export const fileFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, profile: 'files' }));
