/** Whether anything that is asked about an event could see its meta: what nobody can see is not made. */
import type { Pipeline } from '../pipeline/pipeline.ts';
import { mayTakeMeta } from '../user-code/takes-meta.ts';
import { countedBy } from './distinct-keys.ts';

/** Where nothing is grouped, what is sent is named by it. */
export function needsMeta({ operations, aggregation }: Pick<Pipeline, 'operations' | 'aggregation'>): boolean {
  if (aggregation === undefined) return true;
  const { aggregates, distinct } = aggregation;
  if (distinct !== undefined || aggregates.some(({ fn }) => fn.isRanked)) return true;
  const selectors = [...countedBy(aggregation).keys, ...aggregates].flatMap(({ selector }) => selector ?? []);
  return [...operations.map(callbackOf), ...selectors].some(mayTakeMeta);
}

function callbackOf(operation: Pipeline['operations'][number]): (...given: never) => unknown {
  switch (operation.kind) {
    case 'filter':
      return operation.predicate;
    case 'map':
    case 'flatMap':
      return operation.mapper;
    case 'watermark':
      return operation.eventTime.selector;
  }
}
