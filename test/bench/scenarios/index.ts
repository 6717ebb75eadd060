/** What is measured beside others: a file each, and a line here. */
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { aggregated, deaggregation } from './aggregated.ts';
import { allocation } from './allocation.ts';
import { catchUps } from './catch-up.ts';
import { coldStart } from './cold-start.ts';
import { e2eCount, e2eCountObjects } from './e2e-count.ts';
import { e2eMap } from './e2e-map.ts';
import { fanOut } from './fan-out.ts';
import { plans } from './plan.ts';
import { putRecords } from './put-records.ts';
import { reduces } from './reduce.ts';
import { shardsPerExecutor } from './shards-per-executor.ts';
import { answers, smallBatches } from './small-batches.ts';

export const scenarios: readonly Scenario[] = [
  e2eCount,
  e2eCountObjects,
  e2eMap,
  putRecords,
  aggregated,
  deaggregation,
  shardsPerExecutor,
  answers,
  ...smallBatches,
  fanOut,
  allocation,
  ...catchUps,
  ...plans,
  ...reduces,
  coldStart,
];
