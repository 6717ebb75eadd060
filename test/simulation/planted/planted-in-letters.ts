/** Dead letters on their way to an output of their own. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'an output of dead letters';

export const letterFaults: readonly PlantedFault[] = [
  {
    name: 'the-first-letter-of-rows-is-not-sent',
    dimension,
    edits: [
      {
        file: 'functions/core/letters-of-rows.ts',
        from: 'const letters = refused.map(',
        to: 'const letters = refused.slice(1).map(',
      },
    ],
  },
  {
    name: 'a-letter-of-the-last-event-is-not-carried',
    dimension,
    edits: [
      {
        file: 'functions/core/read/take-step.ts',
        from: 'for (const { carries } of kept)',
        to: 'for (const { carries } of kept.slice(0, -1))',
      },
    ],
  },
  {
    name: 'a-letter-says-less-than-came',
    dimension,
    edits: [
      {
        file: 'functions/core/letter-record.ts',
        from: 'return sideRecord(output, value, { payload, identity',
        to: 'return sideRecord(output, value, { payload: payload.subarray(1), identity',
      },
    ],
  },
  {
    name: 'letters-of-events-share-an-identity',
    dimension,
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: 'reader.identityOf(letterOutput.id, entry.record, entry.sub);',
        to: 'reader.identityOf(letterOutput.id, entry.record, 0);',
      },
    ],
  },
  {
    name: 'a-letter-without-its-payload-quotes-it',
    ...{ dimension: 'letters without their payload', profile: 'kept-letters' },
    edits: [
      {
        file: 'functions/adapters/dynamodb/dead-letter-store.ts',
        from: "message: { S: isKept ? letter.message.slice(0, 1000).toWellFormed() : '' },",
        to: 'message: { S: letter.message.slice(0, 1000).toWellFormed() },',
      },
    ],
  },
  {
    name: 'letters-are-kept-as-long-as-ever',
    ...{ dimension: 'letters that are kept for another time', profile: 'kept-letters' },
    edits: [
      {
        file: 'functions/adapters/dynamodb/dead-letter-store.ts',
        from: 'clock.now() + keeping.retentionMs',
        to: 'clock.now() + keptAsEver.retentionMs',
      },
    ],
  },
];
