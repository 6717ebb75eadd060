/** Where a fault can strike: the calls that each step makes, and about how often a run makes them. */
import type { Scenario } from '../world/scenario.ts';
import type { CallFaultKind } from './fault.ts';

export type Place = {
  readonly step: string;
  readonly call: string;
  readonly isWrite: boolean;
  /** About how many of them a run has. */
  readonly often: number;
};

const write = (step: string, call: string, often: number): Place => ({ step, call, isWrite: true, often });
const read = (step: string, call: string, often: number): Place => ({ step, call, isWrite: false, often });

const always: readonly Place[] = [
  read('plan-batch', 'invoke', 30),
  read('plan-batch', 'load-head', 30),
  write('plan-batch', 'create', 1),
  write('plan-batch', 'claim', 30),
  read('plan-batch', 'describe', 4),
  read('plan-batch', 'load-body', 30),
  read('plan-batch', 'list-shards', 10),
  write('plan-batch', 'put-task', 50),
  write('plan-batch', 'put-plan', 30),
  write('plan-batch', 'release', 2),
  read('process-shards', 'invoke', 40),
  read('process-shards', 'load-task', 40),
  read('process-shards', 'open', 60),
  read('process-shards', 'read', 80),
  write('process-shards', 'put-block', 35),
  read('seal-batch', 'invoke', 22),
  read('seal-batch', 'load-head', 22),
  read('seal-batch', 'load-plan', 22),
  read('seal-batch', 'load-body', 22),
  read('seal-batch', 'load-block', 40),
  write('seal-batch', 'put-body', 22),
  write('seal-batch', 'seal', 22),
  read('commit-batch', 'invoke', 22),
  read('commit-batch', 'load-body', 22),
  read('commit-batch', 'load-head', 22),
  write('commit-batch', 'put-progress', 22),
  write('commit-batch', 'commit', 22),
  write('commit-batch', 'release', 1),
];
/** Calls by which the source is read. */
export const sourceCalls: ReadonlySet<string> = new Set([
  ...['describe-consumer', 'register', 'list-tags', 'open', 'read', 'subscribe', 'event'],
]);
const polled = new Set(['open', 'read']);
const fannedOut: readonly Place[] = [
  read('plan-batch', 'describe-consumer', 20),
  write('plan-batch', 'register', 2),
  read('plan-batch', 'list-tags', 20),
  read('process-shards', 'subscribe', 30),
  read('process-shards', 'event', 30),
];
const reduced: readonly Place[] = [
  write('process-shards', 'put-partials', 60),
  read('reduce-key-group', 'invoke', 40),
  read('reduce-key-group', 'load-body', 40),
  read('reduce-key-group', 'load-state', 40),
  read('reduce-key-group', 'query-partials', 40),
  write('reduce-key-group', 'put-state', 40),
  write('reduce-key-group', 'send', 20),
];
const mapped: readonly Place[] = [write('process-shards', 'send', 40)];
const purging: readonly Place[] = [
  read('commit-batch', 'query-purgeable', 60),
  write('commit-batch', 'delete-purged', 12),
  write('commit-batch', 'note-purge', 12),
];

const ofMemories: readonly Place[] = [
  read('process-shards', 'load-memory', 40),
  write('process-shards', 'put-memory', 35),
  write('commit-batch', 'put-memory-note', 20),
];
const ofFiles: readonly Place[] = [
  write('reduce-key-group', 'put-file', 100),
  write('reduce-key-group', 'put-names', 30),
  read('commit-batch', 'load-names', 40),
  write('commit-batch', 'put-list', 20),
];

const ofBucket: readonly Place[] = [
  write('process-shards', 'put-object', 60),
  write('seal-batch', 'put-object', 30),
  write('reduce-key-group', 'put-object', 40),
  read('plan-batch', 'get-object', 20),
  read('seal-batch', 'get-object', 40),
  read('reduce-key-group', 'get-object', 80),
  read('commit-batch', 'get-object', 60),
  write('commit-batch', 'delete-objects', 40),
  read('commit-batch', 'list-objects', 20),
  write('commit-batch', 'put-sweep', 4),
];

