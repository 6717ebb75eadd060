/**
 * Errors that leave a function, in the two families Step Functions can act on: try again, or stop.
 *
 * Names are literals, since bundlers rename classes and Step Functions sees only `error.name`. The state machine lists
 * them; a test keeps the two lists equal.
 */
export const retryableErrorNames = ['TemporaryFailure', 'ReferenceUnavailable'] as const;

export const fatalErrorNames = [
  'InvalidInput',
  'InvalidPipeline',
  'FingerprintChanged',
  'StreamRecreated',
  'StreamNotFound',
  'DataLoss',
  'CorruptCheckpoint',
  'MissingItem',
  'UnknownFormat',
  'PayloadTooLarge',
  'NotAllowed',
  'AllTasksFailed',
  'ConsumerNotOwned',
  'TooManyCrashes',
  'TooManyRows',
  'DeduplicationMemoryTooLarge',
  'ItemTooLarge',
  'StateTooLarge',
] as const;

export type RetryableErrorName = (typeof retryableErrorNames)[number];
export type FatalErrorName = (typeof fatalErrorNames)[number];

/**
 * The names of errors: what each means, whether another try can help, and what to do.
 *
 * - `TemporaryFailure`: a service did not answer, answered half, or throttled. **Retry:** helps, and is made: by the
 *   function, by the state machine, and by the next start. **Do:** nothing, unless it lasts. Then look at the service
 *   that the message names.
 * - `ReferenceUnavailable`: what `withReference` names can't be loaded, and none is kept, or one that is older than its
 *   `staleAfter`. Nothing was lost: what needs it is read, or reduced, once it is there. **Retry:** helps, and is made: by
 *   each turn for 45 seconds, and by the next start. **Do:** look at what `load` asks; the message, and the log of
 *   ProcessShards or ReduceKeyGroup, say how it failed.
 * - `InvalidInput`: a function was called with something that it does not take. **Retry:** no. **Do:** deploy functions
 *   and state machine together. From `runPipeline`, correct the option that the message names.
 * - `InvalidPipeline`: the pipeline has wrong options, or its schema or a callback is asynchronous. **Retry:** no.
 *   **Do:** read the message: it names every problem.
 * - `FingerprintChanged`: keys, window, aggregates, `accumulation` or `parallelism` are not those of the saved state, and
 *   it can't be gone on with. **Retry:** no. **Do:** go back, or give the pipeline another name. An aggregate that is new
 *   may start empty (`newAggregates`). For another `parallelism`, `sluice repartition --groups` divides what is saved. See
 *   docs/operations.md#deploying-new-code.
 * - `StreamRecreated`: the stream was deleted and created again. Sequence numbers of the old stream mean nothing in the
 *   new one. **Retry:** no. **Do:** give the pipeline another name. See
 *   docs/operations.md#the-stream-was-deleted-and-created-again.
 * - `StreamNotFound`: the source does not exist. **Retry:** only once it exists. **Do:** create it, or correct its name.
 * - `DataLoss`: `failOnDataLoss` is true and retention has passed over a shard. **Retry:** no: what is gone stays gone.
 *   **Do:** decide. Set it to `false` to go on from what is left. See docs/operations.md#data-loss.
 * - `CorruptCheckpoint`: Kinesis does not take a saved sequence number. In an executor it concerns one shard only.
 *   **Retry:** no. **Do:** start under another name.
 * - `MissingItem`: something that the head names is not in the table, or the pipeline that a command names has never run on
 *   it. **Retry:** no. **Do:** correct the pipeline's name or the table's. Else ask whether the table was restored, or edited,
 *   and restore it to a moment before.
 * - `UnknownFormat`: an item has a format version that this code can't read, or not the form of its version: newer code
 *   wrote it, or somebody edited it. The message names the item, its kind and its version. Nothing was changed by the
 *   code that refused it. **Retry:** no. **Do:** deploy the code that wrote it, or newer.
 * - `PayloadTooLarge`: an answer of a function exceeds what a state may pass on. **Retry:** no. **Do:** report it,
 *   please: it should not happen.
 * - `NotAllowed`: access was denied, a role can't be assumed, there is no such table or sink stream, or a key is
 *   disabled. Of a command: the pipeline is at work, or has something to finish first. **Retry:** only once that is corrected.
 *   **Do:** correct the role, the name or the key, or what the message says. See
 *   docs/operations.md#streams-of-other-accounts.
 * - `AllTasksFailed`: no task could read anything for 45 seconds. **Retry:** the next start tries again. **Do:** look at
 *   the log of ProcessShards, which says why; with more than 40 tasks also at that of the state machine, whose waves may not have started.
 * - `ConsumerNotOwned`: the enhanced fan-out consumer exists and is tagged for another pipeline, or not at all.
 *   **Retry:** no. **Do:** name another one with `subscribeToShard.consumerName`, or take it with `adopt: true`.
 * - `TooManyCrashes`: executors died of more than 5 events within an hour, or of events in more than a quarter of the
 *   shards (of two shards is always allowed). Or reducers died of more than 5 rows of one key group in one batch. It is
 *   the code, or the memory it is given, not single events: none of those over the limit became a dead letter. **Retry:**
 *   the first turn of the next start tries the events once more. **Do:** mend the code, deploy it, start again.
 * - `TooManyRows`: a key group has more results than the `maxRows` of `outputMode('complete')`. The batch is kept as it is, and
 *   nothing of it was written. **Retry:** no. **Do:** deploy with a higher `maxRows`, or with `outputMode('update')`: either goes
 *   on with that very batch.
 * - `DeduplicationMemoryTooLarge`: what `deduplicate` has to know of a shard's earlier records takes more than 64 MB. The
 *   message names the senders that most of it is of. Nothing of the batch was counted. **Retry:** no. **Do:** set a shorter
 *   `deduplicate: { forgetAfter }`, have these senders read fewer events a batch, or split the shard. Or deploy once with
 *   `deduplicate: false`, which lets repeats pass, and then with it again: what is known begins anew.
 * - `ItemTooLarge`: something that is saved as one item of the table would exceed its 400 KB. The message names the item, its size
 *   and the attribute that most of it is in. It was not written. **Retry:** no. **Do:** give the pipeline more key groups, with
 *   `sluice repartition`. The reports of the batches before have warned of it. See docs/operations.md#limits.
 * - `StateTooLarge`: the state of a key group has to be in a reducer's memory at once, as one that is written anew for other aggregates,
 *   and can't be. The message says how much it takes at least. The batch is kept as it is, and nothing of it was written or given out. **Retry:** no, it is as large then. **Do:** deploy with more `memorySize`: it goes on with that very batch. Then have more key
 *   groups: `sluice repartition`. See docs/operations.md#limits.
 */
export type SluiceErrorName = RetryableErrorName | FatalErrorName;

/**
 * What Sluice throws of its own. Its `name` says what happened and what to do (`SluiceErrorName`); `cause` is what led to it,
 * where something did.
 *
 * @example
 * ```ts
 * const definition = pipeline('republish')
 *   .readStream(kinesis({ streamName: 'flights', maxFetchRecordsPerShard: 0 }))
 *   .decode(json(Flight))
 *   .writeStream(kinesis({ streamName: 'flights-again' }));
 *
 * try {
 *   runPipeline(definition, { events: [] });
 * } catch (error) {
 *   if (!(error instanceof SluiceError) || error.name !== 'InvalidPipeline') throw error;
 * }
 * ```
 */
export class SluiceError extends Error {
  /** Which of the errors it is: it decides what the state machine does. */
  override readonly name: SluiceErrorName;
  /** Whether another try can help. */
  readonly canRetry: boolean;

  constructor(name: SluiceErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
    this.canRetry = (retryableErrorNames as readonly string[]).includes(name);
  }
}
