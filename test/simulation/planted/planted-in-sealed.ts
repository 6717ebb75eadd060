/** Events of pipelines without aggregation on their way to outputs that are sent to after the seal. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'outputs that are sent to after the seal';
const beside = 'outputs that are sent to while reading beside them';

export const sealedFaults: readonly PlantedFault[] = [
  {
    name: 'events-are-sent-before-their-seal',
    dimension,
    edits: [
      {
        file: 'functions/pipeline/check-outputs.ts',
        from: "isGrouped || kind.sentAfterSeal === true ? 'after-seal'",
        to: "isGrouped ? 'after-seal'",
      },
    ],
  },
  {
    name: 'events-of-a-shard-go-into-several-groups',
    dimension,
    edits: [
      {
        file: 'functions/core/sealed-event.ts',
        from: 'keyGroupOf(shardId, parallelism)',
        to: 'keyGroupOf(sequenceNumber, parallelism)',
      },
    ],
  },
  {
    name: 'no-group-is-reduced-for-events-alone',
    dimension,
    edits: [
      {
        file: 'functions/core/group-states.ts',
        from: 'if (window === undefined && added.size === 0 &&',
        to: 'if (window === undefined && added.size < 2 &&',
      },
    ],
  },
  {
    name: 'events-travel-though-they-are-read-again',
    dimension: beside,
    edits: [
      {
        file: 'functions/core/read/take-step.ts',
        from: 'for (const { carries } of kept)',
        to: 'for (const { carries } of entriesOf(step.held))',
      },
    ],
  },
  {
    name: 'events-that-one-output-had-before-do-not-travel-to-the-other',
    profile: 'polling',
    dimension: beside,
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: 'const stored = records.filter(({ output }) => !ids.includes(output));',
        to: 'const stored = records.filter(({ output }) => !ids.includes(output) && !ids.some((id) => wasSent(step, entry, id)));',
      },
    ],
  },
  {
    name: 'events-that-travel-are-not-counted-as-emitted',
    dimension,
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: 'entry.output = inBlock;',
        to: '',
      },
    ],
  },
  {
    name: 'a-state-of-events-replaces-none',
    dimension,
    edits: [
      {
        file: 'functions/core/group-states.ts',
        from: '...(last === null ? {} : { before: nameOf(last) }),',
        to: '...(last === null || window === undefined ? {} : { before: nameOf(last) }),',
      },
    ],
  },
  {
    name: 'letters-for-after-the-seal-are-counted-by-nobody',
    dimension,
    edits: [
      {
        file: 'functions/core/read/progress.ts',
        from: 'if (buried !== undefined) countWrittenLetter(progress);',
        to: 'if (entry.takers.includes(letterOutput)) countWrittenLetter(progress);',
      },
    ],
  },
];