/** Where checkpoints lie in parts; drawn by who looks for them (`drawLateParts`), and not with the others. */
export const partsOfSeals: readonly Place[] = [
  write('seal-batch', 'put-shard-part', 60),
  write('commit-batch', 'put-shard-note', 20),
];
/** Where a sink is narrow; drawn apart as well (`drawAtTroubles`). */
export const notesOfTroubles: readonly Place[] = [
  read('commit-batch', 'load-trouble', 3),
  write('commit-batch', 'put-trouble', 3),
];
/** Where rows lie in steps; drawn apart as well (`drawInSteps`). */
export const stepsOfOutboxes: readonly Place[] = [
  write('reduce-key-group', 'put-rows', 80),
  read('reduce-key-group', 'load-rows', 80),
];

export function placesOf(
  scenario: Pick<
    Scenario,
    | 'kind'
    | 'consumerType'
    | 'minBatchesToRetain'
    | 'oddShare'
    | 'hasPoison'
    | 'hasView'
    | 'calls'
    | 'sealed'
    | 'deduplicates'
    | 'hasFiles'
    | 'bucket'
  >,
): readonly Place[] {
  const isMapped = scenario.kind === 'map-only';
  return [
    ...(scenario.consumerType === 'SubscribeToShard' ? always.filter(({ call }) => !polled.has(call)) : always),
    ...(scenario.consumerType === 'GetRecords' ? [] : fannedOut),
    ...(isMapped ? mapped : reduced),
    ...(scenario.sealed === undefined ? [] : reduced),
    ...(scenario.minBatchesToRetain < 20 ? purging : []),
    ...(scenario.oddShare > 0 || (isMapped && scenario.hasPoison)
      ? [write('process-shards', 'put-dead-letters', 6)]
      : []),
    ...(!isMapped && scenario.hasPoison ? [write('reduce-key-group', 'put-dead-letters', 6)] : []),
    ...(scenario.kind === 'wide'
      ? [write('reduce-key-group', 'put-sent', 1), read('reduce-key-group', 'load-sent', 2)]
      : []),
    ...(scenario.deduplicates === true ? ofMemories : []),
    ...(scenario.hasView === true || scenario.calls !== undefined ? [write('reduce-key-group', 'put-view', 120)] : []),
    ...(scenario.hasFiles === true ? ofFiles : []),
    ...(scenario.bucket === undefined ? [] : ofBucket),
  ];
}

/** Writes that are answered with nothing at all, and answers that are streams. */
const givesNothing = (call: string): boolean =>
  call === 'invoke' || call === 'subscribe' || (call.startsWith('put-') && call !== 'put-dead-letters');

/** Whether this can happen there at all. */
export function canStrike(kind: CallFaultKind, { call }: Place, when: 'before' | 'after'): boolean {
  if (kind === 'hollow') return when === 'after' && !givesNothing(call);
  if (kind === 'partial') return when === 'before' && ['send', 'put-dead-letters', 'delete-purged'].includes(call);
  if (kind === 'expired') return when === 'before' && call === 'read';
  if (kind === 'throttle') return when === 'before' && call !== 'event';
  if (kind === 'ended' || kind === 'stream-error') return call === 'event';
  if (kind === 'taken-over') return when === 'before' && call === 'subscribe';
  if (kind === 'quota') return when === 'before' && (call === 'register' || call === 'subscribe');
  if (kind === 'deregistered') return ['describe-consumer', 'subscribe', 'event'].includes(call);
  if (call !== 'invoke') return true;
  if (when === 'before') return kind === 'lost' || kind === 'error' || kind === 'slow';
  return kind === 'lost' || kind === 'abort' || kind === 'restart' || kind === 'twin' || kind === 'deploy';
}
