/**
 * When results are given out, of which windows, and what is taken back: each a draw of its own, laid over the scenario that the seed
 * has anyway. A further mode, kind of windows or option is one entry.
 */
import type { Random } from '../random.ts';
import type { Corner } from './corners.ts';
import type { TopRule } from './row-rules.ts';
import type { Scenario } from './scenario.ts';
import { changesOf, endOfChangedDay, zoneNames } from './zones.ts';

const centuryMs = 36_500 * 86_400_000;

/** Windows of event time that nothing particular is asked of otherwise. */
function isPlain({ kind, slideMs, scheduleMs, silence, shards, zone, gapMs, ttlMs }: Scenario): boolean {
  const others = [slideMs, scheduleMs, silence, zone, gapMs, ttlMs];
  return kind === 'windowed' && shards < 10 && others.every((each) => each === undefined);
}

const isGrouped = ({ kind }: Scenario): boolean => kind === 'windowed' || kind === 'per-batch';

/** Rows that change: each version would take as long, or die again. */
const mayRepeat = ({ kind, deadlyRow, sinkRecordsASecond }: Scenario): boolean =>
  kind === 'windowed' && [deadlyRow, sinkRecordsASecond].every((each) => each === undefined);

/** Seldom of windows that nothing else is drawn for, often of those that others merge into or overlap with. */
const isOrdinary = ({ gapMs, slideMs }: Scenario): boolean => gapMs === undefined && slideMs === undefined;

/** A result may come in several versions. */
export const changes = ({ latenessMs, mode, otherMode }: Scenario): boolean =>
  (latenessMs ?? 0) > 0 || mode !== undefined || otherMode !== undefined;

