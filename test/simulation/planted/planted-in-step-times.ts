/** When the steps of a batch began, as its report says it. */
import type { PlantedFault } from './planted-faults.ts';

const times = 'functions/core/step-times.ts';

export const stepTimeFaults: readonly PlantedFault[] = [
  {
    name: 'steps-of-a-report-overlap',
    edits: [
      {
        file: times,
        from: 'starts.push(Math.max(starts[index - 1] ?? at, Math.min(at, next)));',
        to: 'starts.push(index === 0 ? at : at - 1);',
      },
    ],
  },
  {
    name: 'a-step-begins-where-a-clock-says-it',
    edits: [
      {
        file: times,
        from: 'starts.push(Math.max(starts[index - 1] ?? at, Math.min(at, next)));',
        to: 'starts.push(Math.max(starts[index - 1] ?? at, at));',
      },
    ],
  },
  {
    name: 'a-step-begins-with-its-last-try',
    edits: [{ file: times, from: 'enteredAt === undefined ? now', to: 'enteredAt === undefined || retries > 0 ? now' }],
  },
];
