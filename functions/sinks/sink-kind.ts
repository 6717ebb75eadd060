/**
 * What a sink is: a file with a constructor for the chain and an object of this type, and a line in `index.ts`. What takes
 * an SDK to open has a file in the adapters as well, and a line in `functions/adapters/open-sinks.ts`; if no other pipeline needs that
 * SDK, its definition brings the kind (`'~sink'`), and bundles without it have neither.
 *
 * ENCODE-1 Equal value, identity and key make equal bytes: nothing in `encode` depends on a clock, on chance or on who resumes.
 * ENCODE-2 The identity is the last field of each JSON object, and there once.
 * ENCODE-3 `encode` throws what user code throws, and of a value that has no form there an `InvalidResult`. What is too large is told
 *    by the limits, with both numbers.
 * ENCODE-4 Grants name what they are for: no action is a pattern, and no resource but objects, which are named as they are written.
 */
import type { RawOptions } from '../pipeline/options.ts';
import type { Problem } from '../pipeline/problems.ts';
import type { Named } from '../pipeline/registry.ts';
import type { StreamOverride, StreamPlace } from '../pipeline/stream.ts';
import type { Identity, SentIdentity } from './identity.ts';
import type { FilePlace } from './output-file.ts';
import type { OutputRecord, OutputSink } from './output-sink.ts';

/** `Options` are the checked ones. */
export type SinkKind<Options = unknown> = Named & {
  /** `sluice dev` has it, a deployed function has not. */
  readonly isForDevelopment: boolean;
  /** A Kinesis stream: it may be the one that is read. */
  readonly isStream: boolean;
  /**
   * What can be named in its place from outside, by an option of a command or by the stack: 'a Kinesis stream'. Then it takes a role,
   * too. Absent: nothing.
   */
  readonly place?: string;
  /** Of a stream: whether it may be the one that is read. Absent: no. */
  allowsLoop?(options: Options): boolean;
  /** From what the constructor made. Undefined: a problem was told. */
  read(given: RawOptions, about: AboutOutput, problems: Problem[]): Options | undefined;
  /** Names where it writes: what one place has acknowledged says nothing of another. */
  destination(options: Options): string;
  /** Whether it gives a value to user code, which may look at it, or change it. */
  runsUserCode(options: Options): boolean;
  /** Hot: called once per event. */
  encode(options: Options, value: unknown, about: AboutRecord): OutputRecord;
  /** What counts against the limits. */
  bytesOf(record: OutputRecord): number;
  limits(options: Options): RecordLimits;
  /** Whether a record can say that an earlier one no longer holds. */
  takesRetractions(options: Options): boolean;
  /**
   * Nothing is in it of a batch that is not sealed: also where a pipeline does not group its records travel in the block, and a reducer sends
   * what is stored. Absent: without a group they leave while events are read, and a try that dies may have sent some.
   */
  readonly sentAfterSeal?: true;
  /** Of a result it holds the latest version alone: what is given out in parts is not for it. Absent: whatever is sent stays. */
  readonly keepsLatest?: true;
  /** Its records are sent in parts that are the same for ever, each of so many rows at most. Absent: as time and limits have it. */
  rowsInPart?(options: Options): number;
  /** Where that is: the result or event that a record is, for its dead letter. */
  resultIn?(record: OutputRecord): { readonly value: unknown; readonly identity: SentIdentity };
  /** What a function that writes to it may do in AWS. */
  grants(options: Options, account: AwsAccount): readonly Grant[];
  /** It writes files, and each committed batch has a list of them. Absent: it sends records. */
  readonly files?: {
    place(options: Options): FilePlace;
    /** What the function that writes the lists may do in AWS. */
    grants(options: Options, account: AwsAccount): readonly Grant[];
  };
  /** Absent: whoever runs the pipeline has what opens it. */
  open?(options: Options, environment: SinkEnvironment): OutputSink;
};

/** A kind with its options: what the engine is given. */
export type SinkSpec = { readonly kind: SinkKind; readonly options: unknown };

