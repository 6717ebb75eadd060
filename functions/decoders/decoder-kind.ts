/**
 * What a decoder is: a file with a constructor for the chain and an object of this type, and a line in `index.ts`.
 *
 * DECODER-1 What can't be decoded is a reason, never an exception: what user code throws is its own reason.
 * DECODER-2 All answers follow from the bytes.
 */
import type { RawOptions } from '../pipeline/options.ts';
import type { Problem } from '../pipeline/problems.ts';
import type { Named } from '../pipeline/registry.ts';

/** `Options` are the checked ones. */
export type DecoderKind<Options = unknown> = Named & {
  /** Its events are the record's own bytes: who may change them is given a copy. */
  readonly sharesBytes: boolean;
  /** From what the constructor made. Undefined: a problem was told. */
  read(given: RawOptions, problems: Problem[]): Options | undefined;
  /** One for the records of a read, one after the other. */
  open(options: Options): Decode;
};

/** A kind with its options: what the engine is given. */
export type DecoderSpec = { readonly kind: DecoderKind; readonly options: unknown };

export type Decode = {
  /** The event, or why there is none. Hot: called once per event. */
  (data: Uint8Array): unknown;
  /** What user code promised instead of answering; who opened it asks whether they are kept. */
  readonly promises?: readonly Promise<unknown>[];
};

export type UndecodedReason = 'empty-record' | 'invalid-utf8' | 'invalid-json' | 'schema-mismatch' | 'callback-failed';

export class Undecoded {
  readonly reason: UndecodedReason;
  readonly message: string;

  constructor(reason: UndecodedReason, message: string) {
    this.reason = reason;
    this.message = message;
  }
}
