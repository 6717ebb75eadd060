/**
 * What a kind of windows is: a file with an object of this type, and a line in `index.ts`.
 *
 * KIND-1 A window covers [start, end); an event at `end` is in no window that ends there.
 * KIND-2 Every event is in at least one window, and each of its windows covers its time.
 * KIND-3 All answers follow from the arguments: the same event is in the same windows, whoever asks.
 * KIND-4 A window of event time closes at its end at the earliest. It is late from the batch on that begins with a
 *    watermark at or past `closesAt`, and its result is given out in the batch that ends with one.
 * KIND-5 Merged windows do not overlap, and each of those merged lies in exactly one of them. They are the same, in whatever parts
 *    they were merged before.
 * KIND-6 With panes an event is in one pane, and in all windows that hold the pane. Each window is a whole number of panes, and
 *    windows close one after the other.
 */
import type { RawOptions } from '../pipeline/options.ts';
import type { Problem } from '../pipeline/problems.ts';
import type { Named } from '../pipeline/registry.ts';

/** In milliseconds of the epoch; of a micro-batch, from its number to the next. */
export type Window = { readonly start: number; readonly end: number };

/**
 * What an event is counted in, where windows overlap: once, whatever the number of its windows. In milliseconds: panes are `paneMs`
 * long, windows `sizeMs`, and one begins each `everyMs`, counted from `offsetMs`. `paneMs` divides the other two.
 */
export type Panes = {
  readonly paneMs: number;
  readonly sizeMs: number;
  readonly everyMs: number;
  readonly offsetMs: number;
};

/** `Options` are the checked ones: plain data. */
export type WindowKind<Options = unknown> = Named & {
  /** 'event-time' needs `withWatermark`; 'micro-batch' has windows without it, too. */
  readonly of: 'event-time' | 'micro-batch';
  /** Those that `columns` gives: no key and no aggregate has such a name. */
  readonly columnNames: readonly string[];
  /** From what the constructor made. Undefined: it made something else, which is told by who asks. */
  read(given: RawOptions, problems: Problem[]): Options | undefined;
  /** What saved state depends on. */
  fingerprint(options: Options): readonly (string | number)[];
  /** What a result row says of its window. */
  columns(window: Window): Readonly<Record<string, string | number>>;
  /** What says of events, one after the other, in which windows they are. It may remember what it has said last. With panes: in which pane. */
  assigner(options: Options): AssignWindows;
  /** Absent: what is counted in is what is given out. */
  panes?(options: Options): Panes;
  /** Of windows of one key, by start: those that take their place. Absent: each stays what it is. */
  merge?(windows: readonly Window[]): readonly Window[];
  /**
   * A key has one result for good, which never closes: its window says how long it is kept. Such a kind merges all windows of a key.
   * Absent: each window is a result of its own.
   */
  readonly isTotal?: true;
  /** The watermark at which an event that opens a window is late; absent: when the window is over. */
  lateAt?(window: Window): number;
  /** The watermark at which a window that is given out closes; undefined: with the batch that filled it. */
  closesAt(window: Window): number | undefined;
  /** The earliest time past `watermark` at which a window may close; undefined: none waits for a watermark. */
  nextClose(options: Options, watermark: number): number | undefined;
};

/** Hot: called once per event. What it returns is not changed by anybody. */
export type AssignWindows = (eventTime: number, batchId: number) => readonly Window[];

/** A kind with its options: what the engine is given. */
export type WindowSpec = {
  readonly kind: WindowKind;
  readonly options: unknown;
  /** How long a window stays after it has closed, and is corrected. Absent: not at all. */
  readonly latenessMs?: number;
  /** Beside windows there are keys to be forgotten, at any time. Absent: none. */
  readonly endsAnytime?: true;
  /** Windows that close by then are over for good, since they were under a shorter lateness. Absent: none. */
  readonly overUpTo?: number;
  /** What is open is given out in each batch, whatever that brings. Absent: what the batch changes or closes. */
  readonly everyBatch?: true;
};

/** What `window(…)` takes: what a constructor made. `Columns` is what it adds to a row, `Of` what it needs. */
export type WindowDefinition<Columns, Of extends WindowKind['of']> = {
  /** The name of its kind. */
  readonly kind: string;
  /** Carries the types only; it is not there. */
  readonly '~types': { readonly columns: Columns; readonly of: Of };
};

/** What a constructor returns: frozen, under the name of its kind. */
export function defineWindow<Definition extends WindowDefinition<unknown, WindowKind['of']>>(
  given: Omit<Definition, '~types'>,
): Definition {
  return Object.freeze(given) as Definition;
}
