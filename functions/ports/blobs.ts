/**
 * Bytes of values that are too large for the item that stands for them, which names them: a root. Blobs are put before
 * their root, and found by it alone, never by listing. Roots, conditions and everything else of the protocol stay where
 * they are, wherever the bytes lie.
 */

import type { KeptLimits } from '../core/kept-partials.ts';

/** `folder` begins with the pipeline's name. `name` holds a nonce of the try: nobody else puts it, nor other bytes. */
export type BlobName = { readonly folder: string; readonly name: string };

/** What its root says of a blob. */
export type StoredBlob = {
  /** In how many pieces it lies in the table of its root; `inBucket`: it is one object in the bucket. */
  readonly chunks: number;
  /** SHA-256 of all bytes. */
  readonly digest: string;
};

/** No blob in a table has so many pieces. */
export const inBucket = 0;

export type Blobs = {
  /** The largest value that is better kept in its root. */
  readonly mostInRoot: number;
  /** The largest part of a value that is, where not all who read the root need it. */
  readonly mostOfPart: number;
  /** Which partial aggregates are better kept in their block (KEPT-1). */
  readonly keptLimits: KeptLimits;
  /** All of it is stored when the call returns. Put again, it is the same. */
  put(blob: BlobName, bytes: Uint8Array, marks: BlobMarks): Promise<StoredBlob>;
  /** The bytes that were put, or MissingItem. */
  get(blob: BlobName & StoredBlob): Promise<Uint8Array>;
  /**
   * The bytes of one range, `from` counted from 0, or MissingItem if the blob is not there or ends before the range does. No digest of the
   * whole can be checked: the reader knows what it reads by sums of its own.
   */
  getRange(blob: BlobName & StoredBlob, from: number, length: number): Promise<Uint8Array>;
  /**
   * Several of one folder, in their order, where one request is cheaper than one for each. All their names begin with
   * `prefix`; others that do are read through.
   */
  getAll(
    from: { readonly folder: string; readonly prefix: string },
    blobs: readonly ({ readonly name: string } & StoredBlob)[],
  ): Promise<readonly Uint8Array[]>;
  /** None of them is there when the call returns. What is gone already is no error. */
  delete(blobs: readonly (BlobName & StoredBlob)[]): Promise<void>;
};

export type BlobMarks = {
  /** Format version of the value. */
  readonly v: number;
  /** Epoch seconds; absent: only a purge may delete it. */
  readonly expires?: number | undefined;
};
