/**
 * The loop of a test: plan, read, seal, reduce and commit, each as the engine decides it, over values in memory.
 *
 * TESTING-1 Between two batches there is nothing but what the engine saves: the body of the last one and the states of its
 *    key groups. Both have been through JSON, as what a store gives back has.
 * TESTING-2 Who dies leaves the same: what was read is read again unless it was sealed, and what a key group has stored stays.
 * TESTING-3 It has no clock, no chance and no service: the same batches give the same answers.
 */
import { decidePlan, type PlannedBatch } from '../core/decide-plan.ts';
import { decideSeal } from '../core/decide-seal.ts';
import { reducedGroups } from '../core/group-states.ts';
import { type BatchBody, type BatchKind, endOfTime, type Head } from '../core/model.ts';
import { nothingGrouped } from '../core/nothing-grouped.ts';
import { trimHorizon } from '../core/position.ts';
import { blocksOf, prepareReduce } from '../core/reduce-key-group.ts';
import type { SavedWindows } from '../core/saved-windows.ts';
import { versionRulesOf } from '../core/sealed-versions.ts';
import { firstShards, noListingChange } from '../core/shard-lineage.ts';
import { type Manifest, noManifest } from '../core/state/manifest.ts';
import type { StateRow } from '../core/state/state-row.ts';
import { watermarkRulesOf } from '../core/watermark.ts';
import type { Aggregation, Pipeline } from '../pipeline/pipeline.ts';
import { mainSource } from '../pipeline/sources.ts';
import { asStored, throughJson } from './as-saved.ts';
import type { MergeOrder } from './batch-options.ts';
import { type BatchOutcome, outcomeOf } from './batch-outcome.ts';
import { readTask, type TaskOutcome } from './read-task.ts';
import { gatheredFrom, type Reduced, type ReducedState, reducedFrom } from './reduced-rows.ts';
import type { Death } from './test-batch.ts';
import type { TestPipeline } from './test-pipeline.ts';
import type { TestReferences } from './test-references.ts';
import { TestMemories } from './test-repeats.ts';
import { TestStates } from './test-states.ts';
import type { TestStream } from './test-stream.ts';

/** All that is kept from batch to batch. */
type Saved = {
  readonly epoch: number;
  readonly body: BatchBody | undefined;
  /** By key group. */
  readonly states: readonly (SavedState | null)[];
};
type SavedState = Pick<ReducedState, 'batchId' | 'ref'> & { readonly manifest: Manifest };

const retentionMs = endOfTime;

/** What stays the same from engine to engine. */
type Around = {
  readonly mergeOrder: MergeOrder;
  /** Events of a batch. */
  readonly mergeEvery: number;
  readonly references: TestReferences;
  readonly memories?: TestMemories;
  readonly states?: TestStates;
};

export class TestEngine {
  readonly #pipeline: TestPipeline;
  readonly #stream: TestStream<unknown>;
  readonly #around: Around;
  readonly #memories: TestMemories;
  readonly #states: TestStates;
  #saved: Saved = { epoch: 0, body: undefined, states: [] };
  /** Undefined: it lives. */
  #diesWhile: Death | undefined;

  constructor(
    pipeline: TestPipeline,
    stream: TestStream<unknown>,
    { memories = new TestMemories(), states = new TestStates(), ...around }: Around,
  ) {
    this.#memories = memories;
    this.#states = states;
    this.#pipeline = pipeline;
    this.#stream = stream;
    this.#around = around;
  }

  /** In the next batch. */
  dieWhile(step: Death): void {
    this.#diesWhile = step;
  }

