/** The output of late events: what is late, and when that is known. */
import type { PlantedFault } from './planted-faults.ts';

const carried = 'functions/core/carried.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'what-may-be-late-goes-out-as-late',
    edits: [
      {
        file: carried,
        from: 'ifLate === undefined || isLateIn(ifLate, late)',
        to: 'ifLate === undefined || late.size >= 0',
      },
    ],
  },
  {
    name: 'a-late-event-of-a-session-that-has-merged-is-not-found',
    edits: [
      {
        file: carried,
        from: 'window.start <= start && end <= window.end',
        to: 'window.start === start && end === window.end',
      },
    ],
  },
  {
    name: 'a-group-with-nothing-but-late-events-is-left-out',
    dimension: 'an output of late events',
    edits: [
      {
        file: 'functions/core/read/task-read.ts',
        from: 'for (const [keyGroup, carried] of this.carried.byGroup)',
        to: 'for (const [keyGroup, carried] of this.carried.byGroup) if (groups.has(keyGroup))',
      },
    ],
  },
  {
    name: 'a-late-event-behind-a-letter-is-not-carried',
    dimension: 'an output of late events',
    edits: [
      {
        file: 'functions/core/read/take-event.ts',
        from: 'if (step.isHolding) entry.carries = [...entry.carries, ...all];',
        to: '',
      },
    ],
  },
];

export const lateOutputFaults: readonly PlantedFault[] = faults.map((fault) => ({
  dimension: 'an output of late events',
  ...fault,
}));
