/** The options of a run in batches, checked, with what holds where they are not given. */
import { SluiceError } from '../core/errors.ts';
import { mostKeyGroups } from '../pipeline/scale.ts';
import { type Moment, momentOf, type TestBatch, type Turn } from './test-batch.ts';
import { firstShard } from './test-stream.ts';

/** Batches, and how they are run: the second argument of `runPipeline`, in its other form. */
export type BatchOptions<Input> = {
  /** One after the other: events, or what happens between them. */
  readonly batches: readonly TestBatch<Input>[];
  /**
   * Close the windows still open at the end. What they give is a batch of its own, behind the others.
   * @default false
   */
  readonly closeWindows?: boolean;
  /**
   * Of the stream: how many, or their names. Lists of events are dealt over them in turn.
   * @default those that the batches name, and one if they name none
   */
  readonly shards?: number | readonly string[];
  /**
   * Key groups of the reduce, whatever the pipeline says: 1 to 400. What comes out is the same but for its order.
   * @default 1
   */
  readonly parallelism?: number;
  /**
   * In which order the reduce merges what was read of the shards: `'by-task'` or `'reversed'`. What comes out is the same.
   * @default 'by-task'
   */
  readonly mergeOrder?: MergeOrder;
  /**
   * After so many events of a batch what a read has counted is set aside, and merged with the rest in the reduce, as it is of reads with
   * more keys than fit into memory. What comes out is the same.
   * @default all of a batch is counted in one
   */
  readonly mergeEvery?: number;
  /**
   * Kinesis's clock at the beginning: a `Date`, milliseconds since 1970, or an ISO text with a zone. A batch with `clock` moves
   * it.
   * @default 1970, and no event counts as being from the future before a batch moves it
   */
  readonly clock?: Moment;
  /**
   * Of all events.
   * @default 'test'
   */
  readonly partitionKey?: string;
  /**
   * What callbacks find in `meta.references`, by the names of `withReference`. A batch with `references` changes it.
   * @default what each `load` returns, which must not be a promise
   */
  readonly references?: Readonly<Record<string, unknown>>;
};

/** In which order a reduce merges what the tasks have read. */
export type MergeOrder = 'by-task' | 'reversed';

export type Setup = {
  readonly shards: readonly string[];
  readonly parallelism: number;
  readonly partitionKey: string;
  readonly mergeOrder: MergeOrder;
  readonly mergeEvery: number;
  /** Undefined: nobody knows what time it is. */
  readonly clock: number | undefined;
  /** Not yet checked. */
  readonly references: unknown;
};

const mostShards = 10_000;

/** @throws SluiceError InvalidInput */
export function setupOf(
  {
    shards,
    parallelism = 1,
    mergeOrder = 'by-task',
    mergeEvery = Number.MAX_SAFE_INTEGER,
    clock,
    partitionKey = 'test',
    references,
  }: RunSettings,
  turns: readonly Turn<unknown>[],
): Setup {
  if (!isCount(parallelism, mostKeyGroups))
    throw notAllowed('parallelism', parallelism, `a whole number from 1 to ${mostKeyGroups}`);
  if (mergeOrder !== 'by-task' && mergeOrder !== 'reversed')
    throw notAllowed('mergeOrder', mergeOrder, "'by-task' or 'reversed'");
  if (!isCount(mergeEvery, Number.MAX_SAFE_INTEGER))
    throw notAllowed('mergeEvery', mergeEvery, 'a whole number of events, from 1 on');
  return {
    shards: shardsOf(shards, turns),
    parallelism,
    partitionKey,
    ...{ mergeOrder, mergeEvery },
    references,
    clock: clock === undefined ? undefined : momentOf(clock, 'clock'),
  };
}

export type RunSettings = Partial<
  Pick<BatchOptions<unknown>, 'shards' | 'parallelism' | 'mergeOrder' | 'mergeEvery' | 'clock'>
> & {
  readonly partitionKey?: string | undefined;
  readonly references?: unknown;
};

function shardsOf(given: BatchOptions<unknown>['shards'], turns: readonly Turn<unknown>[]): readonly string[] {
  const named = [...new Set(turns.flatMap((turn) => (turn.kind === 'shards' ? [...turn.events.keys()] : [])))];
  if (given === undefined) return named.length === 0 ? [firstShard] : named;
  const shards = typeof given === 'number' ? numbered(given) : [...new Set(given)];
  if (shards.length === 0) throw notAllowed('shards', '[]', 'at least one name');
  const unknown = named.filter((name) => !shards.includes(name));
  if (unknown.length > 0)
    throw notAllowed('batches', unknown.join(', '), `shards that there are: ${shards.join(', ')}`);
  return shards;
}

function numbered(count: number): readonly string[] {
  if (!isCount(count, mostShards)) throw notAllowed('shards', count, 'a whole number from 1 to 10000, or names');
  return Array.from({ length: count }, (_, at) => `shardId-${String(at).padStart(12, '0')}`);
}

const isCount = (value: number, most: number): boolean => Number.isSafeInteger(value) && value >= 1 && value <= most;

const notAllowed = (option: string, value: unknown, allowed: string): SluiceError =>
  new SluiceError('InvalidInput', `${option}: ${String(value)} is not allowed; use ${allowed}`);
