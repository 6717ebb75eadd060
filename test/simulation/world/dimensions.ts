/**
 * The dimensions that seeds differ in, each in one line: its name, which scenarios have it, and by what it is seen that it
 * mattered in a run. A new one is a line here; where nothing of a run's outcome shows it, the place where it matters calls
 * `count`.
 */
import { type Fault, hangKinds, outageKinds } from '../faults/fault.ts';
import { hasLostInARow } from '../faults/lost-in-a-row.ts';
import { hasOddTexts } from './odd-texts.ts';
import { changes } from './result-draws.ts';
import type { RunResult } from './run-result.ts';
import type { Scenario } from './scenario.ts';

export type Dimension = {
  readonly isDrawn: (scenario: Scenario, faults: readonly Fault[]) => boolean;
  /** How often it mattered, from what the run came to. */
  readonly seenIn?: (run: RunOutcome) => number;
};

export type RunOutcome = Omit<RunResult, 'dimensions'>;

const registry = {
  'event-time windows': { isDrawn: ({ kind }) => kind === 'windowed', seenIn: ({ outputs }) => outputs },
  'windows that overlap': { isDrawn: ({ slideMs }) => slideMs !== undefined, seenIn: ({ outputs }) => outputs },
  'panes above panes': { isDrawn: ({ slideMs }) => slideMs !== undefined },
  sessions: { isDrawn: ({ gapMs }) => gapMs !== undefined, seenIn: ({ outputs }) => outputs },
  'sessions that become part of others': { isDrawn: ({ gapMs }) => gapMs !== undefined },
  'sessions that are late': { isDrawn: ({ gapMs }) => gapMs !== undefined },
  'running totals': { isDrawn: ({ ttlMs }) => ttlMs !== undefined, seenIn: ({ outputs }) => outputs },
  'totals that are forgotten': { isDrawn: ({ ttlMs }) => ttlMs !== undefined },
  'days of a zone': { isDrawn: ({ zone }) => zone !== undefined, seenIn: ({ outputs }) => outputs },
  'one group of all': { isDrawn: ({ isOneGroup }) => isOneGroup === true, seenIn: ({ outputs }) => outputs },
  'allowed lateness': { isDrawn: ({ latenessMs }) => latenessMs !== undefined },
  'update mode': { isDrawn: ({ mode }) => mode !== undefined },
  'complete mode': { isDrawn: ({ mode }) => mode === 'complete' },
  'corrections of windows that overlap': {
    isDrawn: (scenario) => changes(scenario) && scenario.slideMs !== undefined,
  },
  'results of what is new': { isDrawn: ({ discards }) => discards === true },
  'corrected results': { isDrawn: changes },
  'last corrections': { isDrawn: changes },
  'rows that are left out': { isDrawn: ({ rowRule }) => rowRule !== undefined },
  'rows that are taken back': { isDrawn: changes },
  'rows that one output alone takes back': {
    isDrawn: (scenario) => changes(scenario) && scenario.further !== undefined,
  },
  'elements of events': { isDrawn: ({ hasElements }) => hasElements === true, seenIn: ({ outputs }) => outputs },
  'an aggregated output': { isDrawn: ({ aggregates }) => aggregates === true },
  'reference data': { isDrawn: ({ reference }) => reference !== undefined },
  'reference data that changes': { isDrawn: ({ reference }) => reference !== undefined },
  'loads that fail': { isDrawn: ({ reference }) => hasOutage(reference, 'fails') },
  'loads that hang': { isDrawn: ({ reference }) => hasOutage(reference, 'hangs') },
  'reference data that can not be had': { isDrawn: ({ reference }) => (reference?.outages ?? []).length > 0 },
  'outputs that are detached': { isDrawn: ({ detached }) => detached !== undefined },
  'audit is detached': { isDrawn: ({ detached }) => detached !== undefined && detached.output === undefined },
  'main is detached': { isDrawn: ({ detached }) => detached?.output === 'main' },
  'late is detached': { isDrawn: ({ detached }) => detached?.output === 'late' },
  'dead-letters is detached': { isDrawn: ({ detached }) => detached?.output === 'dead-letters' },
  'rows that are kept for an output': { isDrawn: ({ detached }) => detached !== undefined },
  'rows that were kept and are sent': {
    isDrawn: ({ detached }) => detached?.commands.some(({ kind }) => kind === 'attach') === true,
  },
  'rows that are kept of batches that are left behind': {
    isDrawn: ({ detached, operations }) =>
      detached !== undefined && operations?.some(({ kind }) => kind === 'rewind') === true,
  },
  'rows that are given up': {
    isDrawn: ({ detached }) => detached?.commands.some(({ kind }) => kind === 'discard') === true,
  },
  'drivers that are fenced': { isDrawn: ({ operations }) => operations?.some(({ kind }) => kind === 'fence') === true },
  'an operator between two batches': { isDrawn: ({ operations }) => operations !== undefined },
  'pipelines that go back': { isDrawn: ({ operations }) => operations?.some(({ kind }) => kind === 'rewind') === true },
  savepoints: { isDrawn: ({ operations }) => operations?.some(({ kind }) => kind === 'savepoint') === true },
  'pipelines that go back to a savepoint': {
    isDrawn: ({ operations }) => operations?.some(({ kind }) => kind === 'restore') === true,
  },
  'another number of key groups': {
    isDrawn: ({ operations }) => operations?.some(({ kind }) => kind === 'repartition') === true,
  },
  'letters that are redriven': { isDrawn: ({ brokenShare }) => brokenShare !== undefined },
  'letters that are dead again': { isDrawn: ({ brokenShare }) => brokenShare !== undefined },
  'letters that executors die of': { isDrawn: ({ deadlyLetters }) => deadlyLetters !== undefined },
  'letters that are passed over': { isDrawn: ({ deadlyLetters }) => deadlyLetters?.how === 'process' },
  'redrives that are called off': {
    isDrawn: ({ operations }) => operations?.some(({ kind }) => kind === 'call-off') === true,
  },
  'commands that are left where they ended': {
    isDrawn: ({ operations }) => operations?.some(({ isOnce }) => isOnce === true) === true,
  },
  'a mode that changes': { isDrawn: ({ otherMode }) => otherMode !== undefined },
  'aggregates that change': { isDrawn: ({ otherAggregates }) => otherAggregates !== undefined },
  'states that do not fit': { isDrawn: ({ reducerBytes }) => reducerBytes !== undefined },
  'states that are rewritten': { isDrawn: ({ otherAggregates }) => otherAggregates !== undefined },
  'letters without their payload': { isDrawn: ({ keptLetters }) => keptLetters?.payload === 'none' },
  'letters that are kept for another time': { isDrawn: ({ keptLetters }) => keptLetters?.hours !== undefined },
  'an output of dead letters': { isDrawn: ({ hasLetterOutput }) => hasLetterOutput === true },
  'calls with late events or letters': { isDrawn: ({ calls }) => calls?.sides === true },
  'calls with letters of rows': {
    isDrawn: ({ calls, hasLetterOutput, kind }) =>
      calls?.sides === true && hasLetterOutput === true && kind !== 'map-only',
  },
  'rows that two outputs give up': { isDrawn: ({ calls }) => calls?.kills === true },
  'outputs that are sent to after the seal': { isDrawn: ({ sealed }) => sealed !== undefined },
  'outputs that are sent to while reading beside them': {
    isDrawn: ({ sealed, further }) => further !== undefined && sealed?.includes('main') !== sealed?.includes('audit'),
  },
  'files that go to another place': { isDrawn: ({ movesFiles }) => movesFiles === true },
  'an output of late events': { isDrawn: ({ hasLateOutput }) => hasLateOutput === true },
  'long keys in a view': { isDrawn: ({ hasLongKeys }) => hasLongKeys === true, seenIn: ({ outputs }) => outputs },
  'first rows of a window': { isDrawn: ({ top }) => top !== undefined },
  'first rows by another rule': { isDrawn: ({ otherTop }) => otherTop !== undefined },
  'events that pass once': { isDrawn: ({ withinMs }) => withinMs !== undefined, seenIn: ({ outputs }) => outputs },
  'duplicates that are left out': {
    isDrawn: ({ withinMs, distinctMs }) => withinMs !== undefined || distinctMs !== undefined,
  },
  'events that count once': { isDrawn: ({ distinctMs }) => distinctMs !== undefined, seenIn: ({ outputs }) => outputs },
  'events that count once in windows that overlap': {
    isDrawn: ({ distinctMs, slideMs }) => distinctMs !== undefined && slideMs !== undefined,
  },
  'several rows of a result': { isDrawn: ({ hasSeveralRows }) => hasSeveralRows === true },
  'windows per micro-batch': { isDrawn: ({ kind }) => kind === 'per-batch', seenIn: ({ outputs }) => outputs },
  'no aggregation': { isDrawn: ({ kind }) => kind === 'map-only', seenIn: ({ outputs }) => outputs },
  'outputs of several requests': { isDrawn: ({ kind }) => kind === 'wide', seenIn: ({ outputs }) => outputs },
  'fan-out': { isDrawn: ({ consumerType }) => consumerType === 'SubscribeToShard' },
  'switches of fan-out': { isDrawn: ({ consumerType }) => consumerType === 'switches', seenIn: hitsOf('deploy') },
  'available now': { isDrawn: ({ availableNow }) => availableNow },
  'until caught up': { isDrawn: ({ request }) => request.untilCaughtUp === true },
  'standard machine': { isDrawn: ({ machine }) => machine === 'STANDARD', seenIn: ({ executions }) => executions },
  'fails on data loss': { isDrawn: ({ failOnDataLoss }) => failOnDataLoss },
  'aggregated records': { isDrawn: ({ perRecord }) => perRecord > 1 },
  'aggregates that look at the order of events': {
    isDrawn: ({ moreAggregates }) => moreAggregates !== undefined,
    seenIn: ({ outputs }) => outputs,
  },
  'strays of a KPL': {
    isDrawn: ({ isKpl, perRecord }) => isKpl && perRecord > 1,
    seenIn: ({ resentElsewhere }) => resentElsewhere,
  },
  'repeats of a sender': { isDrawn: ({ deduplicates }) => deduplicates === true },
  'repeats that are dropped': { isDrawn: ({ deduplicates }) => deduplicates === true },
  'copies of long ago': { isDrawn: ({ deduplicates }) => deduplicates === true },
  'records of strangers': { isDrawn: ({ deduplicates }) => deduplicates === true },
  'odd events': { isDrawn: ({ oddShare }) => oddShare > 0 },
  'odd values': { isDrawn: ({ oddValues }) => oddValues !== undefined, seenIn: ({ outputs }) => outputs },
  'events that are written oddly': { isDrawn: hasOddTexts },
  'odd writing that is read as a whole': {
    isDrawn: (scenario) => hasOddTexts(scenario) && scenario.hasOpaqueSchema === true,
    seenIn: ({ outputs }) => outputs,
  },
  'late events': { isDrawn: ({ oddShare }) => oddShare > 0, seenIn: ({ late }) => late },
  'failing user code': { isDrawn: ({ hasPoison }) => hasPoison },
  'a second output': { isDrawn: ({ further }) => further !== undefined },
  'an output that refuses': { isDrawn: ({ further }) => further?.refuses === true },
  'a narrow sink': { isDrawn: ({ sinkRecordsASecond }) => sinkRecordsASecond !== undefined },
  'deadly rows': { isDrawn: ({ deadlyRow }) => deadlyRow !== undefined },
  'deadly records': { isDrawn: ({ deadly }) => deadly !== undefined },
  'silent keys': { isDrawn: ({ silence }) => silence !== undefined },
  'keys silent for good': {
    isDrawn: ({ silence }) => silence?.until === Number.POSITIVE_INFINITY,
    seenIn: ({ outputs }) => outputs,
  },
  'falling stamps before a silence': {
    isDrawn: ({ lastStamps }) => lastStamps !== undefined,
    seenIn: hitsOf('skew'),
  },
  'a deep lineage': { isDrawn: ({ reshards }) => reshards.length >= 20, seenIn: ({ reshards }) => reshards },
  'retention changed': { isDrawn: ({ retentions }) => retentions !== undefined },
  'a stream made anew': { isDrawn: ({ remade }) => remade !== undefined },
  'odd sequence numbers': { isDrawn: ({ numbers }) => numbers !== undefined, seenIn: ({ batches }) => batches },
  'key groups that a batch goes past': { isDrawn: hasGroupsApart },
  'windows that the watermark alone closes': { isDrawn: ({ kind }) => kind === 'windowed' },
  'states older than the oldest retained batch': { isDrawn: hasGroupsApart },
  'more ends than a seal names': {
    isDrawn: ({ kind, windowMs, delayMs }) => kind === 'windowed' && windowMs <= 300 && delayMs >= 60_000,
  },
  'state in segments': { isDrawn: hasSegments },
  'segments that are merged': { isDrawn: hasSegments },
  'merges over several batches': { isDrawn: hasSegments },
  'segments that are let go': { isDrawn: hasSegments },
  "no aggregate of the user's own": {
    isDrawn: ({ hasOwnCode }) => hasOwnCode === false,
    seenIn: ({ outputs }) => outputs,
  },
  'rows in steps': { isDrawn: ({ chunkBytes, kind }) => chunkBytes !== undefined && kind !== 'map-only' },
  'checkpoints in parts': { isDrawn: ({ shardParts }) => shardParts !== undefined },
  'groups of shards that a batch goes past': { isDrawn: ({ shardParts }) => shardParts !== undefined },
  'shards that tasks name': { isDrawn: ({ shardParts }) => shardParts !== undefined },
  'lists of changed shards': { isDrawn: ({ shardParts }) => shardParts !== undefined },
  'idle shards that a block leaves out': { isDrawn: ({ fewShards }) => fewShards !== undefined },
  'notes of what was sent': { isDrawn: ({ noteEveryMs }) => noteEveryMs !== undefined },
  'blocks of several parts': { isDrawn: ({ tableBytes }) => tableBytes !== undefined },
  'partials that blocks keep': { isDrawn: ({ kind }) => kind !== 'map-only' },
  'plans that are passed on': { isDrawn: ({ passesPlans }) => passesPlans !== false },
  'partials that are kept in bodies': {
    isDrawn: ({ kind, mostKeptInBody }) => kind !== 'map-only' && mostKeptInBody !== 0,
  },
  'batches with partials both ways': { isDrawn: ({ keptLimits }) => (keptLimits?.mostOfGroup ?? 0) > 0 },
  'values in a bucket': { isDrawn: ({ bucket }) => bucket !== undefined },
  'sweeps of a bucket': { isDrawn: ({ bucket }) => bucket !== undefined },
  'values in chunks': { isDrawn: ({ chunkBytes }) => chunkBytes !== undefined },
  'stops and starts': { isDrawn: ({ stops }) => stops !== undefined },
  'windows closed on request': { isDrawn: ({ closing }) => closing !== undefined },
  'until a batch': { isDrawn: ({ untilBatch }) => untilBatch !== undefined },
  'stop when idle': { isDrawn: ({ stopWhenIdleMs }) => stopWhenIdleMs !== undefined },
  'odd spans': { isDrawn: hasOddSpan, seenIn: ({ batches }) => batches },
  'clocks far off': { isDrawn: ({ maxClockSkewMs }) => maxClockSkewMs > 1_000, seenIn: ({ batches }) => batches },
  'a hot shard': { isDrawn: ({ hotShare }) => hotShare !== undefined },
  'far event times': { isDrawn: ({ farShare }) => farShare !== undefined },
  'many shards and keys': { isDrawn: ({ shards }) => shards >= 40, seenIn: ({ outputs }) => outputs },
  'weeks of idle stretches': {
    isDrawn: ({ scheduleMs }) => scheduleMs !== undefined,
    seenIn: ({ batches }) => batches,
  },
  'answers without members': {
    isDrawn: (_, faults) => faults.some(({ kind }) => kind === 'hollow'),
    seenIn: hitsOf('hollow'),
  },
  'an ordered sink': { isDrawn: ({ ordered }) => ordered === true },
  'a sink that refuses': { isDrawn: ({ sinkRecordsASecond }) => sinkRecordsASecond !== undefined },
  'the limits of a real sink': { isDrawn: ({ isRealSink }) => isRealSink === true },
  'ends inside a record': { isDrawn: ({ perRecord }) => perRecord > 20 },
  'records above a mebibyte': { isDrawn: ({ large }) => large !== undefined },
  'pages above a mebibyte': { isDrawn: ({ fillBytes }) => fillBytes !== undefined },
  "another account's consumer": { isDrawn: ({ hasGivenConsumer }) => hasGivenConsumer === true },
  resharding: { isDrawn: ({ reshards }) => reshards.length > 0, seenIn: ({ reshards }) => reshards },
  'lost executions': {
    isDrawn: (_, faults) => faults.some(({ kind }) => kind === 'halt' || kind === 'abort' || kind === 'restart'),
  },
  'all tries of a request lost': { isDrawn: (_, faults) => hasLostInARow(faults) },
  'an outage of a service': {
    isDrawn: (_, faults) => faults.some(({ kind }) => (outageKinds as readonly string[]).includes(kind)),
    seenIn: (run) => outageKinds.reduce((sum, kind) => sum + hitsOf(kind)(run), 0),
  },
  'a service that hangs': {
    isDrawn: (_, faults) => faults.some(({ kind }) => (hangKinds as readonly string[]).includes(kind)),
    seenIn: (run) => hangKinds.reduce((sum, kind) => sum + hitsOf(kind)(run), 0),
  },
  'an outage of hours': {
    isDrawn: (_, faults) => faults.some(({ kind }) => kind === 'time-jump'),
    seenIn: hitsOf('time-jump'),
  },
  'two levels': { isDrawn: ({ waves }) => waves !== undefined },
  'waves without an answer': { isDrawn: ({ waves }) => (waves?.troubleShare ?? 0) > 0 },
  'waves that fail': { isDrawn: ({ waves }) => (waves?.troubleShare ?? 0) > 0 },
  'an outage past retention': {
    isDrawn: ({ retentionMs }, faults) =>
      faults.some((fault) => fault.kind === 'time-jump' && 'forMs' in fault && fault.forMs > retentionMs),
    seenIn: ({ lost }) => lost,
  },
} satisfies Readonly<Record<string, Dimension>>;

