/** Events that are taken many at once. */
import type { PlantedFault } from './planted-faults.ts';

const run = 'functions/core/read/take-run.ts';

export const runFaults: readonly PlantedFault[] = [
  {
    name: 'a-run-goes-past-the-end-of-the-shard',
    edits: [{ file: run, from: "    if (cutRecord(record, endsAt).kind !== 'whole') break;\n", to: '' }],
  },
  {
    name: 'a-run-has-what-was-read-before',
    edits: [
      { file: run, from: 'takesRuns && (progress.records > 0 || ', to: 'takesRuns || (progress.records > 0 && ' },
    ],
  },
  {
    name: 'a-late-event-of-a-run-is-only-counted',
    dimension: 'an output of late events',
    edits: [{ file: run, from: ' || judgement.late.length > 0) return judgement;', to: ') return judgement;' }],
  },
  {
    name: 'all-of-a-run-is-at-the-place-of-its-first',
    edits: [
      {
        file: 'functions/core/read/sent-run.ts',
        from: 'this.#address(entry, place++)',
        to: 'this.#address(entry, place)',
      },
    ],
  },
  {
    name: 'callbacks-of-two-parameters-are-given-one',
    edits: [
      {
        file: 'functions/user-code/takes-meta.ts',
        from: String.raw`/^(?:[\w$]+|\(\s*[\w$]*\s*\)|`,
        to: String.raw`/^(?:[\w$]+|\(.*\)|`,
      },
    ],
  },
];