export const resultDraws: Readonly<Record<string, Corner>> = {
  sessions: {
    share: 0.12,
    draw: (random, scenario) =>
      isPlain(scenario) ? { gapMs: random.pick([1, 300, 1_000, 3_000, 3_000, scenario.windowMs]) } : {},
  },
  'running totals': {
    share: 0.06,
    draw(random, scenario) {
      if (!isPlain(scenario) || !mayRepeat(scenario)) return {};
      const ttlMs = random.pick([1, 1_000, 5_000, scenario.windowMs, 3 * scenario.windowMs]);
      return { ttlMs, mode: 'update', ...(random.chance(0.1) ? { ignoresRetractions: true } : {}) };
    },
  },
  'days of a zone': { share: 0.05, draw: drawZone },
  'allowed lateness': {
    share: 1,
    draw(random, scenario) {
      if (!mayRepeat(scenario) || scenario.ttlMs !== undefined || !random.chance(isOrdinary(scenario) ? 0.1 : 0.5))
        return {};
      const { windowMs, oddShare } = scenario;
      const latenessMs = random.pick([0, 1, 2_000, windowMs, windowMs, 3 * windowMs, 3 * windowMs, centuryMs]);
      const ignored = random.chance(0.1) ? ({ ignoresRetractions: true } as const) : {};
      return { latenessMs, ...ignored, oddShare: Math.max(oddShare, random.pick([0.08, 0.3])) };
    },
  },
  'update mode': {
    share: 1,
    draw(random, scenario) {
      const { kind, latenessMs } = scenario;
      const isRare = isOrdinary(scenario) && latenessMs === undefined;
      const isPossible = kind === 'per-batch' || mayRepeat(scenario);
      return isPossible && random.chance(isRare ? 0.05 : 0.35) ? { mode: 'update' } : {};
    },
  },
  'complete mode': {
    share: 1,
    draw(random, scenario) {
      if (scenario.mode === undefined || !random.chance(0.3)) return {};
      return { mode: 'complete' };
    },
  },
  'results of what is new': {
    share: 1,
    draw: (random, scenario) =>
      changes(scenario) && scenario.mode !== 'complete' && random.chance(0.2) ? { discards: true } : {},
  },
  'a mode that changes': {
    share: 1,
    draw(random, scenario) {
      const { mode, kind, discards, slideMs, ttlMs } = scenario;
      // What was given out of windows that overlap is remembered by modes in their own ways, and totals have no end.
      const others = [discards, slideMs, ttlMs];
      const isPossible = kind === 'windowed' && mayRepeat(scenario) && others.every((each) => each === undefined);
      if (!isPossible || mode === 'complete' || !random.chance(mode === undefined ? 0.04 : 0.4)) return {};
      return { otherMode: mode === undefined ? 'update' : 'append' };
    },
  },
  'an output of late events': {
    share: 0.15,
    draw: (_, { kind, ttlMs, scheduleMs, farShare, shards, oddShare }) => {
      const isPossible = kind === 'windowed' && [ttlMs, scheduleMs, farShare].every((corner) => corner === undefined);
      return isPossible && shards < 10 && oddShare > 0 ? { hasLateOutput: true } : {};
    },
  },
  'one group of all': {
    share: 1,
    draw(random, scenario) {
      const { deadlyRow, hasPoison, oddValues, gapMs, slideMs } = scenario;
      const isKeyed = deadlyRow !== undefined || hasPoison || oddValues !== undefined;
      // Keys have a shard each: only so what merges comes from several.
      const isMerged = gapMs !== undefined || slideMs !== undefined;
      return isGrouped(scenario) && !isKeyed && random.chance(isMerged ? 0.3 : 0.04) ? { isOneGroup: true } : {};
    },
  },
  elements: {
    share: 0.05,
    draw(_, scenario) {
      const { large, oddValues, fillBytes, isRealSink, kind } = scenario;
      const isSmall = [large, oddValues, fillBytes, isRealSink].every((corner) => corner === undefined);
      return isSmall && kind !== 'wide' ? { hasElements: true } : {};
    },
  },
  'several rows of a result': {
    share: 1,
    draw(random, scenario) {
      // A reader who adds up parts would have to know how many rows each of them was.
      const isPossible = isGrouped(scenario) && scenario.discards === undefined;
      return isPossible && random.chance(changes(scenario) ? 0.25 : 0.02) ? { hasSeveralRows: true } : {};
    },
  },
  'rows that are left out': {
    share: 1,
    draw: (random, scenario) =>
      isGrouped(scenario) && random.chance(changes(scenario) ? 0.5 : 0.02)
        ? { rowRule: random.pick(['filtered', 'filtered', 'refused']) }
        : {},
  },
  duplicates: {
    share: 0.2,
    draw(random, scenario) {
      const { moreAggregates, isOneGroup, oddValues, hasSeveralRows, rowRule, windowMs } = scenario;
      const others = [moreAggregates, isOneGroup, oddValues, hasSeveralRows, rowRule, scenario.latenessMs];
      const isPossible = isPlain(scenario) && !changes(scenario) && others.every((each) => each === undefined);
      return isPossible ? { withinMs: random.pick([1, 200, 1_000, 3_000, windowMs, 10 * windowMs]) } : {};
    },
  },
  'duplicates before groups': {
    share: 0.12,
    draw(random, scenario) {
      const { slideMs, withinMs, latenessMs, oddValues, scheduleMs, windowMs, shards, kind } = scenario;
      const others = [slideMs, withinMs, latenessMs, oddValues, scheduleMs];
      const isPossible = kind === 'windowed' && shards < 10 && others.every((each) => each === undefined);
      return isPossible ? { distinctMs: random.pick([1, 1_000, 3_000, windowMs, 10 * windowMs]) } : {};
    },
  },
  'duplicates before windows that overlap': {
    share: 0.35,
    draw(random, scenario) {
      const { slideMs, withinMs, distinctMs, latenessMs, oddValues, kind, windowMs } = scenario;
      const others = [withinMs, distinctMs, latenessMs, oddValues];
      const isPossible = kind === 'windowed' && slideMs !== undefined && others.every((each) => each === undefined);
      return isPossible ? { distinctMs: random.pick([1, 1_000, slideMs, windowMs, 3 * windowMs]) } : {};
    },
  },
  'first rows of a window': {
    share: 0.08,
    draw(random, scenario) {
      const { gapMs, ttlMs, latenessMs, withinMs } = scenario;
      const others = [gapMs, ttlMs, latenessMs, withinMs];
      const isPossible = isGrouped(scenario) && !changes(scenario) && others.every((each) => each === undefined);
      if (!isPossible) return {};
      const top = drawTop(random);
      return { top, ...(random.chance(0.4) ? { otherTop: drawTop(random) } : {}) };
    },
  },
  'an aggregate more and one less': {
    share: 0.06,
    draw(random, { kind, withinMs, oddValues, isRealSink, silence, isOneGroup, shards }) {
      const others = [withinMs, oddValues, isRealSink];
      if (kind !== 'windowed' || !others.every((each) => each === undefined)) return {};
      const isPossible = silence === undefined && isOneGroup === undefined && shards < 10;
      // Of more keys than a batch has, so that most of a state is in its oldest run.
      const small = { reducerBytes: random.pick([8_000, 15_000]), keys: random.int(20, 40), windowMs: 60_000 };
      return { otherAggregates: true, ...(isPossible && random.chance(0.3) ? small : {}) };
    },
  },
};

const drawTop = (random: Random): TopRule => ({
  n: random.pick([1, 2, 2, 3, 5]),
  order: random.pick(['highest', 'highest', 'lowest']),
});

/** A run is minutes long: it begins shortly before the day ends on which clocks have changed. */
function drawZone(random: Random, scenario: Scenario): Partial<Scenario> {
  if (!isPlain(scenario) || scenario.farShare !== undefined) return {};
  const name = random.pick(zoneNames);
  const zone = { name, days: random.pick([1, 1, 1, 2, 7]), change: random.int(0, changesOf(name) - 1) };
  return { zone, startsAt: endOfChangedDay(zone) - random.int(5_000, 40_000) };
}
