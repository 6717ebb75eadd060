/** What a pipeline writes to. */
import { consoleKind } from '../sinks/console.ts';
import { broughtKindOf, type SinkKind, type SinkSpec } from '../sinks/sink-kind.ts';
import { reservedNamesOf } from '../windows/index.ts';
import { isOfEvents } from './check-duplicates.ts';
import { flatMapRules } from './check-operations.ts';
import type { OutputDefinition, PipelineDefinition } from './definition.ts';
import { type Kinds, ownKinds } from './kinds.ts';
import { callback, readOptions, text } from './option-rules.ts';
import { isPlainObject } from './options.ts';
import { makesValues, pathOfOutput } from './outputs.ts';
import type { Output, OutputCallback } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';
import type { Registry } from './registry.ts';
import { isSideOutput } from './side-outputs.ts';
import type { StreamOverride, StreamPlace } from './stream.ts';

export type AroundOutputs = {
  /** By an output's id. */
  readonly overrideOf: (id: string) => StreamOverride;
  /** Undefined: places are replaced later, and whether two are one is asked then. */
  readonly source: StreamPlace | undefined;
};

const maxOutputs = 10;

/** What stands for a sink that is refused: the pipeline is refused with it. */
const refusedSink: SinkSpec = { kind: consoleKind, options: {} };

export function checkOutputs(
  definition: PipelineDefinition,
  { overrideOf, source }: AroundOutputs,
  problems: Problem[],
): readonly Output[] {
  const { grouping, operations } = definition;
  const kinds = definition.kinds ?? ownKinds;
  const columns =
    grouping && !isOfEvents(grouping)
      ? [
          ...Object.keys(grouping.keys ?? {}),
          ...Object.keys(grouping.aggregates),
          ...reservedNamesOf(kinds.windows),
          ...(grouping.topRows ?? []).flatMap(({ options }) =>
            typeof options.rankAs === 'string' ? [options.rankAs] : [],
          ),
        ]
      : undefined;
  const passesThrough = grouping === undefined && !makesValues(operations);
  const from = grouping === undefined ? ('events' as const) : ('results' as const);
  const ofWindow = kinds.windows.of(grouping?.window);
  const grouped = {
    isGrouped: grouping !== undefined,
    hasWindowTimes: ofWindow?.of === 'event-time' && ofWindow.isTotal !== true,
  };
  const written = definition.outputs.filter((output) => output.from === undefined).length;
  if (written > maxOutputs) problems.push(notAllowed('writeStream', written, `it ${maxOutputs} times at most`));
  const haveTimes = operations.some(({ kind }) => kind === 'watermark');
  const events = grouping === undefined || isOfEvents(grouping) ? { haveTimes } : undefined;
  const outputs = definition.outputs.map((written, at): Output => {
    const { id, sink } = written;
    const isNamed = isOutputName(id);
    const path = isNamed ? pathOfOutput(id) : `outputs[${at}]`;
    const around = { path, override: overrideOf(id), source, kinds, ...grouped };
    if (written.from !== undefined) return checkSideOutput(written.from, { id, sink }, around, problems);
    const own = at === 0 ? checkFirst(written, problems) : checkFurther(written, path, problems);
    checkName(id, at, definition.outputs, problems);
    const about = {
      path,
      override: overrideOf(id),
      from,
      keyNames: grouping && Object.keys(grouping.keys ?? {}),
      source,
      passesThrough: passesThrough && !makesItsOwn(own),
      // A map makes fields that nobody knows.
      columns: makesItsOwn(own) ? undefined : columns,
      ...grouped,
    };
    const checked = checkSink(sink, kinds.sinks, { ...about, events }, problems);
    return { id, from, sent: whenSent(checked, grouped), sink: checked, ...filesOf(checked), ...own };
  });
  if (source !== undefined) checkPlaces(outputs, problems);
  return outputs;
}

function checkName(id: string, at: number, all: PipelineDefinition['outputs'], problems: Problem[]): void {
  if (!isOutputName(id)) return;
  const isRepeated = all.findIndex((other) => other.id === id) < at;
  if (isRepeated)
    problems.push(notAllowed(`outputs[${at}].name`, id, 'a name that no other output has: the first one is main'));
  if (isSideOutput(id))
    problems.push(
      notAllowed(`outputs[${at}].name`, id, `another name: ${id} is the output that ${pathOfOutput(id)} names`),
    );
}

const filesOf = ({ kind, options }: SinkSpec): Pick<Output, 'files'> =>
  kind.files === undefined ? {} : { files: kind.files.place(options) };

type About = Parameters<SinkKind['read']>[1];
type AroundSide = Pick<About, 'path' | 'override' | 'source' | 'isGrouped' | 'hasWindowTimes'> & {
  readonly kinds: Kinds;
};

