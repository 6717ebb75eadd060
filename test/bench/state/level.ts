/**
 * `npm run bench -- level`: whether the table and the bucket stay level, over as many batches as it is told. All limits are small: nothing
 * of a state lies in its item, two runs are merged, pages have three entries, and all that has a hundred bytes is an object.
 *
 * What it says: the bytes of states that lie there beside those that the last batch goes on with, at most; and the most of everything that
 * lay there in the last quarter of the batches beside the quarter before the middle. What expires is left out.
 */
import { smallLimits } from '../../../bench/segment-store.ts';
import { Loop } from './loop.ts';
import { reduceAll } from './reduce-calls.ts';
import { Services, type StoreSettings } from './services.ts';
import type { Mode, Settings } from './settings.ts';
import { storedBytes } from './stored-state.ts';
import { Workload } from './workload.ts';

const looksEvery = 25;

export type Level = {
  readonly mode: Mode;
  readonly batches: number;
  readonly bucket: boolean;
  readonly entries: number;
  readonly groups: number;
  readonly windows: number;
  /** Of those that the last batch goes on with, on average. */
  readonly stateBytes: number;
  /** Stored by live bytes of states: at most, and on average. */
  readonly worstRatio: number;
  readonly ratio: number;
  /** All that is stored, at most. */
  readonly mostBytes: number;
  /** Of the last quarter by that of the second: 1 is level. */
  readonly growth: number;
};

export async function measureLevel(settings: Settings): Promise<Level> {
  const { mode, batches, tableOnly, entries, groups, windows } = settings;
  const stores: StoreSettings = { tableOnly, stateLimits: smallLimits, leastObjectBytes: 100 };
  const workload = new Workload(settings);
  const loop = new Loop(workload, (now) => new Services(now), stores);
  const { services } = loop;
  const ask = async (...request: Parameters<Services['execute']>) => services.execute(...request);
  const reduce = async (group: Parameters<Parameters<Loop['batch']>[1]>[0]) => {
    const reduced = await reduceAll({ pipeline: workload.pipeline, stores, ask }, group);
    return { ...reduced, peakMb: 0 };
  };
  await loop.begin();
  for (const batch of workload.fill()) await loop.batch(batch, reduce);
  const ratios: number[] = [];
  const live: number[] = [];
  const quarters = [0, 0, 0, 0];
  for (let at = 0; at < batches; at++) {
    const { states } = await loop.batch(workload.next(at), reduce);
    const quarter = Math.floor((at * 4) / batches);
    quarters[quarter] = Math.max(quarters[quarter]!, services.stored.all);
    if (at % looksEvery !== 0) continue;
    const bytes = await storedBytes(services, loop.states, states);
    live.push(bytes);
    ratios.push(services.stored.state / bytes);
  }
  return {
    ...{ mode, batches, bucket: !tableOnly, entries, groups, windows },
    stateBytes: Math.round(meanOf(live)),
    worstRatio: rounded(Math.max(...ratios)),
    ratio: rounded(meanOf(ratios)),
    mostBytes: Math.max(...quarters),
    growth: rounded(quarters[3]! / quarters[1]!),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (value: number): number => Number(value.toFixed(3));
