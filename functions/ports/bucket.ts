/**
 * A bucket for large values: objects under names of their own, written once, read whole or in part, deleted by name. What was put is seen by
 * every read that begins afterwards.
 */
export type Bucket = {
  /** For people. */
  readonly name: string;
  /** Put if no object has that name: one that has is the same, and stays. It is there when the call returns. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<void>;
  /** All bytes, or those of a range as far as there are any; undefined: no object has that name. */
  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  /** None of them is there when the call returns. What is gone already is no error. */
  delete(keys: readonly string[]): Promise<void>;
  /** The next page of the names that begin with `prefix` and come behind `after`, in the order of their bytes. */
  list(from: { readonly prefix: string; readonly after: string }): Promise<Listing>;
};

export type ByteRange = { readonly from: number; readonly length: number };

export type Listing = {
  readonly objects: readonly ListedObject[];
  readonly isLast: boolean;
  /** When the page was made, by the bucket's own clock: epoch milliseconds, never ahead of it. */
  readonly now: number;
};

export type ListedObject = {
  readonly key: string;
  /** By the bucket's own clock: epoch milliseconds. */
  readonly modifiedAt: number;
};
