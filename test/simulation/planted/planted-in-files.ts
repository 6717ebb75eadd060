/** Files of results: which rows are in which, under which name, and what the list of a batch says of them. */
import type { PlantedFault } from './planted-faults.ts';

const portion = 'functions/sinks/output-file.ts';
const commit = 'functions/steps/commit-batch/commit-batch.ts';
const lists = 'functions/steps/commit-batch/put-file-lists.ts';
const objects = 'functions/adapters/s3/objects.ts';
const send = 'functions/steps/reduce-key-group/send-files.ts';

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
  {
    name: 'files-of-another-place-that-pass-for-put',
    dimension: 'files that go to another place',
    edits: [{ file: send, from: 'sent.place === where ? sent.count : 0', to: 'sent.count' }],
  },
  {
    name: 'a-file-of-another-bucket-that-is-named-as-of-this-one',
    dimension: 'files that go to another place',
    edits: [
      {
        file: lists,
        from: '  if (written === undefined) return [];\n',
        to: '  if (written !== undefined) return written.files;\n  if (written === undefined) return [];\n',
      },
    ],
  },
  {
    name: 'names-of-files-that-are-looked-up-for-one-output-of-all-groups',
    edits: [
      {
        file: lists,
        from: 'loadFiles({ batchId, ref, keyGroup }, id)',
        to: 'loadFiles({ batchId, ref, keyGroup: groups[0] ?? keyGroup }, id)',
      },
    ],
  },
];

export const fileFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, profile: 'files' }));
