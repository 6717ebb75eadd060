/** Deployments with other aggregates: states that are written anew, accumulators that are put where the definition has them, and what says whose they are. */
import type { PlantedFault } from './planted-faults.ts';

const stateOfBatch = 'functions/core/state/state-of-batch.ts';
const fitted = 'functions/core/fitted-windows.ts';
const reduceStep = 'functions/steps/reduce-key-group/reduce-key-group.ts';

const faults: readonly PlantedFault[] = [
  {
    name: 'a-rewritten-state-keeps-what-was-there',
    edits: [
      {
        file: stateOfBatch,
        from: 'stateAfterBatch(this.#isRewritten ? noManifest : this.#before.manifest, {',
        to: 'stateAfterBatch(this.#isRewritten && noManifest === undefined ? noManifest : this.#before.manifest, {',
      },
    ],
  },
  {
    name: 'of-a-state-of-other-aggregates-only-what-changes-is-written-anew',
    edits: [
      {
        file: stateOfBatch,
        from: 'this.#isRewritten ? applyDelta(this.keys, delta).map(asDelta) : delta;',
        to: 'this.#isRewritten && delta.length === 0 ? applyDelta(this.keys, delta).map(asDelta) : delta;',
      },
    ],
  },
  {
    name: 'of-a-state-of-other-aggregates-only-what-a-batch-asks-for-is-read',
    edits: [
      {
        file: stateOfBatch,
        from: 'brought, this.#isRewritten);',
        to: 'brought, this.#isRewritten && before.manifest === noManifest);',
      },
    ],
  },
  {
    name: 'a-state-of-other-aggregates-is-taken-as-it-lies',
    edits: [
      {
        file: stateOfBatch,
        from: 'this.#isRewritten = !isSavedFor(before.fingerprint, pipeline.fingerprint);',
        to: 'this.#isRewritten = !isSavedFor(before.fingerprint, before.fingerprint);',
      },
    ],
  },
  {
    name: 'a-state-that-does-not-fit-is-written-anew-all-the-same',
    dimension: 'states that do not fit',
    edits: [
      {
        file: 'functions/core/state/state-memory.ts',
        from: 'if (least <= limitBytes) return;',
        to: 'if (loaded <= limitBytes) return;',
      },
    ],
  },
  {
    name: 'a-state-that-fits-by-now-is-refused-by-its-size-in-all',
    dimension: 'states that do not fit',
    edits: [
      {
        file: 'functions/steps/reduce-key-group/reduce-key-group.ts',
        from: 'memoryBytes: runtime.memory?.limitBytes,',
        to: 'memoryBytes: runtime.memory?.limitBytes ?? 2_500,',
      },
    ],
  },
  {
    name: 'accumulators-are-taken-by-their-place',
    edits: [
      {
        file: fitted,
        from: 'const places = to!.map((each) => from!.indexOf(each));',
        to: 'const places = to!.map((each, at) => (from!.includes(each) ? Math.min(at, from!.length - 1) : -1));',
      },
    ],
  },
  {
    name: 'a-new-aggregate-goes-on-with-the-one-that-is-gone',
    edits: [
      {
        file: fitted,
        from: '(place < 0 ? empty[at] : accumulators[place])',
        to: '(accumulators[place < 0 ? at : place] ?? empty[at])',
      },
    ],
  },
  {
    name: 'a-state-says-not-whose-aggregates-it-has',
    edits: [
      {
        file: reduceStep,
        from: 'const saved = fingerprint === body.fingerprint ? {} : { fingerprint };',
        to: 'const saved = fingerprint !== undefined ? {} : { fingerprint };',
      },
    ],
  },
  {
    name: 'a-seal-says-not-whose-aggregates-the-state-before-has',
    edits: [
      {
        file: 'functions/core/group-states.ts',
        from: 'return last.fingerprint !== undefined ? last : { ...last, fingerprint: previous!.fingerprint };',
        to: 'return last;',
      },
    ],
  },
  {
    name: 'blocks-of-other-aggregates-are-merged-as-they-are',
    edits: [
      {
        file: reduceStep,
        from: 'windows: fittedWindows(each.windows, body.fingerprint, pipeline),',
        to: 'windows: fittedWindows(each.windows, pipeline.fingerprint, pipeline),',
      },
    ],
  },
];

export const definitionFaults: readonly PlantedFault[] = faults.map((fault) => ({
  dimension: 'states that are rewritten',
  ...fault,
}));
