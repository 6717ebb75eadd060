/** Whether anything that is asked about an event could see its meta: what nobody can see is not made. */
import { outputsFrom } from '../pipeline/outputs.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { mayTakeMeta } from '../user-code/takes-meta.ts';
import { countedBy } from './distinct-keys.ts';

type Asking = Pick<Pipeline, 'operations' | 'aggregation' | 'outputs'>;

export function needsMeta(pipeline: Asking): boolean {
  const { operations, aggregation } = pipeline;
  // The rank of an event is of it.
  if (aggregation?.distinct !== undefined || aggregation?.aggregates.some(({ fn }) => fn.isRanked)) return true;
  return [...operations.map(callbackOf), ...callbacksBehind(pipeline)].some(mayTakeMeta);
}

function callbacksBehind({ aggregation, outputs }: Asking): readonly ((...given: never) => unknown)[] {
  if (aggregation === undefined)
    return outputsFrom({ outputs }, 'events').flatMap(({ filter, map, flatMap }) =>
      [filter, map, flatMap?.mapper].filter((callback) => callback !== undefined),
    );
  return [...countedBy(aggregation).keys, ...aggregation.aggregates].flatMap(({ selector }) => selector ?? []);
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
