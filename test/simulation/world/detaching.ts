/**
 * An output whose sink takes nothing for a while, and an operator who detaches it and attaches it again, or gives up what was kept; while the
 * pipeline runs, as the command does.
 */
import { attachOutput, detachOutput } from '../../../functions/operations/detach-outputs.ts';
import type { OperatedPipeline } from '../../../functions/operations/operated-pipeline.ts';
import { mainOutput } from '../../../functions/pipeline/outputs.ts';
import { lateOutput, letterOutput } from '../../../functions/pipeline/side-outputs.ts';
import type { CallFault } from '../faults/fault.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Dimensions } from './dimensions.ts';
import { furtherName, furtherSinkName, lateSinkName } from './further-output.ts';
import { letterSinkName, mayHaveLetterOutput } from './letter-output.ts';
import { mayBeOperated, type Operation, operateStep } from './operations.ts';
import { type Scenario, sinkName } from './scenario.ts';

/** Milliseconds after the start. */
export type Detaching = {
  readonly outages: readonly { readonly from: number; readonly until: number }[];
  readonly commands: readonly DetachCommand[];
  /** Which one; the second output of results if not said. */
  readonly output?: DetachedName;
};

export type DetachCommand = { readonly at: number; readonly kind: 'detach' | 'attach' | 'discard' };

/** By id of the output. */
const streams = {
  [furtherName]: furtherSinkName,
  [mainOutput]: sinkName,
  [lateOutput]: lateSinkName,
  [letterOutput]: letterSinkName,
} as const;
type DetachedName = keyof typeof streams;

export const detachedName = ({ output = furtherName }: Detaching): DetachedName => output;
export const detachedStream = (detaching: Detaching): string => streams[detachedName(detaching)];

export const isDetachCommand = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'detach' || kind === 'attach' || kind === 'discard';

/** Where nothing else decides on what the second output has. */
const leftOut: readonly (keyof Scenario)[] = [
  ...(['remade', 'operations', 'delivery', 'calls', 'hasFiles', 'scheduleMs', 'sinkRecordsASecond'] as const),
  ...(['deadly', 'deadlyRow', 'large', 'oddValues', 'closing', 'untilBatch', 'silence', 'rowMs'] as const),
];

/** `forces`: a second output is drawn where there is none. */
export function drawDetaching(
  random: Random,
  scenario: Scenario,
  { share, forces }: { readonly share: number; readonly forces: boolean },
): Partial<Scenario> {
  const { kind, further } = scenario;
  const isPlain = leftOut.every((name) => scenario[name] === undefined);
  if (!isPlain || kind === 'map-only' || (further === undefined && !forces) || !random.chance(share)) return {};
  const { outages, commands } = drawCommands(random, scenario);
  return {
    further: further ?? { refuses: random.chance(0.3), ...(random.chance(0.3) ? { isByEvents: true as const } : {}) },
    detached: { outages: random.chance(0.15) ? [] : outages, commands },
    ...(random.chance(0.6) ? { minBatchesToRetain: random.int(2, 3) } : {}),
    ...drawRegrouping(random.fork('regrouping'), scenario, commands),
  };
}

/** What rows have of reference data or of other code is looked at when their batch is committed. */
const leftOutOfMain: readonly (keyof Scenario)[] = ['reference', 'otherAggregates', 'further'];

/** The first output, or that of late events or of dead letters. */
export function drawDetachingOthers(random: Random, scenario: Scenario): Partial<Scenario> {
  const { kind, hasLateOutput, hasLetterOutput, oddShare } = scenario;
  if (kind === 'map-only' || leftOut.some((name) => scenario[name] !== undefined)) return {};
  const mayHaveLetters = hasLetterOutput === true || mayHaveLetterOutput(scenario);
  const isMain = leftOutOfMain.every((name) => scenario[name] === undefined);
  const possible: readonly DetachedName[] = [
    ...(isMain ? ([mainOutput] as const) : []),
    ...(hasLateOutput === true ? ([lateOutput, lateOutput] as const) : []),
    ...(mayHaveLetters ? ([letterOutput] as const) : []),
  ];
  if (possible.length === 0) return {};
  const output = random.pick(possible);
  const { outages, commands } = drawCommands(random, scenario);
  return {
    ...(output === letterOutput ? { hasLetterOutput: true, oddShare: Math.max(oddShare, 0.08) } : {}),
    detached: { outages: random.chance(0.15) ? [] : outages, commands, output },
    ...(random.chance(0.6) ? { minBatchesToRetain: random.int(2, 3) } : {}),
  };
}

function drawCommands(random: Random, { durationMs }: Scenario): Pick<Detaching, 'outages' | 'commands'> {
  const turns = random.int(1, 2);
  const span = durationMs / turns;
  const outages = Array.from({ length: turns }, (_, turn) => {
    const from = Math.floor(turn * span + span * 0.4 * random.next());
    return { from, until: Math.floor(from + span * (0.05 + 0.4 * random.next())) };
  });
  const commands = outages.flatMap(({ from, until }, turn) =>
    commandsOf(random, { from, until, end: (turn + 1) * span }),
  );
  return { outages, commands };
}