export type DimensionName = keyof typeof registry;
const dimensions: Readonly<Record<string, Dimension>> = registry;
export const dimensionNames = Object.keys(registry) as readonly DimensionName[];

/** Of one run. */
export class Dimensions {
  readonly #counts: Map<string, number>;

  constructor(scenario: Scenario, faults: readonly Fault[]) {
    this.#counts = new Map(drawnBy(scenario, faults).map((name) => [name, 0]));
  }

  /** It mattered, so often. Who calls need not ask whether the scenario has it. */
  count(name: DimensionName, times = 1): void {
    const before = this.#counts.get(name);
    if (before !== undefined) this.#counts.set(name, before + times);
  }

  /** How often each that was drawn mattered. */
  of(run: RunOutcome): ReadonlyMap<string, number> {
    return new Map([...this.#counts].map(([name, count]) => [name, dimensions[name]?.seenIn?.(run) ?? count]));
  }
}

export function drawnBy(scenario: Scenario, faults: readonly Fault[]): DimensionName[] {
  return dimensionNames.filter((name) => dimensions[name]!.isDrawn(scenario, faults));
}

const hasOutage = (reference: Scenario['reference'], kind: 'fails' | 'hangs'): boolean =>
  reference?.outages.some(({ how }) => how === kind) === true;

function hasSegments({ stateLimits }: Scenario): boolean {
  return stateLimits !== undefined;
}

function hasGroupsApart({ kind, parallelism }: Scenario): boolean {
  return kind === 'windowed' && parallelism > 1;
}

function hasOddSpan({ triggerMs, describeMs, windowMs, idleTimeoutMs, maxFetch, scheduleMs }: Scenario): boolean {
  if (scheduleMs !== undefined) return false;
  const usual = (ms: number): boolean => ms === 0 || (ms % 1_000 === 0 && ms <= 90_000);
  return maxFetch === 1 || ![triggerMs, describeMs, windowMs, idleTimeoutMs].every(usual);
}

function hitsOf(kind: string): (run: RunOutcome) => number {
  return ({ hits }) => [...hits].reduce((sum, [name, count]) => (name.split(' ')[0] === kind ? sum + count : sum), 0);
}
