/** Objects under names of their own, each written once. */
import type { FilePlace } from '../sinks/output-file.ts';

export type Objects = {
  /**
   * Put if no object has that name: one that has is the same, and stays. It is tried until `deadline`, in epoch milliseconds. Throws a
   * `SluiceError` if it is not there then.
   */
  putIfAbsent(object: NewObject, deadline: number): Promise<void>;
};

export type NewObject = { readonly key: string; readonly body: Uint8Array; readonly contentType: string };

/** Those of a bucket, or of what stands for it. */
export type ObjectsAt = (place: FilePlace) => Objects;
