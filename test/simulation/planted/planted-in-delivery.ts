/** Deliveries that end in the middle: what of them is kept, what travels with the shard, and what comes again. */
import type { PlantedFault } from './planted-faults.ts';

const sink = 'functions/adapters/kinesis/kinesis-sink.ts';
const polling = 'functions/adapters/kinesis/polling-source.ts';

export const deliveryFaults: readonly PlantedFault[] = [
  {
    name: 'sent-ahead-forgotten-by-the-seal',
    edits: [
      {
        file: 'functions/core/after-read.ts',
        from: '    ...(outcome.sentAhead === undefined ? {} : { sentAhead: outcome.sentAhead }),\n',
        to: '',
      },
    ],
  },
  {
    name: 'place-inside-a-record-claims-all-of-it',
    edits: [
      {
        file: 'functions/core/read/progress.ts',
        from: 'afterSequenceNumber(insideOf, sub);',
        to: 'afterSequenceNumber(insideOf);',
      },
    ],
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
        file: 'functions/core/read/take-event.ts',
        from: '  entry.output = unsent.length === 0 ? sentBefore :',
        to: `  if (unsent.length === 0) entry.outcome = 'none';
  entry.output = unsent.length === 0 ? -1 :`,
      },
    ],
  },
  {
    name: 'everything-behind-what-was-refused-counts-as-sent',
    edits: [
      {
        file: 'functions/core/read/sent-so-far.ts',
        from: 'if (takers.includes(one.id) && !isMissing(entry, one.id, missing))',
        to: 'if (takers.includes(one.id) && isMissing !== undefined)',
      },
    ],
  },
  {
    name: 'nothing-behind-what-was-refused-counts-as-sent',
    edits: [
      {
        file: 'functions/core/read/take-step.ts',
        from: 'withAhead(sent, held.slice(first), missing!) : sent;',
        to: 'sent : sent;',
      },
    ],
  },
  {
    name: 'an-ordered-request-has-two-of-a-key',
    dimension: 'an ordered sink',
    edits: [
      {
        file: sink,
        from: 'if (laneOf !== undefined && !isAdded(',
        to: 'if (laneOf !== undefined && undefined === isAdded(',
      },
    ],
  },
  {
    name: 'refused-records-go-last',
    edits: [
      {
        file: sink,
        from: 'this.#open = this.#open.filter((place) => !taken.has(place));',
        to: 'this.#open = [...this.#open.filter((place) => !taken.has(place) && !refused.includes(place)), ...refused];',
      },
    ],
  },
  {
    name: 'base-claims-the-whole-record',
    edits: [
      {
        file: 'functions/core/read/shard-reader.ts',
        from: 'this.base = describePosition(shard.position);',
        to: 'this.base = lastReadOf(shard.position) ?? describePosition(shard.position);',
      },
      {
        file: 'functions/core/read/shard-reader.ts',
        from: 'import { describePosition } from',
        to: 'import { describePosition, lastReadOf } from',
      },
    ],
  },
  {
    name: 'note-takes-steps-under-way-for-sent',
    edits: [
      {
        file: 'functions/steps/process-shards/take-page.ts',
        from: '  await isolated?.after(step.halt);\n',
        to: `  await isolated?.after(step.halt);
  open.state = { ...open.state, sent: withDelivered(open.state.sent, step.held) };
  await notes.afterStep();
`,
      },
      {
        file: 'functions/steps/process-shards/take-page.ts',
        from: '  { task, deadline, runtime, isolated }: ExecutorContext,',
        to: '  { task, deadline, runtime, isolated, notes }: ExecutorContext,',
      },
      {
        file: 'functions/steps/process-shards/take-page.ts',
        from: "import { applied, takeStep } from '../../core/read/take-step.ts';",
        to: `import { withDelivered } from '../../core/read/sent-so-far.ts';
import { applied, takeStep } from '../../core/read/take-step.ts';`,
      },
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
