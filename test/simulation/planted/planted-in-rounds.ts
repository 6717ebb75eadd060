/** Rounds of the reduce: what is forgotten, counted wrong or sent again between them. */
import type { PlantedFault } from './planted-faults.ts';

const rounds = 'functions/core/reduce-rounds.ts';
const again = 'functions/steps/commit-batch/reduce-again.ts';
const sendOutbox = 'functions/steps/reduce-key-group/send-outbox.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'a-round-forgets-what-others-sent',
    edits: [
      {
        file: rounds,
        from: 'sum + group.emitted, before.emitted);',
        to: 'sum + group.emitted, Math.min(0, before.emitted));',
      },
    ],
  },
  {
    name: 'a-round-leaves-out-a-group',
    edits: [
      {
        file: rounds,
        from: 'const open = groups.filter(({ done }) => !done);',
        to: 'const open = groups.filter(({ done, progressed }) => !done && !progressed);',
      },
    ],
  },
  {
    name: 'rounds-without-an-end',
    dimension: 'a narrow sink',
    // Of the usual seeds too few have a sink so slow that an execution would end first.
    profile: 'switching',
    edits: [
      { file: rounds, from: 'beginsAt - startedAt >= timing.reduceUntilSeconds * 1000 ||', to: 'beginsAt < 0 ||' },
    ],
  },
  {
    name: 'a-round-keeps-the-old-lease',
    edits: [
      {
        file: again,
        from: ': leaseAfterSeal(timing, now);',
        to: ': leaseAfterSeal(timing, 0) && now;',
      },
    ],
  },
  {
    name: 'a-round-begins-at-the-first-record',
    edits: [
      {
        file: sendOutbox,
        from: 'const sentBefore = isFresh ? {} : await ports.outboxNotes.loadSent(state);',
        to: 'const sentBefore = isFresh ? {} : await ports.outboxNotes.loadSent(state).then(() => ({}));',
      },
    ],
  },
  {
    name: 'nothing-says-why-a-batch-goes-back',
    edits: [
      {
        file: again,
        from: 'await ports.troubles.putTrouble(reduceTrouble({ batchId, ref }, open, before, ports.clock.now()));',
        to: 'if (before !== undefined) await ports.troubles.putTrouble(before);',
      },
    ],
  },
];

export const roundFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, dimension: 'a narrow sink' }));