  /** Another one, which knows nothing but what this one has saved. */
  begunAnew(): TestEngine {
    const around = { ...this.#around, memories: this.#memories, states: this.#states };
    const next = new TestEngine(this.#pipeline, this.#stream, around);
    next.#saved = throughJson(this.#saved);
    next.#diesWhile = this.#diesWhile;
    return next;
  }

  get watermark(): number | null {
    return this.#saved.body?.watermarkOut ?? null;
  }

  /** Of all key groups. */
  get openWindows(): SavedWindows {
    const { aggregation } = this.#pipeline.pipelineAt(this.#stream.clock !== undefined);
    if (aggregation === undefined) return [];
    return this.#saved.states.flatMap((state) =>
      state === null ? [] : this.#states.windowsIn(aggregation, state.manifest),
    );
  }

  /** The same as rows, group by group: what it is now, whenever it is asked for. */
  get stateRows(): () => readonly StateRow[] {
    const { aggregation, fingerprint } = this.#pipeline.pipelineAt(this.#stream.clock !== undefined);
    if (aggregation === undefined) return () => [];
    const groups = this.#saved.states.flatMap((state, group) =>
      state === null ? [] : [this.#states.rowsIn({ aggregation, fingerprint }, group, state.manifest)],
    );
    return () => groups.flatMap((rows) => rows());
  }

  /** `watermark`: the one that every shard is to come to; undefined: each to what it delivers. */
  read(watermark?: number): BatchOutcome {
    return this.#run('read', watermark);
  }

  close(): BatchOutcome {
    return this.#run('close-windows', undefined);
  }

  #run(kind: BatchKind, watermark: number | undefined): BatchOutcome {
    const dies = this.#diesWhile;
    this.#diesWhile = undefined;
    const pipeline = this.#pipeline.pipelineAt(this.#stream.clock !== undefined);
    if (dies === 'reading') {
      this.#read(pipeline, kind, watermark);
      this.#saved = throughJson(this.#saved);
    }
    const { planned, tasks } = this.#read(pipeline, kind, watermark);
    const body = sealOf(pipeline, planned, this.#saved.body, tasks);
    this.#stream.passRead();
    if (body === undefined) return outcomeOf(tasks, []);
    const reduced = this.#reduceAll(pipeline, body, { tasks, dies });
    const states = body.states.map((_, keyGroup) => this.#saved.states[keyGroup] ?? null);
    // Of the gathering step no state is kept: no batch goes on with one.
    for (const { state } of reduced.filter(({ state: { keyGroup } }) => keyGroup < states.length)) {
      const { keyGroup, batchId, ref, manifest = noManifest } = state;
      states[keyGroup] = { batchId, ref, manifest };
    }
    this.#states.keep(states.flatMap((state) => state?.manifest ?? []));
    this.#saved = { ...this.#saved, body: throughJson(body), states };
    return outcomeOf(tasks, reduced);
  }

  /** Under an epoch of its own: a read that comes to nothing has used one up. */
  #read(pipeline: Pipeline, kind: BatchKind, watermark: number | undefined) {
    const epoch = this.#saved.epoch + 1;
    const planned = this.#plan(pipeline, kind, epoch);
    const maxEventTime = watermark === undefined ? undefined : watermark + (watermarkRulesOf(pipeline)?.delayMs ?? 0);
    const { references: loaded, mergeEvery } = this.#around;
    const references = planned.tasks.length === 0 ? undefined : loaded.take();
    const around = { mergeEvery, references, memories: this.#memories, hasClock: this.#stream.clock !== undefined };
    const tasks = planned.tasks.map((task) => readTask(pipeline, task, this.#stream, { maxEventTime, ...around }));
    this.#saved = { ...this.#saved, epoch };
    return { planned, tasks };
  }

  #plan(pipeline: Pipeline, kind: BatchKind, epoch: number): PlannedBatch {
    const { body } = this.#saved;
    const listing = body === undefined ? firstShards(this.#stream.list(), trimHorizon) : noListingChange;
    const head = headOf(pipeline, body, epoch);
    return decidePlan(pipeline, head, body, { listing, kind, now: this.#stream.now, maxTasks: pipeline.maxTasks });
  }

  /** Where it dies, half of the key groups are stored and the next one is not; who comes then does what is left. */
  #reduceAll(
    pipeline: Pipeline,
    body: BatchBody,
    { tasks, dies }: { readonly tasks: readonly TaskOutcome[]; readonly dies: Death | undefined },
  ): readonly Reduced[] {
    const { aggregation = nothingGrouped } = pipeline;
    const aggregating = { ...pipeline, aggregation };
    const groups = reducedGroups(body);
    const reduce = (sealed: BatchBody, keyGroup: number) => this.#reduce(aggregating, sealed, { keyGroup, tasks });
    const gathered = (stored: readonly Reduced[]) => [
      ...stored,
      ...gatheredFrom(aggregating, body, stored, this.#around.references),
    ];
    if (dies !== 'reducing') return gathered(groups.map((keyGroup) => reduce(body, keyGroup)));
    const half = Math.floor(groups.length / 2);
    const stored = groups.slice(0, half + 1).map((keyGroup) => reduce(body, keyGroup));
    this.#saved = throughJson(this.#saved);
    const sealed = throughJson(body);
    return gathered([...stored.slice(0, half), ...groups.slice(half).map((keyGroup) => reduce(sealed, keyGroup))]);
  }

  #reduce(
    pipeline: Pipeline & { readonly aggregation: Aggregation },
    body: BatchBody,
    { keyGroup, tasks }: { readonly keyGroup: number; readonly tasks: readonly TaskOutcome[] },
  ): Reduced {
    const partials = body.blocks.flatMap(({ task, groups }) =>
      groups
        .filter((group) => group.keyGroup === keyGroup)
        .map(({ part = 0 }) => asStored(tasks[task]!.parts[part]!.get(keyGroup)!)),
    );
    const blocks = this.#around.mergeOrder === 'by-task' ? partials : partials.toReversed();
    const brought = blocks.map(({ windows }) => windows);
    const state = this.#states.open(pipeline, body, { keyGroup, manifest: this.#before(body, keyGroup), brought });
    const reduction = prepareReduce(pipeline, body, { keyGroup, before: state.keys, ...blocksOf(blocks) });
    return reducedFrom(pipeline, (delta) => this.#states.put(state, delta), reduction, this.#around.references);
  }

  /** The state that the seal names. */
  #before(body: BatchBody, keyGroup: number): Manifest | undefined {
    const named = body.states[keyGroup]?.before;
    if (named === undefined) return undefined;
    const state = this.#saved.states[keyGroup];
    if (state?.batchId !== named.batchId || state.ref !== named.ref)
      throw new Error(
        `the seal of batch ${body.batchId} names another state of key group ${keyGroup} than the last one`,
      );
    return state.manifest;
  }
}

function headOf(pipeline: Pipeline, body: BatchBody | undefined, epoch: number): Head {
  const committed = body === undefined ? undefined : { batchId: body.batchId, ref: body.ref };
  const stream = { arn: 'test', name: 'test', createdAt: 0, retentionMs };
  return {
    ...{ pipeline: pipeline.name, createdAt: 0, generation: 0, epoch, holder: undefined, committed, sealed: committed },
    ...{ oldestRetainedBatch: 0, purgedBelow: 0, control: 'run' },
    fingerprint: pipeline.fingerprint,
    parallelism: pipeline.parallelism,
    sources: { [mainSource]: { stream, start: trimHorizon, listedAt: 0 } },
  };
}

/** Undefined: nothing moved, and there is no such batch. */
function sealOf(
  pipeline: Pipeline,
  { plan }: PlannedBatch,
  previous: BatchBody | undefined,
  tasks: readonly TaskOutcome[],
): BatchBody | undefined {
  const blocks = tasks.flatMap(({ block }) => block ?? []);
  const outcomes = tasks.map(({ block }) => (block === undefined ? ('caught-up' as const) : ('moved' as const)));
  const { aggregation } = pipeline;
  const rules = {
    ...{ watermarks: watermarkRulesOf(pipeline), window: aggregation?.window },
    gives: aggregation && versionRulesOf(aggregation),
    deduplicates: pipeline.source.deduplicate !== undefined,
  };
  const sealed = decideSeal(plan, previous, { blocks, outcomes }, rules);
  return sealed.kind === 'sealed' ? sealed.body : undefined;
}
