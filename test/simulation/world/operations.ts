/**
 * What an operator does between two batches, as the command does it: goes back to an earlier batch, makes a savepoint and goes back to that, and has
 * another number of key groups. Each time the pipeline is stopped before and started behind it, by code that is for as many groups.
 */
import type { BatchName } from '../../../functions/core/model.ts';
import type { LateChoice } from '../../../functions/core/redrive.ts';
import { type Fenced, fence } from '../../../functions/operations/fence.ts';
import { goBack } from '../../../functions/operations/go-back.ts';
import { type ListedSavepoint, makeListed } from '../../../functions/operations/listed-savepoints.ts';
import type { CommittedHead, OperatedPipeline } from '../../../functions/operations/operated-pipeline.ts';
import {
  type CalledOff,
  callOffRedrive,
  chooseLetters,
  type ListedLetter,
  placeName,
  requestRedrive,
} from '../../../functions/operations/redrive.ts';
import { OperationRefused } from '../../../functions/operations/refused.ts';
import { repartition } from '../../../functions/operations/repartition.ts';
import { savepointName } from '../../../functions/operations/savepoint.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Stores } from '../../../functions/ports/ports.ts';
import { pipelineName } from '../checks/stored.ts';
import type { CallFault } from '../faults/fault.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { deadlyKinds } from './deadly-code.ts';
import type { Dimensions } from './dimensions.ts';
import type { HeadControl } from './operator.ts';
import type { Scenario } from './scenario.ts';

/** `back`: so many batches. `at`: milliseconds after the start. */
export type Operation = {
  readonly at: number;
  /** What its command did not end is left, and the pipeline started as if nothing had been. */
  readonly isOnce?: true;
} & (
  | { readonly kind: 'rewind'; readonly back: number }
  | { readonly kind: 'savepoint' | 'restore' }
  | { readonly kind: 'repartition'; readonly groups: number }
  /** `isBeside`: while the pipeline runs. */
  | { readonly kind: 'redrive'; readonly late: LateChoice; readonly isBeside?: true }
  | { readonly kind: 'call-off'; readonly isBeside?: true }
  /** `stop --now`, in the middle of whatever is at work; started again so much later. */
  | { readonly kind: 'fence'; readonly forMs: number }
);

export const operateStep = 'operate';
export const savepointOfRun = 'kept';
export const theSavepoint = savepointName(pipelineName, savepointOfRun);

/** Of pipelines that read and write streams, and of which nothing else is asked that goes by what was given out before. */
const leftOut: readonly (keyof Scenario)[] = [
  ...(['remade', 'hasView', 'hasFiles', 'delivery', 'calls', 'further', 'hasLateOutput', 'hasLetterOutput'] as const),
  ...(['sealed', 'silence', 'scheduleMs', 'stops', 'deadly', 'deadlyRow', 'large', 'oddValues', 'retentions'] as const),
  ...([
    'rowMs',
    'sinkRecordsASecond',
    'ttlMs',
    'closing',
    'untilBatch',
    'aggregates',
    'zone',
    'farShare',
    'otherAggregates',
  ] as const),
];

export function drawOperations(random: Random, scenario: Scenario, share: number): Partial<Scenario> {
  const { kind, availableNow, failOnDataLoss, durationMs } = scenario;
  const isPlain = leftOut.every((name) => scenario[name] === undefined) && !availableNow && !failOnDataLoss;
  if (kind === 'wide' || !isPlain || !random.chance(share)) return {};
  const count = random.int(1, 3);
  const operations = Array.from({ length: count }, (_, place): Operation => {
    const at = Math.floor((durationMs * (place + 0.2 + 0.8 * random.next())) / count);
    const once = random.chance(0.3) ? { isOnce: true as const } : {};
    const which = random.weighted([
      [4, 'rewind'],
      [3, 'repartition'],
      [2, 'savepoint'],
      [2, 'restore'],
    ] as const);
    if (which === 'rewind') return { at, ...once, kind: which, back: random.int(0, 8) };
    return which === 'repartition'
      ? { at, ...once, kind: which, groups: random.int(1, 5) }
      : { at, ...once, kind: which };
  });
  return { operations, ...(random.chance(0.5) ? { minBatchesToRetain: random.int(2, 4) } : {}) };
}

/** Nothing is drawn in it that does not go with commands between two batches; a second output does where it is detached. */
export const mayBeOperated = (scenario: Scenario): boolean =>
  scenario.kind !== 'wide' &&
  !scenario.availableNow &&
  !scenario.failOnDataLoss &&
  leftOut.every((name) => name === 'further' || scenario[name] === undefined);

