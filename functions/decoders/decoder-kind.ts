/**
 * What a decoder is: a file with a constructor for the chain and an object of this type, and a line in `index.ts`.
 *
 * A definition brings the kind of its decoder with it. Was it looked up by name, as windows are, each bundle would have all
 * of them, and what they are made of.
 *
 * DECODER-1 What can't be decoded is a reason, never an exception: what user code throws is its own reason.
 * DECODER-2 All answers follow from the bytes.
 */
import type { RawOptions } from '../pipeline/options.ts';
import type { Problem } from '../pipeline/problems.ts';
import type { Named } from '../pipeline/registry.ts';

/** What `decode` takes. `Input` is what producers write, `Event` what callbacks receive. */
export type Decoder<Input, Event> = {
  /** Its name. */
  readonly kind: string;
  /** How it decodes. */
  readonly '~decoder': unknown;
  /** Carries the types only; never set. */
  readonly '~types'?: { readonly input: Input; readonly event: Event };
};

/** `Options` are the checked ones. */
export type DecoderKind<Options = unknown> = Named & {
  /** Its events are the record's own bytes: who may change them is given a copy. */
  readonly sharesBytes: boolean;
  /** A test may give a payload as the text that it is. Absent: what is given as a text is sent as JSON. */
  readonly takesText?: boolean;
  /** From what the constructor made. Undefined: a problem was told. */
  read(given: RawOptions, problems: Problem[]): Options | undefined;
  /** How payloads are read, for who asks for the plan of a pipeline. Absent: there is one way. */
  describe?(options: Options): string;
  /** One for the records of a read, one after the other. `inflate` is for what is compressed behind a header. */
  open(options: Options, inflate: Inflate): Decode;
};

/** A kind with its options: what the engine is given. */
export type DecoderSpec = { readonly kind: DecoderKind; readonly options: unknown };

/** Several that lie in the same bytes: the one with an index from `places[index * stride + first]` up to the place behind that. */
export type Payloads = {
  readonly bytes: Uint8Array;
  readonly places: Int32Array;
  readonly stride: number;
  readonly first: number;
};

/** In place of an event: that payload is to be decoded by itself. */
export const byItself = Symbol('not decoded ahead');

/** What `Decode` says of the payload with this index, or `byItself`. Asked in rising order; some may be left out. */
export type DecodeAhead = (index: number) => unknown;

export type Decode = {
  /** The event, or why there is none. Hot: called once per event. */
  (data: Uint8Array): unknown;
  /** Of `count` payloads, where many take less together than one by one. Undefined or absent: there is nothing to gain. */
  ahead?(payloads: Payloads, count: number): DecodeAhead | undefined;
  /** What user code promised instead of answering; who opened it asks whether they are kept. */
  readonly promises?: readonly Promise<unknown>[];
};

/** The whole of a zlib stream, or why not; bounded by `maxDecompressedBytes`. */
export type Inflate = (data: Uint8Array) => Inflated;
type Inflated =
  | { readonly kind: 'expanded'; readonly data: Uint8Array }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'corrupt'; readonly reason: string };

/** What a constructor returns: `written` is what it was given, not yet checked. */
export function defineDecoder<Defined extends Decoder<unknown, unknown>>(
  kind: Pick<DecoderKind<never>, 'kind'>,
  written: Omit<Defined, 'kind' | '~decoder' | '~types'>,
): Defined {
  return Object.freeze({ kind: kind.kind, '~decoder': Object.freeze(kind), ...written }) as unknown as Defined;
}

/** Undefined: what was given to the chain is no decoder. */
export function decoderKindOf(given: RawOptions): DecoderKind | undefined {
  const kind = given['~decoder'];
  const isKind = typeof kind === 'object' && kind !== null && 'read' in kind && 'open' in kind;
  return isKind ? (kind as DecoderKind) : undefined;
}

export type UndecodedReason =
  | 'empty-record'
  | 'invalid-utf8'
  | 'invalid-json'
  | 'invalid-compression'
  | 'payload-too-large'
  | 'undecodable'
  | 'unknown-schema'
  | 'schema-mismatch'
  | 'callback-failed';

const mark = Symbol.for('kinesis-sluice.undecoded');

export class Undecoded {
  readonly [mark] = true;
  readonly reason: UndecodedReason;
  readonly message: string;

  constructor(reason: UndecodedReason, message: string) {
    this.reason = reason;
    this.message = message;
  }
}

/** By its mark, not by its class: a pipeline file may bring another copy of the package. */
export function isUndecoded(decoded: unknown): decoded is Undecoded {
  return typeof decoded === 'object' && decoded !== null && mark in decoded;
}