/** While rows are kept the number of key groups changes: those of groups that are no more go out as well. */
function drawRegrouping(random: Random, scenario: Scenario, commands: readonly DetachCommand[]): Partial<Scenario> {
  if (!mayBeOperated(scenario) || !random.chance(0.5)) return {};
  const spans = commands.flatMap(({ kind, at: from }, place) =>
    kind === 'detach' ? [{ from, until: commands[place + 1]?.at ?? scenario.durationMs }] : [],
  );
  const operations = spans.map(({ from, until }): Operation => {
    const at = Math.floor(from + (until - from) * random.next());
    return { at, kind: 'repartition', groups: random.int(1, 5) };
  });
  return { operations };
}

/** While rows are kept the pipeline goes back: those of batches that are left behind go out as well. */
export function drawGoingBack(random: Random, scenario: Scenario): Partial<Scenario> {
  const { detached, durationMs } = scenario;
  if (detached === undefined || !mayBeOperated(scenario)) return {};
  const { commands } = detached;
  const operations = commands.flatMap(({ kind, at: from }, place): readonly Operation[] => {
    if (kind !== 'detach') return [];
    const until = commands[place + 1]?.at ?? durationMs;
    const at = Math.floor(from + (until - from) * random.next());
    const again = random.chance(0.3) ? [{ at: at + 1, kind: 'rewind' as const, back: random.int(0, 12) }] : [];
    return [{ at, kind: 'rewind', back: random.int(0, 6) }, ...again];
  });
  return { operations };
}

function commandsOf(
  random: Random,
  { from, until, end }: { readonly from: number; readonly until: number; readonly end: number },
): readonly DetachCommand[] {
  const between = (one: number, other: number) => Math.floor(one + (other - one) * random.next());
  const detach: DetachCommand = { at: between(from, until), kind: 'detach' };
  if (random.chance(0.1)) return [detach];
  const kind = random.chance(0.2) ? 'discard' : 'attach';
  // While the sink takes nothing yet, as often as not: then it is detached again, or waited for.
  const early: DetachCommand = { at: between(detach.at, until), kind };
  const late: DetachCommand = { at: between(until, end), kind };
  if (random.chance(0.6)) return [detach, late];
  return random.chance(0.5)
    ? [detach, early]
    : [detach, early, { at: between(early.at, until), kind: 'detach' }, { ...late, kind: 'attach' }];
}

const kinds = ['crash', 'zombie', 'sleeper', 'lost', 'error', 'slow', 'doubled'] as const;
/** Where it matters who has seen what is detached. */
const places = [
  ['reduce-key-group', 'load-head', 30],
  ['reduce-key-group', 'put-sent', 10],
  ['reduce-key-group', 'send', 60],
  ['commit-batch', 'load-head', 20],
  ['commit-batch', 'commit', 20],
  ['plan-batch', 'claim', 20],
  ['plan-batch', 'load-body', 30],
  ['seal-batch', 'put-body', 20],
  ['seal-batch', 'seal', 20],
  [operateStep, 'detach', 4],
  [operateStep, 'load-head', 4],
] as const;

export function drawAtDetaching(random: Random, { detached }: Pick<Scenario, 'detached'>): CallFault[] {
  if (detached === undefined || random.chance(0.25)) return [];
  return Array.from({ length: random.int(1, 6) }, (): CallFault => {
    const [step, call, most] = random.pick(places);
    const kind = random.pick(step === operateStep ? kinds.slice(0, 6) : kinds);
    const size = kind === 'zombie' ? random.span(200, 1_200_000) : kind === 'sleeper' ? random.int(1, 40) : 5_000;
    return { kind, size, step, call, when: random.pick(['before', 'after']), occurrence: random.int(1, most) };
  });
}

/** What the command does, in one try. Rows that were given up. */
export async function detachAs({ kind }: DetachCommand, output: string, pipeline: OperatedPipeline): Promise<number> {
  if (kind === 'detach') {
    await detachOutput(pipeline, output);
    return 0;
  }
  const { rows } = await attachOutput(pipeline, output, { discard: kind === 'discard' });
  return kind === 'discard' ? rows : 0;
}

const retryMs = 3_000;

type Parts = {
  readonly scheduler: Scheduler;
  readonly scenario: Scenario;
  readonly dimensions: Dimensions;
  /** The error that it ended with, if it did. */
  readonly run: (command: DetachCommand) => Promise<string | undefined>;
};

/** One command after the other. */
export class DetachingOperator {
  readonly #parts: Parts;
  #left: readonly DetachCommand[];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#left = parts.scenario.detached?.commands ?? [];
  }

  get isDone(): boolean {
    return this.#left.length === 0;
  }

  start(): void {
    this.#begunAt = this.#parts.scheduler.now;
    this.#next();
  }

  #begunAt = 0;

  #next(): void {
    const { scheduler } = this.#parts;
    const [first] = this.#left;
    if (first !== undefined)
      scheduler.at(Math.max(scheduler.now, this.#begunAt + first.at), () => void this.#try(first));
  }

  async #try(command: DetachCommand): Promise<void> {
    const { run, scheduler, dimensions } = this.#parts;
    const error = await run(command);
    // What stands as it is to stand needs no command: of one that ended without an answer, too.
    if (error !== undefined && error !== 'NotAllowed') {
      scheduler.at(scheduler.now + retryMs, () => void this.#try(command));
      return;
    }
    if (error === undefined && command.kind === 'detach') {
      dimensions.count('outputs that are detached');
      dimensions.count(`${detachedName(this.#parts.scenario.detached!)} is detached`);
    }
    this.#left = this.#left.slice(1);
    this.#next();
  }
}
