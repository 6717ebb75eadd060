/** From what was written to what the engine runs, or to everything that is wrong with it. */
import { checkDistinct, checkDuplicates, isOfEvents, refuseVersionsOfPassed } from './check-duplicates.ts';
import { checkGrouping } from './check-grouping.ts';
import { checkKinesisSource } from './check-kinesis.ts';
import { checkMode, refuseMode } from './check-modes.ts';
import { checkDecoder, checkOperations } from './check-operations.ts';
import { checkOutputs } from './check-outputs.ts';
import { checkReferences } from './check-references.ts';
import { refuseTopOfVersions } from './check-top-rows.ts';
import { type GroupingDefinition, isPipelineDefinition, type PipelineDefinition } from './definition.ts';
import { fingerprintOf } from './fingerprint.ts';
import { ownKinds } from './kinds.ts';
import { duration, oneOf, orWord, readOption, readOptions, text, trueOrFalse, wholeNumber } from './option-rules.ts';
import { isPlainObject } from './options.ts';

import { overrideOfOutput } from './output-override.ts';
import { type Aggregation, consumerNameOf, type KinesisSource, type Pipeline } from './pipeline.ts';
import { invalidPipeline, missing, notAllowed, type Problem } from './problems.ts';
import { mostKeyGroups, mostTasks, refuseTooMany, usualTasks } from './scale.ts';
import { checkStreamSettings } from './stream-location.ts';

/**
 * What the infrastructure, the command line or the environment sets instead of the file. `source` and `sink` are stream
 * names or ARNs. Region and endpoint go for source and sink; a region that stands in an ARN counts more. `sourceRole` and
 * `sinkRole` are ARNs that take the place of those in the file, or 'none'.
 */
export type PipelineOverrides = {
  /** Name or ARN of the stream to read. */
  readonly source?: string | undefined;
  /** Name or ARN of the stream that the first output writes. */
  readonly sink?: string | undefined;
  /** Names or ARNs of the streams that further outputs write, by the names of the outputs. */
  readonly sinks?: Readonly<Record<string, string | undefined>> | undefined;
  /** Region of both streams. */
  readonly region?: string | undefined;
  /** Endpoint of Kinesis for both streams, such as that of an emulator. */
  readonly endpointUrl?: string | undefined;
  /** ARN of the role to assume for the source, or 'none'. */
  readonly sourceRole?: string | undefined;
  /** ARN of the role to assume for the sink of the first output, or 'none'. */
  readonly sinkRole?: string | undefined;
  /** ARNs of the roles to assume for the sinks of further outputs, or 'none', by the names of the outputs. */
  readonly sinkRoles?: Readonly<Record<string, string | undefined>> | undefined;
  /** Source and sink are replaced later, by ones that are not known yet: whether they are one stream is asked then. */
  readonly allowLoop?: boolean | undefined;
};

/** What `checkPipeline` found: the pipeline as the engine takes it, or what is wrong with it. */
export type CheckedPipeline =
  | {
      /** 'valid' or 'invalid'. */
      readonly kind: 'valid';
      /** With its defaults filled in; durations in milliseconds. */
      readonly pipeline: Pipeline;
    }
  | {
      /** 'valid' or 'invalid'. */
      readonly kind: 'invalid';
      /** All of them: at least one. */
      readonly problems: readonly Problem[];
    };

const maxConsumerName = 128;

/** Of a pipeline, or of a savepoint. */
export const isPipelineName = (value: string): boolean => /^[A-Za-z0-9_.-]{1,128}$/.test(value);

const nameRule = text('a name of 1 to 128 letters, digits, _ . or -', isPipelineName, '');

const optionRules = {
  parallelism: wholeNumber({ atLeast: 1, atMost: mostKeyGroups }, 1),
  minBatchesToRetain: wholeNumber({ atLeast: 2 }, 100),
  shardsPerTask: orWord('auto', wholeNumber({ atLeast: 1, atMost: 1_000 }, 1)),
  maxTasks: wholeNumber({ atLeast: 1, atMost: mostTasks }, usualTasks),
  newAggregates: oneOf(['refuse', 'start-empty'], 'refuse'),
  deadLetterPayload: oneOf(['kept', 'none'], 'kept'),
  deadLetterRetention: duration({ atLeastMs: 3_600_000 }, 30 * 86_400_000),
};

const triggerRules = {
  every: duration({ atLeastMs: 0 }, 10_000),
  stopWhenIdle: duration({ atLeastMs: 1 }, undefined),
  availableNow: trueOrFalse(false),
};

/**
 * Checks what a file exports, without running anything: all wrong options are told at once. It takes any value, since a file may
 * export anything, and throws nothing.
 *
 * @example
 * ```ts
 * const definition = pipeline('republish')
 *   .readStream(kinesis({ streamName: 'flights', maxFetchRecordsPerShard: 0 }))
 *   .decode(json(Flight))
 *   .writeStream(kinesis({ streamName: 'flights-again' }));
 *
 * const checked = checkPipeline(definition);
 * const messages = checked.kind === 'invalid' ? checked.problems.map(({ message }) => message) : [];
 * ```
 */
export function checkPipeline(definition: unknown, overrides: PipelineOverrides = {}): CheckedPipeline {
  if (!isPipelineDefinition(definition)) return { kind: 'invalid', problems: [notADefinition(definition)] };
  const problems: Problem[] = [];
  const pipeline = readPipeline(definition, overrides, problems);
  return problems.length === 0 ? { kind: 'valid', pipeline } : { kind: 'invalid', problems };
}

