/**
 * What the steps that run no user code know of a pipeline: plain data, made when their functions are bundled. So plan,
 * seal and commit have neither the pipeline file nor what it imports.
 *
 * OUTLINE-1 A pipeline is its own outline: where one process runs all steps, they are given the same value.
 * OUTLINE-2 Streams, roles and endpoint of the deployment are put in at start, by the code that puts them into a pipeline.
 * OUTLINE-3 The fingerprint is that of the file at synthesis. Executors and reducers compare it with the one of their own
 *    code.
 */

import { resolveBucket } from '../sinks/bucket-place.ts';
import { type CheckedKinesisSink, kinesisKind } from '../sinks/kinesis.ts';
import { countedKinds } from '../windows/counted-kinds.ts';
import type { WindowSpec } from '../windows/window-kind.ts';
import type { PipelineOverrides } from './check-pipeline.ts';
import type { PipelineDefinition } from './definition.ts';
import { isPlainObject, type RawOptions } from './options.ts';
import { overrideOfOutput } from './output-override.ts';
import { pathOfOutput } from './outputs.ts';
import type { Aggregation, EventTime, Output, Pipeline, TopRows } from './pipeline.ts';
import { invalidPipeline, notAllowed, type Problem } from './problems.ts';
import { checkLoop } from './same-stream.ts';
import { checkStreamSettings, resolveLocation } from './stream-location.ts';

export type PipelineOutline = Pick<
  Pipeline,
  | 'name'
  | 'source'
  | 'trigger'
  | 'parallelism'
  | 'minBatchesToRetain'
  | 'shardsPerTask'
  | 'maxTasks'
  | 'fingerprint'
  | 'newAggregates'
  | 'letterKeeping'
> & {
  readonly operations: readonly OperationOutline[];
  readonly aggregation: AggregationOutline | undefined;
  readonly outputs: readonly Pick<Output, 'id' | 'from' | 'sent' | 'files'>[];
};

/** What a seal says of it. */
type AggregationOutline = Pick<Aggregation, 'window' | 'mode' | 'discards' | 'ignoresRetractions'> & {
  readonly top?: Pick<TopRows, 'n' | 'order'>;
};

type OperationOutline =
  | { readonly kind: 'filter' | 'map' | 'flatMap' }
  | { readonly kind: 'watermark'; readonly eventTime: Omit<EventTime, 'selector'> };

/** JSON: the kind of windows is its name. Where the streams are is kept as it was written, since a deployment may replace parts of it. */
export type BundledOutline = {
  readonly pipeline: Omit<PipelineOutline, 'aggregation'> & { readonly aggregation: BundledAggregation | undefined };
  readonly source: RawOptions;
  /** Of the outputs that are streams. */
  readonly sinks: readonly (RawOptions & { readonly id: string; readonly allowLoop: boolean })[];
  /** Of the outputs that write files. */
  readonly buckets: readonly (RawOptions & { readonly id: string })[];
  /** What is left out of the bundles goes by it. It is in none of them. */
  readonly used: UsedParts;
};

type UsedParts = {
  /** Kinds of its sinks, of its windows (one, or none) and of its aggregates. */
  readonly sinks: readonly string[];
  readonly windows: readonly string[];
  readonly aggregates: readonly string[];
  /** Of the engine, by their names in `functions/steps/bundled.d.ts`. */
  readonly parts: Readonly<Record<BundledPart, boolean>>;
};

type BundledPart =
  | 'FAN_OUT'
  | 'TOP_ROWS'
  | 'DROP_DUPLICATES'
  | 'DEDUPLICATE'
  | 'AGGREGATE'
  | 'REFERENCES'
  | 'FILES'
  | 'CALLS';

type BundledAggregation = Omit<AggregationOutline, 'window'> & {
  readonly window: Omit<WindowSpec, 'kind'> & { readonly kind: string };
};

/** `definition` is what `pipeline` was made of. */
export function outlineOf(definition: PipelineDefinition, pipeline: Pipeline): BundledOutline {
  const { name, source, operations, aggregation, trigger, fingerprint, newAggregates } = pipeline;
  const { parallelism, minBatchesToRetain, shardsPerTask, maxTasks, letterKeeping } = pipeline;
  const outline: BundledOutline['pipeline'] = {
    ...{ name, source, trigger, fingerprint, newAggregates, parallelism, minBatchesToRetain, shardsPerTask, maxTasks },
    letterKeeping,
    operations: operations.flatMap((operation) => (operation.kind === 'watermark' ? [withoutSelector(operation)] : [])),
    outputs: pipeline.outputs.map(({ id, from, sent, files }) => ({
      ...{ id, from, sent },
      ...(files === undefined ? {} : { files }),
    })),
    aggregation: aggregation && bundledOf(aggregation),
  };
  const writtenOf = (id: string) => definition.outputs.find((output) => output.id === id)?.sink;
  const sinks = pipeline.outputs.flatMap(({ id, sink: { kind, options } }) => {
    return kind.isStream ? [{ id, ...locationIn(writtenOf(id)), allowLoop: kind.allowsLoop?.(options) === true }] : [];
  });
  const buckets = pipeline.outputs.flatMap(({ id, files }) =>
    files === undefined ? [] : [{ id, ...bucketIn(writtenOf(id)) }],
  );
  const used = usedBy(definition, pipeline);
  return { pipeline: outline, source: locationIn(definition.source), sinks, buckets, used };
}

