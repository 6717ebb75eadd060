/** Records above a mebibyte, and consumers that others have registered. */
import type { PlantedFault } from './planted-faults.ts';

const sink = 'functions/adapters/kinesis/kinesis-sink.ts';
const consumer = 'functions/adapters/kinesis/consumer.ts';

const large = 'records above a mebibyte';

export const largeRecordFaults: readonly PlantedFault[] = [
  {
    name: 'every-sink-takes-a-mebibyte-and-no-more',
    edits: [
      {
        file: sink,
        from: 'return Math.max(everyStreamTakes, (summary?.MaxRecordSizeInKiB ?? 0) * 1024);',
        to: 'return everyStreamTakes + 0 * Number(summary?.MaxRecordSizeInKiB ?? 0);',
      },
    ],
    dimension: large,
  },
  {
    name: 'what-met-the-limit-is-counted-again',
    edits: [
      {
        file: 'functions/core/read/step.ts',
        from: 'this.progress = copyOf(state.progress);',
        to: 'this.progress = state.progress;',
      },
    ],
    dimension: large,
  },
  {
    name: 'a-consumer-of-others-is-asked-for-its-tag',
    edits: [
      {
        file: consumer,
        from: '    if (consumerArn !== undefined) return this.#given(consumerArn);\n',
        to: '    void consumerArn;\n',
      },
    ],
    dimension: "another account's consumer",
  },
];