/** A scenario without what is left out. */
export const plainly = (scenario: Scenario): Scenario =>
  // Weeks of virtual time, started by the hour.
  scenario.scheduleMs !== undefined
    ? scenario
    : {
        ...scenario,
        ...Object.fromEntries(leftOut.map((name) => [name, undefined])),
        ...{ availableNow: false, failOnDataLoss: false },
      };

/** Events that code throws at, and letters that are redriven once it is mended; now and then the key groups change between. */
export function drawRedrives(random: Random, scenario: Scenario, share: number): Partial<Scenario> {
  const { kind, availableNow, failOnDataLoss, durationMs, operations } = scenario;
  const isPlain = leftOut.every((name) => scenario[name] === undefined) && !availableNow && !failOnDataLoss;
  if (kind === 'wide' || !isPlain || operations !== undefined || !random.chance(share)) return {};
  const count = random.int(1, 4);
  const drawn = Array.from({ length: count }, (_, place): Operation => {
    const at = Math.floor((durationMs * (place + 0.2 + 0.8 * random.next())) / count);
    // Where nothing is grouped there is nothing to divide.
    if (kind !== 'map-only' && random.chance(0.15)) return { at, kind: 'repartition', groups: random.int(1, 5) };
    const beside = random.chance(0.5) ? { isBeside: true as const } : {};
    return { at, ...beside, kind: 'redrive', late: random.pick(['count', 'output']) };
  });
  const operationsDrawn = drawn.some(({ kind: of }) => of === 'redrive')
    ? drawn
    : [...drawn, { at: durationMs, kind: 'redrive', late: 'count' } as const];
  const brokenShare = random.pick([0.02, 0.1, 0.3]);
  return {
    operations: operationsDrawn.flatMap((operation) => withCallOff(random, operation)),
    brokenShare,
    ...drawDeadlyLetters(random),
  };
}

/** Somebody thinks better of it: at once, while its batch is at work, or between two of them. */
function withCallOff(random: Random, operation: Operation): readonly Operation[] {
  if (operation.kind !== 'redrive' || !random.chance(0.35)) return [operation];
  const beside = random.chance(0.8) ? { isBeside: true as const } : {};
  return [operation, { at: operation.at + random.span(1, 90_000), ...beside, kind: 'call-off' }];
}

const drawDeadlyLetters = (random: Random): Partial<Scenario> =>
  random.chance(0.35) ? { deadlyLetters: { how: random.pick(deadlyKinds), share: random.pick([0.05, 0.3]) } } : {};

const atRedrives = {
  'process-shards': [
    'put-letter-list',
    'put-block',
    'load-dead-letter',
    'put-dead-letters',
    'load-redrive-request',
    'load-task',
  ],
  'seal-batch': ['put-body', 'seal', 'load-block'],
  'commit-batch': ['put-listed-batch', 'put-progress', 'commit', 'delete-purged', 'query-partials', 'load-body'],
  [operateStep]: ['put-redrive-request', 'redrive', 'load-head', 'load-body', 'query-partials', 'query-purgeable'],
} as const;

/** Where letters are chosen, taken and let go. */
export function drawAtRedrives(random: Random, { brokenShare }: Pick<Scenario, 'brokenShare'>): CallFault[] {
  if (brokenShare === undefined || random.chance(0.2)) return [];
  return Array.from({ length: random.int(1, 6) }, (): CallFault => {
    const step = random.pick(Object.keys(atRedrives) as (keyof typeof atRedrives)[]);
    const call = random.pick(atRedrives[step] as readonly string[]);
    const kind = random.pick(kinds);
    const size = kind === 'zombie' ? random.span(200, 1_200_000) : kind === 'sleeper' ? random.int(1, 40) : 5_000;
    return { kind, size, step, call, when: random.pick(['before', 'after']), occurrence: random.int(1, 12) };
  });
}

/** What may not go with commands that go back does here: nothing is another behind it. */
const unfenced: readonly (keyof Scenario)[] = [
  ...([
    'remade',
    'operations',
    'stops',
    'scheduleMs',
    'retentions',
    'closing',
    'untilBatch',
    'stopWhenIdleMs',
  ] as const),
];

export function drawFences(random: Random, scenario: Scenario): Partial<Scenario> {
  if (unfenced.some((name) => scenario[name] !== undefined)) return {};
  const count = random.int(1, 4);
  const operations = Array.from({ length: count }, (_, place): Operation => {
    const at = Math.floor((scenario.durationMs * (place + random.next())) / count);
    return { at, kind: 'fence', forMs: random.span(1, 90_000) };
  });
  return { operations };
}

