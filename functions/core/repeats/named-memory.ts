/** Where what is known of a shard's records lies. */
export type NamedMemory = {
  readonly batchId: number;
  readonly ref: number;
  readonly task: number;
  readonly nonce: string;
  /** Format version. */
  readonly v: number;
  readonly chunks: number;
  readonly digest: string;
};

/** What a batch has stored for good, and what it no longer needs of those before. */
export type MemoryChanges = { readonly named: readonly NamedMemory[]; readonly replaced: readonly NamedMemory[] };

/** Of events of senders that write identities: those that came again, and those without an identity. */
export type RepeatCounts = { readonly repeated: number; readonly unidentified: number };

/** What a body says of a source with `deduplicate`. */
export type RepeatsOfBatch = {
  readonly repeats?: RepeatCounts;
  /** What it names of memories for the first time, and no more. Absent: nothing. */
  readonly memories?: MemoryChanges;
};
