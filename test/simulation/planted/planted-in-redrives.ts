/** Dead letters that go through the pipeline again. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'letters that are redriven';
const profile = 'redriven';

export const redriveFaults: readonly PlantedFault[] = [
  {
    name: 'a-letter-is-deleted-before-its-batch-is-committed',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/steps/process-shards/process-letters.ts',
        from: '  await task.checkSchema();\n',
        to: '  await task.checkSchema();\n  await ports.letterLists.deleteLetters(read.taken);\n',
      },
    ],
  },
  {
    name: 'a-seal-stands-still-among-the-letters',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/core/redrive.ts',
        from: '...{ request, next: to },',
        to: '...{ request, next: from },',
      },
    ],
  },
  {
    name: 'a-restored-batch-forgets-where-it-stands-among-the-letters',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/core/restored-batch.ts',
        from: '...(source.redrive === undefined ? {} : { redrive: source.redrive }),',
        to: '',
      },
    ],
  },
  {
    name: 'letters-of-tries-that-came-to-nothing-are-redriven',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/operations/redrive.ts',
        from: "return open.has(placeName(letter)) ? undefined : 'uncounted';",
        to: 'return open.size < 0 ? "uncounted" : undefined;',
      },
    ],
  },
  {
    name: 'a-letter-that-is-dead-again-is-deleted',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/steps/commit-batch/letters-of-batch.ts',
        from: "fact === 'taken' && !dead.has(nameOf(place))",
        to: "fact === 'taken'",
      },
    ],
  },
  {
    name: 'letters-move-the-watermark',
    ...{ dimension, profile },
    edits: [
      {
        file: 'functions/core/decide-seal.ts',
        from: 'const watermarkOut = watermarkBehind(plan.kind, shards, watermarkIn);',
        to:
          'const marked = watermarkBehind(plan.kind, shards, watermarkIn); ' +
          'const watermarkOut = marked !== null && blocks.some(({ redrive }) => redrive !== undefined) ? marked - 60_000 : marked;',
      },
    ],
  },
  {
    name: 'deaths-of-letters-are-forgotten',
    ...{ dimension: 'letters that are passed over', profile },
    edits: [
      {
        file: 'functions/steps/plan-batch/suspects.ts',
        from: 'const redrive = letterDeathsAfter(before.redrive, ',
        to: 'const redrive = letterDeathsAfter(undefined, ',
      },
    ],
  },
  {
    name: 'a-letter-that-is-passed-over-goes',
    ...{ dimension: 'letters that are passed over', profile },
    edits: [
      {
        file: 'functions/steps/process-shards/process-letters.ts',
        from: 'redrive: { request, from, to: from + 1, missing: 0, ...(deadly && { deadly }) },',
        to: 'redrive: { request, from, to: from + 1, missing: 0, ...(deadly && { deadly }) }, taken: [{ ...deadly!, payloadBytes: 0 }],',
      },
    ],
  },
  {
    name: 'a-batch-keeps-the-letters-of-a-redrive-that-is-called-off',
    ...{ dimension: 'redrives that are called off', profile },
    edits: [
      {
        file: 'functions/adapters/dynamodb/head-store.ts',
        from: '{ redrive: redriveText(redrive) }) },\n        redrive === undefined ? sealCondition : `${sealCondition} AND #redrive = :redrive`,',
        to: '{}) },\n        sealCondition,',
      },
      {
        file: 'functions/steps/seal-batch/seal-batch.ts',
        from: 'planned !== undefined && (now?.request !== planned.request || now.count !== planned.count);',
        to: 'planned !== undefined && now?.request === "";',
      },
    ],
  },
];