/** Between its writes. */
export function drawAtFences(random: Random, { operations = [] }: Pick<Scenario, 'operations'>): CallFault[] {
  if (!operations.some(({ kind }) => kind === 'fence') || random.chance(0.3)) return [];
  return Array.from({ length: random.int(1, 4) }, (): CallFault => {
    const [call, kind] = [random.pick(['control', 'load-head', 'claim', 'release'] as const), random.pick(kinds)];
    const size = kind === 'zombie' ? random.span(200, 1_200_000) : kind === 'sleeper' ? random.int(1, 40) : 5_000;
    const when = random.pick(['before', 'after'] as const);
    return { kind, size, step: operateStep, call, when, occurrence: random.int(1, 4) };
  });
}

const calls = {
  ...{ claim: 3, 'put-state': 8, 'put-segment': 8, 'put-body': 3, restore: 3, 'put-memory': 6, 'put-shard-part': 4 },
  ...{ 'load-head': 4, 'load-body': 6, 'load-state': 8, 'load-segment': 6, create: 2, commit: 2 },
} as const;
/** Behind them everything is another. */
const decisive = ['restore', 'restore', 'restore', 'commit', 'claim'] as const;
const kinds = ['crash', 'crash', 'zombie', 'sleeper', 'lost', 'error', 'slow'] as const;

export function drawAtOperations(random: Random, { operations }: Pick<Scenario, 'operations'>): CallFault[] {
  if (operations === undefined || random.chance(0.3)) return [];
  const behindSeal: CallFault[] = random.chance(0.4)
    ? [{ kind: 'crash', size: 0, step: operateStep, call: 'restore', when: 'after', occurrence: random.int(1, 2) }]
    : [];
  const anywhere = Array.from({ length: random.int(1, 5) }, (): CallFault => {
    const call = random.pick([...(Object.keys(calls) as (keyof typeof calls)[]), ...decisive]);
    const kind = random.pick(kinds);
    const size = kind === 'zombie' ? random.span(200, 1_200_000) : kind === 'sleeper' ? random.int(1, 40) : 5_000;
    return {
      kind,
      size,
      step: operateStep,
      call,
      when: random.pick(['before', 'after']),
      occurrence: random.int(1, calls[call]),
    };
  });
  return [...behindSeal, ...anywhere];
}

export type OperateWith = {
  readonly pipeline: OperatedPipeline & Pick<Stores, 'letterLists'>;
  /** All that are there. */
  readonly letters: () => AsyncIterable<ListedLetter>;
  /** Told of what may be redriven, as of this batch. */
  readonly onChosen: (names: readonly string[], committed: BatchName) => void;
  readonly onCalledOff: (calledOff: CalledOff) => void;
  readonly onFenced: (fenced: Fenced) => void;
  readonly listed: ListedSavepoint;
  readonly definition: Pipeline;
};

/** What the command does, in one try. */
export async function operate(
  operation: Operation,
  { pipeline, listed, definition, letters, onChosen, onCalledOff, onFenced }: OperateWith,
): Promise<void> {
  const head = await pipeline.head.load();
  if (operation.kind === 'fence' && head !== undefined) onFenced(await fence(pipeline));
  if (operation.kind === 'fence' || head?.committed === undefined) return;
  const committed: CommittedHead = { ...head, committed: head.committed };
  switch (operation.kind) {
    case 'rewind': {
      const batchId = Math.max(head.oldestRetainedBatch, head.committed.batchId - operation.back);
      await goBack(pipeline, { kind: 'batch', batchId });
      return;
    }
    case 'savepoint':
      if ((await listed.index.load(listed.name)) === undefined) await makeListed(listed, undefined);
      return;
    case 'restore':
      if ((await listed.index.load(listed.name)) !== undefined) await goBack(pipeline, { kind: 'savepoint', listed });
      return;
    case 'redrive': {
      const chosen = await chooseLetters(pipeline, letters());
      onChosen(chosen.letters.map(placeName), chosen.head.committed);
      if (chosen.letters.length > 0) await requestRedrive(pipeline, chosen, operation.late);
      return;
    }
    case 'call-off':
      // There may be none, or it is through.
      try {
        onCalledOff(await callOffRedrive(pipeline));
      } catch (error) {
        if (!(error instanceof OperationRefused) || error.why !== 'usage') throw error;
      }
      return;
    case 'repartition':
      if (head.parallelism !== operation.groups) await repartition(pipeline, definition, committed, operation.groups);
  }
}

const retryMs = 3_000;
/** Longer than any of them sleeps. */
const [watchMs, mostWatches] = [60_000, 40];
/** What a start takes to finish a batch that was sealed. */
const finishMs = 20_000;