const whenSent = ({ kind }: SinkSpec, { isGrouped }: Pick<About, 'isGrouped'>): Output['sent'] =>
  isGrouped || kind.sentAfterSeal === true ? 'after-seal' : 'while-reading';

/** Its records are made where no user code may run, and what one throws could be told nowhere. */
function checkSideOutput(
  from: NonNullable<OutputDefinition['from']>,
  { id, sink: given }: OutputDefinition,
  { kinds, ...around }: AroundSide,
  problems: Problem[],
): Output {
  const about = { ...around, from, keyNames: undefined, passesThrough: false, columns: undefined, events: undefined };
  const sink = checkSink(given, kinds.sinks, about, problems);
  if (sink.kind.runsUserCode(sink.options))
    problems.push(
      notAllowed(
        about.path,
        sink.kind.kind,
        'a sink without callbacks, such as kinesis({ streamName }) without partitionKey',
      ),
    );
  return { id, from, sent: whenSent(sink, around), sink, ...filesOf(sink) };
}

const nameRule = text('a name of 1 to 32 letters, digits or -, that begins with a letter', isOutputName, '');

function isOutputName(name: unknown): name is string {
  // Outputs are fields of objects.
  return typeof name === 'string' && /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(name) && !(name in {});
}

/** It takes all that comes: what it is not to have, the steps before it leave out. */
function checkFirst({ options }: OutputDefinition, problems: Problem[]): OwnSteps {
  if (options !== undefined)
    problems.push(notAllowed('writeStream', options, 'a sink alone for the first output, which is main'));
  return {};
}

const furtherRules = {
  name: nameRule,
  filter: callback<OutputCallback<boolean>>(),
  map: callback<OutputCallback<unknown>>(),
  flatMap: callback<OutputCallback<Iterable<unknown>>>(),
  ...flatMapRules,
};

function checkFurther({ options = {} }: OutputDefinition, path: string, problems: Problem[]): OwnSteps {
  if (options.name === undefined) problems.push(missing(`${path}.name`, nameRule.allowed));
  const { filter, map, flatMap: mapper, maxElements } = readOptions(path, options, furtherRules, problems);
  if (map !== undefined && mapper !== undefined)
    problems.push(
      notAllowed(`${path}.flatMap`, mapper, 'either map or flatMap: what the one makes the other can make'),
    );
  if (mapper === undefined && options.maxElements !== undefined)
    problems.push(notAllowed(`${path}.maxElements`, options.maxElements, 'it beside flatMap, whose limit it is'));
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(map === undefined ? {} : { map }),
    ...(mapper === undefined ? {} : { flatMap: { mapper, maxElements } }),
  };
}

type OwnSteps = Pick<Output, 'filter' | 'map' | 'flatMap'>;

const makesItsOwn = ({ map, flatMap }: OwnSteps): boolean => map !== undefined || flatMap !== undefined;

/** Without a map of its own, an output writes what another one has written there already. */
function checkPlaces(outputs: readonly Output[], problems: Problem[]): void {
  const written = outputs.filter(({ id }) => !isSideOutput(id));
  for (const [at, output] of written.entries()) {
    const { sink } = output;
    const same = written
      .slice(0, at)
      .find(
        (other) => other.sink.kind === sink.kind && isRepeatOf(other, output) && placeOf(other) === placeOf(output),
      );
    if (same === undefined) continue;
    const allowed = `another place, or a map: ${same.id} writes the same there`;
    problems.push(notAllowed(pathOfOutput(output.id), placeOf(output).trim(), allowed));
  }
}

const isRepeatOf = (one: Output, other: Output): boolean => !makesItsOwn(one) && !makesItsOwn(other);
const placeOf = ({ sink: { kind, options } }: Output): string => kind.destination(options);

function checkSink(
  given: OutputDefinition['sink'],
  sinks: Registry<SinkKind>,
  about: Parameters<SinkKind['read']>[1],
  problems: Problem[],
): SinkSpec {
  const kind = isPlainObject(given) ? (sinks.of(given) ?? broughtKindOf(given)) : undefined;
  if (!isPlainObject(given) || kind === undefined) {
    problems.push(notAllowed(about.path, given, sinks.usages()));
    return refusedSink;
  }
  const { stream } = about.override;
  if (stream !== undefined && kind.place === undefined) {
    const allowed = `nothing: the sink is ${kind.kind}, and has no place that could be another one`;
    problems.push(notAllowed(`override of ${about.path}`, stream, allowed));
  }
  const options = kind.read(given, about, problems);
  return options === undefined ? refusedSink : { kind, options };
}