/** What `read` may need to know. */
export type AboutOutput = {
  /** Where its options stand in messages: `sink`. */
  readonly path: string;
  readonly override: StreamOverride;
  /** What is written: rows, events, late events or dead letters. */
  readonly from: 'results' | 'events' | 'late' | 'letters';
  /** Names of the group's key, in their order; undefined: there is no group. */
  readonly keyNames: readonly string[] | undefined;
  /** The stream that is read. Undefined: whether it is the one that is written is asked later. */
  readonly source: StreamPlace | undefined;
  /** Events are written as the bytes they came in. */
  readonly passesThrough: boolean;
  /** Of a result row; undefined: of events nobody knows them. */
  readonly columns: readonly string[] | undefined;
  /** The pipeline has a groupBy. */
  readonly isGrouped: boolean;
  /** Its windows are spans of time. */
  readonly hasWindowTimes: boolean;
  /** What is written are events, as they come or as `map` makes them, and whether they have a time. Undefined: rows, or what goes aside. */
  readonly events: { readonly haveTimes: boolean } | undefined;
};

export type AboutRecord = {
  /** Undefined: it is written without one. */
  readonly identity: Identity | undefined;
  /** Unless the sink chooses another. */
  readonly defaultKey: string;
  readonly explicitHashKey?: string | undefined;
  /** Of an event of a pipeline with `withWatermark`. */
  readonly eventTime?: number | undefined;
  /** Of a result: the values of its key, in the order of their names. */
  readonly keyValues?: readonly unknown[];
  /** An earlier record no longer holds: the value has keys and window alone, and is shown to no user code. */
  readonly isRetraction?: boolean;
  /** Where bytes pass through untouched: the event made of them, which user code is given in their place. */
  readonly madeOf?: { readonly value: unknown };
};

/** How large a record it takes, in bytes. */
export type RecordLimits = {
  /** Nobody has to be asked for that. */
  readonly always: number;
  /** It never takes more. */
  readonly atMost: number;
  /** What it was said to take. Undefined: it is asked, when there is a record of which that decides the fate. */
  readonly said: number | undefined;
  /** What helps where nobody may ask: "allow …". */
  readonly remedy: string;
};

export type AwsAccount = { readonly partition: string; readonly region: string; readonly account: string };

export type Grant = {
  /** Letters and digits. */
  readonly sid: string;
  readonly actions: readonly string[];
  /** ARNs. */
  readonly resources: readonly string[];
};

/** Of a sink with a role: all rights to the thing itself are the role's. */
export const assumeGrant = ({ arn }: { readonly arn: string }): Grant => ({
  sid: 'AssumeSinkRole',
  actions: ['sts:AssumeRole'],
  resources: [arn],
});

export type SinkEnvironment = {
  /** Undefined: the program's own. */
  readonly region: string | undefined;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
};

/** What `writeStream(…)` takes: what a constructor made. `Row` is what it can write. */
export type SinkDefinition<Row> = {
  /** The name of its kind. */
  readonly kind: string;
  /** Carries the type only; it is not there. */
  readonly '~takes': (row: Row) => void;
  /** The kind itself, where it comes with the definition: then no other bundle has it. */
  readonly '~sink'?: unknown;
};

/** Likewise of a sink that is a function of the user's own. `Given` is what it is called with, one by one. */
export type CalledSink<Given> = {
  /** The name of its kind. */
  readonly kind: string;
  /** Carries the type only; it is not there. */
  readonly '~calledWith': (given: Given) => void;
  /** The kind itself. */
  readonly '~sink'?: unknown;
};

/** Of a definition that brings its kind. */
export function broughtKindOf(given: RawOptions): SinkKind | undefined {
  const kind = given['~sink'];
  const isKind = typeof kind === 'object' && kind !== null && 'read' in kind && 'encode' in kind;
  return isKind ? (kind as SinkKind) : undefined;
}

/** What a constructor returns: frozen, under the name of its kind. */
export function defineSink<Definition extends SinkDefinition<never>>(given: Omit<Definition, '~takes'>): Definition {
  return Object.freeze(given) as Definition;
}
