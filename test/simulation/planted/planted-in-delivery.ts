/** Deliveries that end in the middle: what of them is kept, what travels with the shard, and what comes again. */
import type { PlantedFault } from './planted-faults.ts';

const readTask = 'functions/core/read-task.ts';
const readStep = 'functions/core/read-step.ts';
const sink = 'functions/adapters/kinesis/kinesis-sink.ts';
const polling = 'functions/adapters/kinesis/polling-source.ts';

export const deliveryFaults: readonly PlantedFault[] = [
  {
    name: 'sent-ahead-forgotten-by-the-seal',
    edits: [
      {
        file: 'functions/core/seal-batch.ts',
        from: '    ...(result.sentAhead === undefined ? {} : { sentAhead: result.sentAhead }),\n',
        to: '',
      },
    ],
  },
  {
    name: 'place-inside-a-record-claims-all-of-it',
    edits: [{ file: readStep, from: 'afterSequenceNumber(insideOf, sub);', to: 'afterSequenceNumber(insideOf);' }],
  },
  {
    name: 'rest-of-a-record-passed-over',
    edits: [
      {
        file: polling,
        from: "position.subSequenceNumber === undefined ? 'AFTER_SEQUENCE_NUMBER' : 'AT_SEQUENCE_NUMBER'",
        to: "position.subSequenceNumber === undefined ? 'AFTER_SEQUENCE_NUMBER' : 'AFTER_SEQUENCE_NUMBER'",
      },
    ],
  },
  {
    name: 'events-sent-ahead-are-not-counted',
    edits: [
      {
        file: readTask,
        from: 'entry.output = isSent ? sentBefore :',
        to: "if (isSent) entry.fate = 'none';\n      entry.output = isSent ? -1 :",
      },
    ],
  },
  {
    name: 'everything-behind-what-was-refused-counts-as-sent',
    edits: [
      {
        file: readTask,
        from: "if (entry.fate === 'counted' && !missing.outputs.has(entry.output))",
        to: "if (entry.fate === 'counted')",
      },
    ],
  },
  {
    name: 'nothing-behind-what-was-refused-counts-as-sent',
    edits: [{ file: readTask, from: 'this.#sentAhead = ahead.runs;', to: 'this.#sentAhead = ahead.runs.slice(0, 0);' }],
  },
  {
    name: 'refused-records-go-last',
    edits: [
      {
        file: sink,
        from: 'this.#open = [...refused, ...this.#open.slice(request.length)];',
        to: 'this.#open = [...this.#open.slice(request.length), ...refused];',
      },
    ],
  },
  {
    name: 'base-claims-the-whole-record',
    edits: [
      {
        file: readTask,
        from: 'this.#base = describePosition(shard.position);',
        to: 'this.#base = lastReadOf(shard.position) ?? describePosition(shard.position);',
      },
    ],
  },
  {
    name: 'note-takes-steps-under-way-for-sent',
    edits: [
      { file: readTask, from: '    // Of a step that is under way nobody knows yet.\n', to: '    this.#settle();\n' },
    ],
  },
  {
    name: 'outbox-sent-ahead-forgotten',
    edits: [
      {
        file: 'functions/core/sent-outbox.ts',
        from: 'return { count, ahead: [...ahead].sort((one, other) => one - other) };',
        to: 'return { count, ahead: [] };',
      },
    ],
  },
];