type Parts = {
  readonly scheduler: Scheduler;
  readonly scenario: Scenario;
  readonly dimensions: Dimensions;
  readonly head: HeadControl;
  /** Runs the command; the error that it ended with, if it did. */
  readonly run: (operation: Operation) => Promise<string | undefined>;
  /** The code is for as many key groups as there are. */
  readonly deploy: () => void;
};

/** One after the other. */
export class Operations {
  readonly #parts: Parts;
  #waiting: Operation[] = [];
  /** No execution begins meanwhile: its code may be for another number of key groups. */
  isOperating = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isDone(): boolean {
    return this.#waiting.length === 0;
  }

  start(): void {
    const { scheduler, scenario } = this.#parts;
    this.#waiting = [...(scenario.operations ?? [])];
    const [first] = this.#waiting;
    if (first !== undefined) scheduler.at(scheduler.now + first.at, () => this.#begin(first, scheduler.now));
  }

  #begin(operation: Operation, begunAt: number): void {
    if (operation.kind === 'fence') void this.#fence(operation, begunAt);
    else if ('isBeside' in operation && operation.isBeside === true) void this.#beside(operation, begunAt);
    else this.#stop(operation, begunAt);
  }

  async #beside(operation: Operation, begunAt: number): Promise<void> {
    const error = await this.#parts.run(operation);
    if (error === undefined) this.#goOn(operation, begunAt);
    else this.#later(retryMs, () => this.#beside(operation, begunAt));
  }

  async #fence(operation: Operation & { readonly kind: 'fence' }, begunAt: number): Promise<void> {
    const error = await this.#parts.run(operation);
    if (error === undefined)
      this.#later(operation.forMs, () => {
        this.#next(operation, begunAt);
        this.#watch(mostWatches);
      });
    else this.#later(retryMs, () => this.#fence(operation, begunAt));
  }

  /** A command that was taken for dead may stop what has been started since: whoever sees it starts it again. */
  #watch(left: number): void {
    if (this.isDone && this.#parts.head.isStopped()) this.#run();
    if (left > 0) this.#later(watchMs, () => this.#watch(left - 1));
  }

  #stop(operation: Operation, begunAt: number): void {
    if (this.#parts.head.setControl('stop')) void this.#try(operation, begunAt);
    else this.#later(retryMs, () => this.#stop(operation, begunAt));
  }

  async #try(operation: Operation, begunAt: number): Promise<void> {
    const { head, run, deploy, dimensions } = this.#parts;
    if (head.isHeld()) {
      this.#later(retryMs, () => this.#try(operation, begunAt));
      return;
    }
    this.isOperating = true;
    const error = await run(operation);
    deploy();
    this.isOperating = false;
    if (error === undefined) {
      dimensions.count('an operator between two batches');
      dimensions.count(
        operation.kind === 'restore' ? 'pipelines that go back to a savepoint' : dimensionOf[operation.kind],
      );
      this.#next(operation, begunAt);
      // One that is to be finished first, or that was restored and is not known to be.
    } else if (operation.isOnce === true) {
      this.#leave(operation, begunAt);
    } else if (error === 'NotAllowed' && !head.isHeld()) {
      this.#run();
      this.#later(finishMs, () => this.#stop(operation, begunAt));
    } else this.#later(retryMs, () => this.#try(operation, begunAt));
  }

  /** Once nobody has the pipeline, not the command either. */
  #leave(operation: Operation, begunAt: number): void {
    const { head, deploy, dimensions } = this.#parts;
    deploy();
    if (head.isHeld()) {
      this.#later(retryMs, () => this.#leave(operation, begunAt));
      return;
    }
    dimensions.count('commands that are left where they ended');
    // It may have ended after all.
    this.#later(finishMs, deploy);
    this.#next(operation, begunAt);
  }

  #next(operation: Operation, begunAt: number): void {
    this.#run();
    this.#goOn(operation, begunAt);
  }

  #goOn(operation: Operation, begunAt: number): void {
    const { scheduler } = this.#parts;
    this.#waiting = this.#waiting.slice(1);
    const [next] = this.#waiting;
    if (next === undefined) return;
    const wait = Math.max(0, next.at - operation.at - (scheduler.now - begunAt));
    this.#later(wait, () => this.#begin(next, this.#parts.scheduler.now));
  }

  #run(): void {
    const { head } = this.#parts;
    head.setControl('run');
    head.start();
  }

  #later(ms: number, act: () => void): void {
    const { scheduler } = this.#parts;
    scheduler.at(scheduler.now + ms, act);
  }
}

const dimensionOf = {
  rewind: 'pipelines that go back',
  savepoint: 'savepoints',
  repartition: 'another number of key groups',
  redrive: 'an operator between two batches',
  'call-off': 'an operator between two batches',
  fence: 'drivers that are fenced',
} as const;
