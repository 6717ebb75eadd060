/** What a pipeline writes to. */
import { consoleKind } from '../sinks/console.ts';
import type { SinkKind, SinkSpec } from '../sinks/sink-kind.ts';
import { reservedNamesOf } from '../windows/index.ts';
import type { OutputDefinition, PipelineDefinition } from './definition.ts';
import { ownKinds } from './kinds.ts';
import { isPlainObject } from './options.ts';
import { mainOutput, pathOfOutput } from './outputs.ts';
import type { Output } from './pipeline.ts';
import { notAllowed, type Problem } from './problems.ts';
import type { Registry } from './registry.ts';
import type { StreamOverride, StreamPlace } from './stream.ts';

export type AroundOutputs = {
  /** For the main one. Of others only region and endpoint are told from outside. */
  readonly override: StreamOverride;
  /** Undefined: whether an output writes what is read is asked later. */
  readonly source: StreamPlace | undefined;
};

/** What stands for a sink that is refused: the pipeline is refused with it. */
const refusedSink: SinkSpec = { kind: consoleKind, options: {} };

export function checkOutputs(
  definition: PipelineDefinition,
  { override, source }: AroundOutputs,
  problems: Problem[],
): readonly Output[] {
  const { grouping, operations } = definition;
  const kinds = definition.kinds ?? ownKinds;
  const columns = grouping && [
    ...Object.keys(grouping.keys ?? {}),
    ...Object.keys(grouping.aggregates),
    ...reservedNamesOf(kinds.windows),
  ];
  const passesThrough = grouping === undefined && !operations.some((operation) => operation.kind === 'map');
  const from = grouping === undefined ? 'events' : 'results';
  return definition.outputs.map(({ id, sink }): Output => {
    const about = {
      path: pathOfOutput(id),
      override: id === mainOutput ? override : { ...override, stream: undefined, role: undefined },
      source,
      passesThrough,
      columns,
    };
    return { id, from, sink: checkSink(sink, kinds.sinks, about, problems) };
  });
}

function checkSink(
  given: OutputDefinition['sink'],
  sinks: Registry<SinkKind>,
  about: Parameters<SinkKind['read']>[1],
  problems: Problem[],
): SinkSpec {
  const kind = isPlainObject(given) ? sinks.of(given) : undefined;
  if (!isPlainObject(given) || kind === undefined) {
    problems.push(notAllowed(about.path, given, sinks.usages()));
    return refusedSink;
  }
  const { stream } = about.override;
  if (stream !== undefined && !kind.isStream) {
    const allowed = `it with a Kinesis sink only: this one is ${kind.kind}`;
    problems.push(notAllowed(`override of ${about.path}`, stream, allowed));
  }
  const options = kind.read(given, about, problems);
  return options === undefined ? refusedSink : { kind, options };
}
