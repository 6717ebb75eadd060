/** What differs between deployments of one bundle comes from a function's environment. */
import { SluiceError } from '../core/errors.ts';
import type { PipelineOverrides } from '../pipeline/check-pipeline.ts';
import { type MetricSet, metricSets } from '../pipeline/metrics.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export function tableIn({ SLUICE_TABLE, SLUICE_DYNAMODB_ENDPOINT, ...rest }: Environment) {
  const table = optional(SLUICE_TABLE);
  if (table === undefined) {
    throw new SluiceError('InvalidInput', 'SLUICE_TABLE is not set; it names the DynamoDB table of checkpoints');
  }
  return {
    table,
    dynamodbEndpoint: optional(SLUICE_DYNAMODB_ENDPOINT),
    stateBucket: optional(rest.SLUICE_STATE_BUCKET),
    s3Endpoint: optional(rest.SLUICE_S3_ENDPOINT),
  };
}

export const overridesIn = (environment: Environment): PipelineOverrides => ({
  source: optional(environment.SLUICE_SOURCE),
  sink: optional(environment.SLUICE_SINK),
  sinks: namedIn(environment.SLUICE_SINKS),
  sourceRole: optional(environment.SLUICE_SOURCE_ROLE),
  sinkRole: optional(environment.SLUICE_SINK_ROLE),
  sinkRoles: namedIn(environment.SLUICE_SINK_ROLES),
  endpointUrl: optional(environment.SLUICE_KINESIS_ENDPOINT),
});

/** By the names of further outputs: `audit=arn:… copy=arn:…`. */
export const namedIn = (text: string | undefined): Readonly<Record<string, string>> | undefined =>
  optional(text) === undefined
    ? undefined
    : Object.fromEntries(
        text!.split(' ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      );

export const consumerIn = ({ SLUICE_CONSUMER }: Environment): string | undefined => optional(SLUICE_CONSUMER);

/** Set by the stack. Where it is not, nobody has asked for metrics. */
export function metricsIn({ SLUICE_METRICS }: Environment): MetricSet {
  const set = optional(SLUICE_METRICS) ?? 'none';
  const known = metricSets.find((one) => one === set);
  if (known !== undefined) return known;
  throw new SluiceError('InvalidInput', `SLUICE_METRICS is ${set}; it is one of ${metricSets.join(', ')}`);
}

export const executorIn = (environment: Environment) => ({
  consumerArn: consumerIn(environment),
  memoryMb: wholeNumberIn(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
});

const wholeNumberIn = (value: string | undefined): number | undefined =>
  /^[1-9]\d*$/.test(value ?? '') ? Number(value) : undefined;

/** A variable that the template declares empty is one that is not set. */
const optional = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
