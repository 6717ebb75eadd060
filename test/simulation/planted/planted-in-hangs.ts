/** Services that take requests and answer none: who waits for them answers in time all the same, and begins nothing later. */
import type { PlantedFault } from './planted-faults.ts';

const stepHandler = 'functions/steps/step-handler.ts';
const dimension = 'a service that hangs';

export const hangFaults: readonly PlantedFault[] = [
  {
    name: 'steps-wait-for-a-service-until-they-are-cut',
    edits: [{ file: stepHandler, from: 'const endEarlyMs = 500;', to: 'const endEarlyMs = -500;' }],
    dimension,
  },
  {
    name: 'requests-begin-after-the-answer',
    edits: [
      {
        file: 'functions/adapters/step-life.ts',
        from: '      if (this.over.aborted) throw stepIsOver;\n      const request',
        to: '      const request',
      },
      {
        file: 'functions/adapters/step-life.ts',
        from: 'const signal = abortSignal === undefined ? this.over : AbortSignal.any([abortSignal, this.over]);',
        to: 'const signal = abortSignal;',
      },
      {
        file: 'functions/adapters/step-life.ts',
        from: '{ ...options, abortSignal: signal }',
        to: '{ ...options, ...(signal === undefined ? {} : { abortSignal: signal }) }',
      },
    ],
    dimension,
  },
];
