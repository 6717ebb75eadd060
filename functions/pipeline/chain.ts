/** `pipeline(…)`: the chain. Every step returns a new frozen stage, so a stage can be the start of several pipelines. */
import type { Decoder } from '../decoders/decoder-kind.ts';
import type { AnyWindow } from '../windows/index.ts';
import type { EventMeta, RowMeta } from './callback.ts';
import type {
  GroupingDefinition,
  OperationDefinition,
  OutputDefinition,
  PipelineDefinition,
  ReferenceDefinition,
} from './definition.ts';
import type { Kinds } from './kinds.ts';
import { frozenCopy, type RawOptions } from './options.ts';
import { mainOutput } from './outputs.ts';
import { lateOutput, letterOutput } from './side-outputs.ts';
import type {
  DistinctStage,
  EventStage,
  FlatMapOptions,
  GroupedStage,
  PipelineOptions,
  PipelineStart,
  RowStage,
  SourceStage,
  TimedEventStage,
  TriggerOptions,
  VersionOptions,
  WatermarkOptions,
  WindowedStage,
  WrittenPipeline,
} from './stages.ts';

/** The chain so far. */
type Draft = {
  readonly name: string;
  /** Absent: those that Sluice has. */
  readonly kinds?: Kinds;
  readonly options: RawOptions;
  readonly source: unknown;
  readonly decoder: unknown;
  readonly operations: readonly OperationDefinition[];
  readonly references: readonly ReferenceDefinition[];
  readonly grouping: GroupingDefinition | undefined;
  readonly mode?: PipelineDefinition['mode'];
  /** What `deadLettersTo` was given. */
  readonly letterSink?: { readonly sink: unknown };
};

/**
 * Begins a pipeline. The name identifies its saved state: letters, digits, `_`, `.` and `-`, 128 at most. Under another name
 * everything begins anew.
 *
 * Nothing is checked and nothing runs while the chain is written: `checkPipeline`, a command or a deployment tells every wrong
 * option at once.
 *
 * @example
 * ```ts
 * export default pipeline('republish', { maxTasks: 10 })
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .writeStream(kinesis({ streamName: 'flights-again' }));
 * ```
 */
export function pipeline(name: string, options?: PipelineOptions): PipelineStart {
  return startOf({ name, options: frozenCopy(options) });
}

/** `pipeline` for one that may be written with further kinds: they travel in its definition, and nobody else knows them. */
export function pipelineWith(kinds: Kinds): typeof pipeline {
  return (name, options) => startOf({ name, kinds, options: frozenCopy(options) });
}

type Begun = Pick<Draft, 'name' | 'kinds' | 'options'>;

function startOf(begun: Begun): PipelineStart {
  return Object.freeze({ readStream: (source) => sourceStage({ ...begun, source }) });
}

function sourceStage(read: Begun & Pick<Draft, 'source'>): SourceStage {
  const decode = <Input, Event>(decoder: Decoder<Input, Event>) =>
    eventStage<Input, Event>({
      ...{ ...read, decoder, operations: Object.freeze([]), references: Object.freeze([]) },
      grouping: undefined,
    });
  return Object.freeze({ decode });
}

function eventStage<Input, Event>(draft: Draft): EventStage<Input, Event> {
  return Object.freeze({
    ...eventSteps<Input, Event>(draft),
    filter: (predicate: unknown) => eventStage<Input, never>(withOperation(draft, { kind: 'filter', predicate })),
    map: (mapper: unknown) => eventStage<Input, never>(withOperation(draft, { kind: 'map', mapper })),
    flatMap: (mapper: unknown, options?: FlatMapOptions) =>
      eventStage<Input, never>(withOperation(draft, flatMapOf(mapper, options))),
    withWatermark: (selector: unknown, options: WatermarkOptions) =>
      timedEventStage<Input, Event>(
        withOperation(draft, { kind: 'watermark', selector, options: frozenCopy(options) }),
      ),
    withReference: (...given: Referring) => eventStage<Input, Event>(withReference(draft, ...given)),
  }) as unknown as EventStage<Input, Event>;
}

