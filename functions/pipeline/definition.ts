/**
 * A pipeline as it was written: frozen plain data and the user's own functions. Nothing in it has been checked and
 * nothing runs; `checkPipeline` makes of it what the engine takes.
 */
import type { Kinds } from './kinds.ts';
import type { RawOptions } from './options.ts';

export type OperationDefinition =
  | { readonly kind: 'filter'; readonly predicate: unknown }
  | { readonly kind: 'map'; readonly mapper: unknown }
  | { readonly kind: 'flatMap'; readonly mapper: unknown; readonly options: RawOptions }
  | { readonly kind: 'watermark'; readonly selector: unknown; readonly options: RawOptions };

/** What `withReference` was given, not yet checked. */
export type ReferenceDefinition = {
  /** Under which callbacks find it. */
  readonly name: unknown;
  /** Gets it. */
  readonly load: unknown;
  /** How it is kept. */
  readonly options: RawOptions;
};

export type GroupingDefinition = {
  /** Undefined: what was given names no keys. */
  readonly keys: RawOptions | undefined;
  readonly window: unknown;
  /** What `dropDuplicates` was given, not yet checked. Absent: it was not called. */
  readonly duplicates?: {
    readonly options: RawOptions;
    /** Where `groupBy` follows. Absent: it does not, so that `keys` are those of `dropDuplicates`, and there is neither a window nor an aggregate. */
    readonly keys?: RawOptions | undefined;
    readonly isGrouped?: true;
  };
  /** What `allowedLateness` was given, not yet checked. */
  readonly lateness?: { readonly value: unknown; readonly options: RawOptions };
  /** What `sideOutputLate` was given, not yet checked. Absent: late events are counted only. */
  readonly lateSink?: { readonly sink: unknown };
  readonly aggregates: RawOptions;
  readonly rowOperations: readonly OperationDefinition[];
  /** What each `topRows` was given, not yet checked. Absent: there is none. */
  readonly topRows?: readonly TopRowsDefinition[];
};

/** `behind`: how many of the operations on rows are before it. */
export type TopRowsDefinition = { readonly n: unknown; readonly options: RawOptions; readonly behind: number };

/** `id`: 'main', or what the output was named, not yet checked. */
export type OutputDefinition = {
  readonly id: string;
  /** Of one that is no `writeStream`. */
  readonly from?: 'late' | 'letters';
  readonly sink: unknown;
  /** What `writeStream` was given beside the sink, not yet checked. Absent: nothing. */
  readonly options?: RawOptions;
};

/**
 * A pipeline as it was written, which `checkPipeline`, `runPipeline`, the command and the construct take. `Input` is what
 * producers write to the source, `Row` what the sink is given.
 */
export type PipelineDefinition<Input = unknown, Row = unknown> = {
  /** Always 'sluice-pipeline'. */
  readonly kind: 'sluice-pipeline';
  /** What `pipeline` was given: it identifies the saved state. */
  readonly name: string;
  /** Absent: those that Sluice has. */
  readonly kinds?: Kinds;
  /** What `pipeline` was given beside the name, not yet checked. */
  readonly options: RawOptions;
  /** What `readStream` was given, not yet checked. */
  readonly source: unknown;
  /** What `decode` was given, not yet checked. */
  readonly decoder: unknown;
  /** In the order written, up to the grouping. */
  readonly operations: readonly OperationDefinition[];
  /** What `withReference` was given, in the order written. */
  readonly references: readonly ReferenceDefinition[];
  /** Keys, window, aggregates, and what is done with rows. Undefined: events are written one by one. */
  readonly grouping: GroupingDefinition | undefined;
  /** In the order written, those of `writeStream` before others. The first one has the id 'main'. */
  readonly outputs: readonly OutputDefinition[];
  /** What `outputMode` was given, not yet checked. */
  readonly mode?: {
    /** The mode. */
    readonly value: unknown;
    /** What it was given beside it. */
    readonly options: RawOptions;
  };
  /** What `trigger` was given, not yet checked. */
  readonly triggerOptions: RawOptions;
  /** Carries the types only; never set. */
  readonly '~types'?: { readonly input: Input; readonly row: Row };
};

/** Told by its looks, not by its class: a bundle may hold another copy of this module. */
export function isPipelineDefinition(value: unknown): value is PipelineDefinition {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'sluice-pipeline';
}
