/** Half an answer taken for a whole one, and steps that go on after theirs. */
import type { PlantedFault } from './planted-faults.ts';

const stepHandler = 'functions/steps/step-handler.ts';

export const answerFaults: readonly PlantedFault[] = [
  {
    name: 'step-goes-on-after-its-answer',
    edits: [{ file: stepHandler, from: '    } finally {\n      life.end();\n    }', to: '    }' }],
  },
];