function timedEventStage<Input, Event>(draft: Draft): TimedEventStage<Input, Event> {
  return Object.freeze({
    ...eventSteps<Input, Event>(draft),
    filter: (predicate: unknown) => timedEventStage<Input, never>(withOperation(draft, { kind: 'filter', predicate })),
    map: (mapper: unknown) => timedEventStage<Input, never>(withOperation(draft, { kind: 'map', mapper })),
    flatMap: (mapper: unknown, options?: FlatMapOptions) =>
      timedEventStage<Input, never>(withOperation(draft, flatMapOf(mapper, options))),
    dropDuplicates: (keys: unknown, options?: object) =>
      distinctStage<Input, Event>(draft, {
        keys: isNameable(keys) ? frozenCopy(keys as object) : undefined,
        window: undefined,
        duplicates: Object.freeze({ options: frozenCopy(options) }),
        aggregates: frozenCopy({}),
        rowOperations: Object.freeze([]),
      }),
    withReference: (...given: Referring) => timedEventStage<Input, Event>(withReference(draft, ...given)),
  }) as unknown as TimedEventStage<Input, Event>;
}

function eventSteps<Input, Event>(draft: Draft) {
  return {
    groupBy: <K extends object>(keys: K) =>
      groupedStage<Input, Event, K>(draft, isNameable(keys) ? frozenCopy(keys) : undefined),
    writeStream: (sink: unknown, options?: object) =>
      writtenPipeline<Input, Event, [Event, EventMeta]>(draft, [outputOf(mainOutput, sink, options)]),
  };
}

/** A list, a text or a function has names too, and none was meant. */
const isNameable = (keys: unknown): boolean => typeof keys === 'object' && keys !== null && !Array.isArray(keys);

/** What is known of a grouping before its aggregates are. */
type GroupingSoFar = Pick<GroupingDefinition, 'lateness' | 'lateSink' | 'duplicates'>;

function groupedStage<Input, Event, K>(
  draft: Draft,
  keys: RawOptions | undefined,
  before: GroupingSoFar = {},
): GroupedStage<Input, Event, K, AnyWindow> {
  return Object.freeze({ window: (window) => windowedStage(draft, keys, window, before) });
}

function windowedStage<Input, Event, K, Window extends AnyWindow>(
  draft: Draft,
  keys: RawOptions | undefined,
  window: Window,
  before: GroupingSoFar,
): WindowedStage<Input, Event, K, Window> {
  const stage = (late: GroupingSoFar): WindowedStage<Input, Event, K, Window> =>
    Object.freeze({
      allowedLateness: (value: unknown, options?: VersionOptions) =>
        stage({ ...late, lateness: Object.freeze({ value, options: frozenCopy(options) }) }),
      sideOutputLate: (sink: unknown) => stage({ ...late, lateSink: Object.freeze({ sink }) }),
      aggregate: (aggregates: RawOptions) => {
        const rowOperations = Object.freeze([]);
        return rowStage(draft, { keys, window, ...late, aggregates: frozenCopy(aggregates), rowOperations });
      },
    }) as unknown as WindowedStage<Input, Event, K, Window>;
  return stage(before);
}

function distinctStage<Input, Event>(draft: Draft, grouping: GroupingDefinition): DistinctStage<Input, Event> {
  return Object.freeze({
    ...rowStage<Input, Event>(draft, grouping),
    sideOutputLate: (sink: unknown) =>
      distinctStage<Input, Event>(draft, { ...grouping, lateSink: Object.freeze({ sink }) }),
    groupBy: <K extends object>(keys: K) => {
      const { duplicates, keys: byKeys, lateSink } = grouping;
      return groupedStage<Input, Event, K>(draft, isNameable(keys) ? frozenCopy(keys) : undefined, {
        duplicates: Object.freeze({ options: duplicates!.options, keys: byKeys, isGrouped: true }),
        ...(lateSink === undefined ? {} : { lateSink }),
      });
    },
  }) as DistinctStage<Input, Event>;
}

