/**
 * Chains of two pipelines: the first runs as any does, with crashes, sleepers and lost answers, and mostly where it sends; what its sinks
 * were sent is put into the stream that the second one reads, which is split and merged meanwhile, with faults of its own.
 */
import { drawStrike } from '../faults/draw-faults.ts';
import type { CallFaultKind, Fault } from '../faults/fault.ts';
import type { Random } from '../random.ts';
import type { Scenario } from './scenario.ts';

/** What takes more than two small pipelines need, or takes records away. */
const leftOut = [
  ...['deadly', 'deadlyRow', 'large', 'remade', 'oddValues', 'scheduleMs', 'retentions', 'silence', 'lastStamps'],
  ...['farShare', 'fillBytes', 'hotShare', 'isBacklog', 'rowMs', 'everyMs', 'startsAt', 'zone'],
] as const;

/** Beside what it has been drawn with, no run takes longer. */
const longest = { durationMs: 200_000, triggerMs: 20_000, windowMs: 60_000, retentionMs: 86_400_000 };

const small = (scenario: Scenario): Scenario => {
  const rest = Object.fromEntries(Object.entries(scenario).filter(([name]) => !leftOut.includes(name as never)));
  const { kind, shards } = scenario;
  const shorter = Object.entries(longest).map(([name, most]) => [name, Math.min(most, scenario[name as 'windowMs'])]);
  return {
    ...(rest as Scenario),
    ...Object.fromEntries(shorter),
    ...{ kind: kind === 'wide' ? 'windowed' : kind, shards: Math.min(shards, 4), keys: Math.min(scenario.keys, 8) },
    ...{ silence: undefined, maxFetch: Math.max(8, Math.min(scenario.maxFetch, 40)) },
  };
};

/** Which has identities in all that it sends. */
export const asSender = (scenario: Scenario): Scenario => small(scenario);

export function asReader(random: Random, scenario: Scenario): Scenario {
  const { durationMs, perRecord, ...rest } = small(scenario);
  const at = (share: number): number => Math.floor(durationMs * share);
  const meanwhile = [
    { at: at(0.1 + 0.3 * random.next()), kind: 'split' },
    { at: at(0.5 + 0.3 * random.next()), kind: 'merge' },
  ] as const;
  const more = random.chance(0.5) ? [{ at: at(random.next()), kind: random.pick(['split', 'merge'] as const) }] : [];
  return {
    ...{
      ...rest,
      durationMs,
      deduplicates: true,
      startingPosition: 'TRIM_HORIZON',
      isKpl: false,
      perRecord: Math.min(perRecord, 3),
    },
    reshards: [...scenario.reshards.filter(({ kind }) => kind === 'split-sink'), ...meanwhile, ...more],
  };
}

const whereItSends: readonly CallFaultKind[] = ['crash', 'crash', 'zombie', 'sleeper', 'doubled', 'lost', 'slow'];

/** Strikes at what it sends, beside what it draws anyway. */
export function drawAtSends(random: Random, scenario: Scenario): readonly Fault[] {
  const strikes = Array.from({ length: random.int(2, 8) }, () =>
    drawStrike(random, scenario, random.pick(whereItSends), ({ call }) => call === 'send'),
  );
  return strikes.filter((strike) => strike !== undefined);
}

/** Nothing is lost that was sent. A sweep goes with the outage in which it comes: alone it would keep the run going for days. */
export const withoutLoss = (faults: readonly Fault[]): readonly Fault[] =>
  faults.filter(({ kind }) => kind !== 'time-jump' && kind !== 'ttl-sweep');
