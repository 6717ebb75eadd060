/** Every kind of aggregates there is. */
import { type Registry, registryOf } from '../pipeline/registry.ts';
import type { AggregateKind } from './aggregate-function.ts';
import { avgKind } from './avg.ts';
import { collectKind } from './collect.ts';
import { countKind } from './count.ts';
import { countDistinctKind } from './count-distinct.ts';
import { customKind } from './custom.ts';
import { firstKind } from './first.ts';
import { lastKind } from './last.ts';
import { maxKind } from './max.ts';
import { minKind } from './min.ts';
import { percentileKind } from './percentile.ts';
import { stddevKind } from './stddev.ts';
import { sumKind } from './sum.ts';
import { topKKind } from './top-k.ts';
import { varianceKind } from './variance.ts';

export const aggregateKinds: Registry<AggregateKind> = registryOf(
  countKind,
  sumKind,
  minKind,
  maxKind,
  avgKind,
  varianceKind,
  stddevKind,
  percentileKind,
  firstKind,
  lastKind,
  collectKind,
  countDistinctKind,
  topKKind,
  customKind,
);