function rowStage<Input, Row>(draft: Draft, grouping: GroupingDefinition): RowStage<Input, Row> {
  const next = (operation: OperationDefinition) =>
    rowStage<Input, never>(draft, {
      ...grouping,
      rowOperations: Object.freeze([...grouping.rowOperations, Object.freeze(operation)]),
    });
  return Object.freeze({
    filter: (predicate: unknown) => next({ kind: 'filter', predicate }),
    map: (mapper: unknown) => next({ kind: 'map', mapper }),
    flatMap: (mapper: unknown, options?: FlatMapOptions) => next(flatMapOf(mapper, options)),
    topRows: (n: unknown, options: object) => {
      const given = Object.freeze({ n, options: frozenCopy(options), behind: grouping.rowOperations.length });
      return rowStage<Input, never>(draft, {
        ...grouping,
        topRows: Object.freeze([...(grouping.topRows ?? []), given]),
      });
    },
    writeStream: (sink: unknown, options?: object) =>
      writtenPipeline<Input, Row, [Row, RowMeta]>({ ...draft, grouping: Object.freeze(grouping) }, [
        outputOf(mainOutput, sink, options),
      ]),
  }) as RowStage<Input, Row>;
}

function writtenPipeline<Input, Row, Given extends readonly unknown[]>(
  draft: Draft,
  written: readonly OutputDefinition[],
): WrittenPipeline<Input, Row, Given> {
  const outputs = Object.freeze([...written, ...sideOutputsOf(draft)]);
  const definition = { kind: 'sluice-pipeline', ...draft, outputs, triggerOptions: frozenCopy({}) } as const;
  const trigger = (options: TriggerOptions): PipelineDefinition<Input, Row> =>
    Object.freeze({ ...definition, triggerOptions: frozenCopy(options) });
  const writeStream = (sink: unknown, options?: object): WrittenPipeline<Input, Row, Given> =>
    writtenPipeline(draft, [...written, outputOf(frozenCopy(options).name as string, sink, options)]);
  const outputMode = (value: unknown, options?: VersionOptions): WrittenPipeline<Input, Row, Given> =>
    writtenPipeline({ ...draft, mode: Object.freeze({ value, options: frozenCopy(options) }) }, written);
  const deadLettersTo = (sink: unknown): WrittenPipeline<Input, Row, Given> =>
    writtenPipeline({ ...draft, letterSink: Object.freeze({ sink }) }, written);
  return Object.freeze({ ...definition, trigger, outputMode, writeStream, deadLettersTo });
}

/** Those that other steps than `writeStream` name. */
function sideOutputsOf({ grouping, letterSink }: Draft): readonly OutputDefinition[] {
  const late = grouping?.lateSink;
  return [
    ...(late === undefined ? [] : [Object.freeze({ id: lateOutput, from: 'late', sink: late.sink } as const)]),
    ...(letterSink === undefined
      ? []
      : [Object.freeze({ id: letterOutput, from: 'letters', sink: letterSink.sink } as const)]),
  ];
}

const outputOf = (id: string, sink: unknown, options: object | undefined): OutputDefinition =>
  Object.freeze(options === undefined ? { id, sink } : { id, sink, options: frozenCopy(options) });

const flatMapOf = (mapper: unknown, options: FlatMapOptions | undefined): OperationDefinition => ({
  kind: 'flatMap',
  mapper,
  options: frozenCopy(options),
});

type Referring = readonly [name: unknown, load: unknown, options?: object];

function withReference(draft: Draft, ...[name, load, options]: Referring): Draft {
  const reference = Object.freeze({ name, load, options: frozenCopy(options) });
  return { ...draft, references: Object.freeze([...draft.references, reference]) };
}

function withOperation(draft: Draft, operation: OperationDefinition): Draft {
  return { ...draft, operations: Object.freeze([...draft.operations, Object.freeze(operation)]) };
}