/** Throws all problems as one `InvalidPipeline`. */
export function requirePipeline(definition: unknown, overrides: PipelineOverrides = {}): Pipeline {
  const checked = checkPipeline(definition, overrides);
  if (checked.kind === 'valid') return checked.pipeline;
  throw invalidPipeline(isPipelineDefinition(definition) ? String(definition.name) : '(none)', checked.problems);
}

function readPipeline(definition: PipelineDefinition, overrides: PipelineOverrides, problems: Problem[]): Pipeline {
  const { region, endpointUrl, source, sourceRole } = overrides;
  const settings = checkStreamSettings({ region, endpointUrl }, problems);
  if (definition.name === undefined) problems.push(missing('name', nameRule.allowed));
  const name = readOption('name', definition.name, nameRule, problems);
  const options = readOptions('options', definition.options, optionRules, problems);
  refuseTooMany(options, problems);
  const checkedSource = checkKinesisSource(
    definition.source,
    { ...settings, stream: source, role: sourceRole },
    problems,
  );
  checkConsumerName({ name, source: checkedSource }, problems);
  const kinds = definition.kinds ?? ownKinds;
  const decoder = checkDecoder(definition.decoder, problems);
  const operations = checkOperations(definition.operations, problems);
  const references =
    globalThis.SLUICE_REFERENCES === false ? [] : checkReferences(definition.references ?? [], problems);
  const hasWatermark = definition.operations.some((operation) => operation.kind === 'watermark');
  const { grouping } = definition;
  const grouped =
    grouping && checkKeyed(grouping, () => checkGrouping(grouping, kinds, hasWatermark, problems), problems);
  const around = {
    overrideOf: (id: string) => ({ ...settings, ...overrideOfOutput(id, overrides) }),
    source: overrides.allowLoop === true ? undefined : checkedSource,
  };
  refuseUnknown(definition, overrides, problems);
  const outputs = checkOutputs(definition, around, problems);
  if (grouped === undefined) refuseMode(definition, problems);
  if (globalThis.SLUICE_DROP_DUPLICATES !== false) refuseVersionsOfPassed(definition, problems);
  const aggregation =
    grouped?.operator === undefined ? grouped && checkMode(definition, grouped, outputs, problems) : grouped;
  if (globalThis.SLUICE_TOP_ROWS !== false && aggregation !== undefined)
    refuseTopOfVersions(definition, aggregation, problems);
  const trigger = checkTrigger(definition, checkedSource, problems);
  return {
    name,
    source: checkedSource,
    decoder,
    operations,
    references,
    aggregation,
    outputs,
    trigger,
    parallelism: options.parallelism,
    minBatchesToRetain: options.minBatchesToRetain,
    shardsPerTask: options.shardsPerTask,
    maxTasks: options.maxTasks,
    newAggregates: options.newAggregates,
    letterKeeping: { payload: options.deadLetterPayload, retentionMs: options.deadLetterRetention },
    fingerprint: fingerprintOf(aggregation),
  };
}

function checkKeyed(grouping: GroupingDefinition, grouped: () => Aggregation, problems: Problem[]): Aggregation {
  if (globalThis.SLUICE_DROP_DUPLICATES !== false) {
    return isOfEvents(grouping) ? checkDuplicates(grouping, problems) : checkDistinct(grouping, grouped(), problems);
  }
  return grouped();
}

/** What is told of an output that the file does not have is told of nothing. */
function refuseUnknown({ outputs }: PipelineDefinition, overrides: PipelineOverrides, problems: Problem[]): void {
  const further = outputs.slice(1).map(({ id }) => id);
  for (const option of ['sinks', 'sinkRoles'] as const) {
    for (const name of Object.keys(overrides[option] ?? {})) {
      if (further.includes(name)) continue;
      const allowed = further.length === 0 ? 'no name: there is no further output' : `one of ${further.join(', ')}`;
      problems.push(notAllowed(`override of ${option}`, name, allowed));
    }
  }
}

/** A run that ends by itself needs no other end beside it. */
function checkTrigger(definition: PipelineDefinition, source: KinesisSource, problems: Problem[]): Pipeline['trigger'] {
  const { every, stopWhenIdle, availableNow } = readOptions(
    'trigger',
    definition.triggerOptions,
    triggerRules,
    problems,
  );
  if (availableNow && stopWhenIdle !== undefined) {
    const { stopWhenIdle: value } = definition.triggerOptions;
    problems.push(notAllowed('trigger.stopWhenIdle', value, 'either stopWhenIdle or availableNow'));
  }
  if (availableNow && source.endingPosition !== undefined) {
    problems.push(notAllowed('trigger.availableNow', true, 'either availableNow or the endingPosition of the source'));
  }
  return { everyMs: every, stopWhenIdleMs: stopWhenIdle, availableNow };
}

/** The name that is made of the pipeline's own must be one that Kinesis takes. */
function checkConsumerName(named: Pick<Pipeline, 'name' | 'source'>, problems: Problem[]): void {
  const { consumerType, subscribeToShard } = named.source;
  if (consumerType === 'GetRecords' || subscribeToShard.consumerName !== undefined) return;
  if (consumerNameOf(named).length <= maxConsumerName) return;
  const allowed = `one of your own: 'sluice-' and the pipeline's name have more than ${maxConsumerName} characters`;
  problems.push(missing('source.subscribeToShard.consumerName', allowed));
}

function notADefinition(value: unknown): Problem {
  const isStage =
    typeof value === 'object' && value !== null && Object.values(value).some((step) => typeof step === 'function');
  return notAllowed(
    'pipeline',
    isStage && isPlainObject(value) ? `a chain that ends before writeStream` : value,
    'the result of pipeline(…)…writeStream(…), as the default export of its file',
  );
}
