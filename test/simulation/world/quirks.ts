/** Sets for one request what lies over this moment: how the services may behave within their documents. */
import type { SpanFaultKind } from '../faults/fault.ts';
import { eventOperation, type Request } from './calls.ts';
import { detachedStream } from './detaching.ts';
import type { World } from './world.ts';

const nothing = (): void => {};
/** So many may walk over the whole stream: a week in steps of six seconds would be all that a run does. */
const mostAnswers = 20_000;

export function applyQuirks(world: World, request: Request): () => void {
  if (request.service === 'kinesis') return kinesisQuirks(world, request);
  return request.service === 'dynamodb' ? dynamodbQuirks(world, request) : nothing;
}

/** Of the records of one request, each by itself. */
export function refusedShareOf({ injector, scheduler }: World, { isPart }: Request): number {
  const size = injector.spanAt('sink-refusals', scheduler.now);
  if (size !== undefined) injector.count('sink-refusals');
  return isPart === true ? 0.5 : (size ?? 0) / 100;
}

/** The sink of the output that is detached takes nothing. */
const isOut = ({ detached }: World['options']['scenario'], { input }: Request, since: number): boolean =>
  detached !== undefined &&
  (input as { readonly StreamName?: string }).StreamName === detachedStream(detached) &&
  detached.outages.some(({ from, until }) => since >= from && since < until);

function kinesisQuirks(
  { kinesis, injector, scheduler, random, options, begunAt }: World,
  request: Request,
): () => void {
  const { quirks } = kinesis;
  const span = (kind: SpanFaultKind): number | undefined => {
    const size = injector.spanAt(kind, scheduler.now);
    if (size !== undefined) injector.count(kind);
    return size;
  };
  switch (request.operation) {
    case 'ListShards':
      quirks.listingAgeMs = span('stale-listing') ?? 0;
      quirks.pageShards = span('short-pages') ?? Number.POSITIVE_INFINITY;
      return () => {
        quirks.listingAgeMs = 0;
      };
    case 'GetShardIterator':
      quirks.refusesTrimmed = span('refused-trimmed') !== undefined;
      quirks.refusesContinuations = span('refused-continuation') !== undefined;
      return nothing;
    case 'SubscribeToShard':
      quirks.refusesTrimmed = span('refused-trimmed') !== undefined;
      return nothing;
    case eventOperation:
    case 'GetRecords':
      quirks.stretchMs = Math.max(
        span('stretch') ?? Number.POSITIVE_INFINITY,
        options.scenario.durationMs / mostAnswers,
      );
      quirks.pageRecords = span('short-pages') ?? Number.POSITIVE_INFINITY;
      quirks.failsReads = sickShards(span('sick-shard'));
      return nothing;
    case 'PutRecords': {
      if (isOut(options.scenario, request, scheduler.now - begunAt)) {
        quirks.failsPut = () => 'InternalFailure';
        return () => {
          quirks.failsPut = () => undefined;
        };
      }
      const share = request.isPart === true ? 0.5 : (span('sink-refusals') ?? 0) / 100;
      if (share === 0) return nothing;
      quirks.failsPut = () =>
        random.chance(share) ? random.pick(['ProvisionedThroughputExceededException', 'InternalFailure']) : undefined;
      return () => {
        quirks.failsPut = () => undefined;
      };
    }
    default:
      return nothing;
  }
}

const sickEvery = 3;

/** One in three, by the size of the fault. */
const sickShards = (size: number | undefined) => (shard: number) =>
  size !== undefined && shard % sickEvery === size % sickEvery;

/** The product makes no such read; one that is planted is struck. */
const mayBeOld = ({ operation, input }: Request): boolean =>
  (operation === 'GetItem' || operation === 'Query') &&
  (input as { readonly ConsistentRead?: boolean }).ConsistentRead !== true;

function dynamodbQuirks({ dynamodb, injector, scheduler, random }: World, request: Request): () => void {
  const { quirks } = dynamodb;
  quirks.staleReadMs = injector.spanAt('stale-reads', scheduler.now) ?? 0;
  if (quirks.staleReadMs > 0 && mayBeOld(request)) injector.count('stale-reads');
  if (request.operation !== 'BatchWriteItem' || request.isPart !== true) return nothing;
  quirks.leavesUnprocessed = () => random.chance(0.5);
  return () => {
    quirks.leavesUnprocessed = () => false;
  };
}
