/** The pipeline as a test runs it: its sinks are looked at instead of written to, and nothing else of it is changed. */
import { endOfTime } from '../core/model.ts';
import { requirePipeline } from '../pipeline/check-pipeline.ts';
import type { PipelineDefinition } from '../pipeline/definition.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { ResultVersion } from '../sinks/identity.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { AboutRecord, SinkKind, SinkSpec } from '../sinks/sink-kind.ts';

/** What a record of a sink was made of. */
type Made = {
  readonly value: unknown;
  /** Undefined: of an event, not of a result. */
  readonly version: ResultVersion | undefined;
};

export type TestPipeline = {
  /** `hasClock`: whether events can be from the future. */
  pipelineAt(hasClock: boolean): Pipeline;
  made(record: OutputRecord): Made;
};

/** One shard a task, as far as a batch can have tasks: so each brings a block of its own to merge. */
const reading = { shardsPerTask: 1, maxTasks: 40 } as const;

export function pipelineForTesting(definition: PipelineDefinition, parallelism: number): TestPipeline {
  const checked = requirePipeline(definition);
  const seen = new WeakMap<OutputRecord, Made>();
  const source = { ...checked.source, compression: 'none' as const, maxFetchRecordsPerShard: Number.MAX_SAFE_INTEGER };
  const outputs = checked.outputs.map((output) => ({ ...output, sink: lookedAt(output.sink, seen) }));
  const timed: Pipeline = { ...checked, source, outputs, parallelism, ...reading };
  const untimed = { ...timed, operations: timed.operations.map(withoutFuture) };
  return {
    pipelineAt: (hasClock) => (hasClock ? timed : untimed),
    made: (record) => seen.get(record) ?? fromText(record),
  };
}

/** What has travelled in a block was saved on the way. */
const fromText = ({ data }: OutputRecord): Made => ({ value: JSON.parse(data as string), version: undefined });

/** What is written has no identity, so that rows are compared by value; and there is no sink that could be asked. */
function lookedAt({ kind, options }: SinkSpec, seen: WeakMap<OutputRecord, Made>): SinkSpec {
  const encode: SinkKind['encode'] = (given, value, about) => {
    const record = kind.encode(given, value, { ...about, identity: undefined });
    seen.set(record, { value: about.madeOf === undefined ? value : about.madeOf.value, version: versionIn(about) });
    return record;
  };
  const limits: SinkKind['limits'] = (given) => {
    const known = kind.limits(given);
    return { ...known, said: known.said ?? known.always };
  };
  return { kind: { ...kind, encode, limits }, options };
}

function versionIn({ identity }: AboutRecord): ResultVersion | undefined {
  if (identity === undefined || !('window' in identity)) return undefined;
  const { window, key, row, revision, timing, final, retracted } = identity;
  return { window, key, row, revision, timing, final, retracted };
}

function withoutFuture(operation: Pipeline['operations'][number]): Pipeline['operations'][number] {
  if (operation.kind !== 'watermark') return operation;
  return { ...operation, eventTime: { ...operation.eventTime, maxFutureMs: endOfTime } };
}
