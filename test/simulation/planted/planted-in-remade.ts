/** A source that is deleted and created again under its name. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'a stream made anew';

export const remadeFaults: readonly PlantedFault[] = [
  {
    name: 'records-of-another-stream-are-sealed',
    edits: [
      {
        file: 'functions/steps/seal-batch/seal-batch.ts',
        from: 'if (mayBeOfAnotherStream(blocks.flatMap(({ shards }) => shards))) {',
        to: 'if (blocks.length < 0) {',
      },
    ],
    dimension,
  },
  {
    name: 'a-stream-is-known-by-its-name',
    edits: [
      {
        file: 'functions/steps/same-stream.ts',
        from: ' && Math.abs(stream.createdAt - saved.createdAt) < 1000',
        to: '',
      },
    ],
    dimension,
  },
  {
    name: 'a-time-is-of-one-stream',
    edits: [
      {
        file: 'functions/core/told-apart.ts',
        from: "from.kind === 'after-sequence-number' &&",
        to: "from.kind !== 'trim-horizon' &&",
      },
    ],
    dimension,
  },
];
