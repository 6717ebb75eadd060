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
  ...(globalThis.SLUICE_VARIANCE_AGGREGATE !== false ? [varianceKind] : []),
  ...(globalThis.SLUICE_STDDEV_AGGREGATE !== false ? [stddevKind] : []),
  ...(globalThis.SLUICE_PERCENTILE_AGGREGATE !== false ? [percentileKind] : []),
  ...(globalThis.SLUICE_FIRST_AGGREGATE !== false ? [firstKind] : []),
  ...(globalThis.SLUICE_LAST_AGGREGATE !== false ? [lastKind] : []),
  ...(globalThis.SLUICE_COLLECT_AGGREGATE !== false ? [collectKind] : []),
  ...(globalThis.SLUICE_COUNTDISTINCT_AGGREGATE !== false ? [countDistinctKind] : []),
  ...(globalThis.SLUICE_TOPK_AGGREGATE !== false ? [topKKind] : []),
  ...(globalThis.SLUICE_CUSTOM_AGGREGATE !== false ? [customKind] : []),
);
