/** What the bundler gives to the handlers: see infra/bundle-step.ts. */

/** The user's pipeline file. */
declare module 'sluice-pipeline' {
  const definition: import('../pipeline/definition.ts').PipelineDefinition;
  export default definition;
}

/** Who assumes the roles of a pipeline's streams: `assumed-role.ts`, or `no-roles.ts` where it has none. */
declare module 'sluice-roles' {
  export const createRoleKeeper: typeof import('../adapters/credentials/assumed-role.ts').createRoleKeeper;
}

/** The package `@smithy/node-http-handler` itself, where `no-http2.ts` stands in its place. */
declare module 'sluice-http-handlers' {
  export * from '@smithy/node-http-handler';
}

/** The one package of the SDK's credentials that a function needs, without those that load others. */
declare module 'sluice-environment-credentials' {
  export const fromEnv: () => () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string }>;
}

/** Of steps that run no user code: what they know of the pipeline, a `BundledOutline` as JSON. */
declare const SLUICE_OUTLINE: string;

/*
 * Parts of the engine, kinds and adapters of sinks, and whether the pipeline uses them. `infra/bundle-step.ts` puts `true` or `false` in the place of each, so that
 * `globalThis.SLUICE_… !== false` is decided as the bundle is made, and what stands behind it is left out with its imports. Where nothing
 * is said, all are there.
 *
 * BUNDLED-1 Each is asked for where the engine hands over to the part, together with what the pipeline says: a bundle that has too much
 *    does the same.
 */

/** `consumerType: 'SubscribeToShard'`. */
declare var SLUICE_FAN_OUT: boolean | undefined;
/** `topRows`. */
declare var SLUICE_TOP_ROWS: boolean | undefined;
/** `dropDuplicates`, alone or before `groupBy`. */
declare var SLUICE_DROP_DUPLICATES: boolean | undefined;
/** `deduplicate` of a source. */
declare var SLUICE_DEDUPLICATE: boolean | undefined;
/** `withReference`. */
declare var SLUICE_REFERENCES: boolean | undefined;
/** `aggregate` of a `kinesis` sink. */
declare var SLUICE_AGGREGATE: boolean | undefined;
/** Roles of streams and of sinks. */
declare var SLUICE_ROLES: boolean | undefined;
/** A bucket for large values. */
declare var SLUICE_STATE_BUCKET: boolean | undefined;
/** Sinks that put files. */
declare var SLUICE_FILES: boolean | undefined;
/** Sinks that are called with parts of the stored rows. */
declare var SLUICE_CALLS: boolean | undefined;

/** Sinks, by their kinds. */
declare var SLUICE_CUSTOM_SINK: boolean | undefined;
declare var SLUICE_DYNAMODB_SINK: boolean | undefined;
declare var SLUICE_FIREHOSE_SINK: boolean | undefined;
declare var SLUICE_FOREACHBATCH_SINK: boolean | undefined;
declare var SLUICE_LAMBDA_SINK: boolean | undefined;
declare var SLUICE_S3_SINK: boolean | undefined;

/** Windows, in steps that run no user code. */
declare var SLUICE_GLOBAL_WINDOW: boolean | undefined;
declare var SLUICE_PER_MICRO_BATCH_WINDOW: boolean | undefined;
declare var SLUICE_SESSION_WINDOW: boolean | undefined;
declare var SLUICE_SLIDING_WINDOW: boolean | undefined;

/** Aggregates. The others are a few lines each. */
declare var SLUICE_COLLECT_AGGREGATE: boolean | undefined;
declare var SLUICE_COUNTDISTINCT_AGGREGATE: boolean | undefined;
declare var SLUICE_CUSTOM_AGGREGATE: boolean | undefined;
declare var SLUICE_FIRST_AGGREGATE: boolean | undefined;
declare var SLUICE_LAST_AGGREGATE: boolean | undefined;
declare var SLUICE_PERCENTILE_AGGREGATE: boolean | undefined;
declare var SLUICE_STDDEV_AGGREGATE: boolean | undefined;
declare var SLUICE_TOPK_AGGREGATE: boolean | undefined;
declare var SLUICE_VARIANCE_AGGREGATE: boolean | undefined;