const usedBy = ({ grouping }: PipelineDefinition, pipeline: Pipeline): UsedParts => ({
  sinks: unique(pipeline.outputs.map(({ sink }) => sink.kind.kind)),
  windows: pipeline.aggregation === undefined ? [] : [pipeline.aggregation.window.kind.kind],
  aggregates: unique(
    Object.values(grouping?.aggregates ?? {}).flatMap((given) => (isPlainObject(given) ? [String(given.kind)] : [])),
  ),
  parts: partsOf(pipeline),
});

const unique = (kinds: readonly string[]): readonly string[] => [...new Set(kinds)];

const partsOf = ({ source, aggregation, references, outputs }: Pipeline): UsedParts['parts'] => ({
  FAN_OUT: source.consumerType === 'SubscribeToShard',
  TOP_ROWS: aggregation?.top !== undefined,
  DROP_DUPLICATES: aggregation?.operator !== undefined || aggregation?.distinct !== undefined,
  DEDUPLICATE: source.deduplicate !== undefined,
  AGGREGATE: outputs.some(({ sink }) => sink.kind === kinesisKind && (sink.options as CheckedKinesisSink).aggregate),
  REFERENCES: references.length > 0,
  FILES: outputs.some(({ files }) => files !== undefined),
  CALLS: outputs.some(({ sink }) => sink.kind.rowsInPart !== undefined),
});

function bundledOf({ window, mode, discards, ignoresRetractions, top }: AggregationOutline): BundledAggregation {
  const ranking = top === undefined ? {} : { top: { n: top.n, order: top.order } };
  return { window: { ...window, kind: window.kind.kind }, mode, discards, ignoresRetractions, ...ranking };
}

type Watermark = Extract<Pipeline['operations'][number], { kind: 'watermark' }>;

function withoutSelector({ kind, eventTime }: Watermark): OperationOutline {
  const { selector: _, ...rest } = eventTime;
  return { kind, eventTime: rest };
}

/** What a function was bundled with. */
export const outlineIn = (bundled: string): Omit<BundledOutline, 'used'> =>
  JSON.parse(bundled) as Omit<BundledOutline, 'used'>;

/** Throws `InvalidPipeline`, as `requirePipeline` does, where the streams of the deployment do not fit. */
export function openOutline(bundled: Omit<BundledOutline, 'used'>, overrides: PipelineOverrides): PipelineOutline {
  const { pipeline } = bundled;
  const problems: Problem[] = [];
  const settings = checkStreamSettings({ region: overrides.region, endpointUrl: overrides.endpointUrl }, problems);
  const { source: stream, sourceRole } = overrides;
  const readFrom = resolveLocation('source', bundled.source, { ...settings, stream, role: sourceRole }, problems);
  for (const { id, allowLoop, ...options } of bundled.sinks) {
    const path = pathOfOutput(id);
    const writeTo = resolveLocation(path, options, { ...settings, ...overrideOfOutput(id, overrides) }, problems);
    checkLoop(readFrom, { ...writeTo, allowLoop }, path, problems);
  }
  const outputs = globalThis.SLUICE_FILES === false ? pipeline.outputs : placedFiles(bundled, overrides, problems);
  if (problems.length > 0) throw invalidPipeline(pipeline.name, problems);
  const aggregation = pipeline.aggregation && { ...pipeline.aggregation, window: windowOf(pipeline.aggregation) };
  return { ...pipeline, aggregation, outputs, source: { ...pipeline.source, ...readFrom } };
}

/** Outputs that write files are told where, as those who write the files are. */
function placedFiles(
  { pipeline, buckets }: Pick<BundledOutline, 'pipeline' | 'buckets'>,
  overrides: PipelineOverrides,
  problems: Problem[],
): PipelineOutline['outputs'] {
  return pipeline.outputs.map((output) => {
    const { id, files } = output;
    const written = buckets.find((bucket) => bucket.id === id);
    if (files === undefined || written === undefined) return output;
    const placed = resolveBucket(pathOfOutput(id), written, overrideOfOutput(id, overrides), problems);
    return { ...output, files: { ...files, ...placed } };
  });
}

/** The options were checked by the kind that has this name. */
function windowOf({ window: { kind: name, ...rest } }: BundledAggregation): WindowSpec {
  const kind = countedKinds.of({ kind: name });
  if (kind !== undefined) return { kind, ...rest };
  const problem = notAllowed('window', name, countedKinds.usages());
  throw invalidPipeline(name, [problem]);
}

function locationIn(stream: unknown): RawOptions {
  const { streamName, streamArn, region, endpointUrl, role } = optionsIn(stream);
  return { streamName, streamArn, region, endpointUrl, role };
}

function bucketIn(sink: unknown): RawOptions {
  const { bucket, role } = optionsIn(sink);
  return { bucket, role };
}

const optionsIn = (written: unknown): RawOptions =>
  isPlainObject(written) && isPlainObject(written.options) ? written.options : {};
