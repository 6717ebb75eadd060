/**
 * The frame of every handler: input checked, errors typed, logs structured, answers measured.
 *
 * No payload is logged: fields are pipeline, step, batch, epoch and task, and counts.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import type { z } from 'zod';
import { SluiceError } from '../core/errors.ts';
import type { Log, Runtime } from './runtime.ts';

/** Of a state's input or output; Step Functions stops an execution over it, and no Catch can help. */
export const maxPayloadBytes = 262_144;

/** Before the function's own end: the SDK may be waiting, and Step Functions should learn a name. */
const timeoutEarlyInMillis = 500;

/** What is used of a Lambda context. */
export type StepContext = { readonly awsRequestId?: string; getRemainingTimeInMillis?(): number };

export type StepHandler = (event: unknown, context: StepContext) => Promise<unknown>;

export function createStepHandler<Input, Output>(step: {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly run: (input: Input, runtime: Runtime) => Promise<Output>;
  readonly runtime: Runtime;
}): StepHandler {
  const { runtime } = step;
  const base = async (event: unknown): Promise<Output> => {
    const input = parseInput(step.name, step.input, event);
    const log = withFields(runtime.log, { pipeline: runtime.pipeline.name, step: step.name, ...placeOf(input) });
    try {
      return measured(step.name, await step.run(input, { ...runtime, log }));
    } catch (error) {
      log.warn('failed', { error: error instanceof Error ? error.name : 'unknown', at: placeInCode(error) });
      throw withoutPayload(error);
    }
  };
  return middy({ timeoutEarlyInMillis }).handler(base) as unknown as StepHandler;
}

export function createLog(): Log {
  const logger = new Logger({ serviceName: process.env.POWERTOOLS_SERVICE_NAME ?? 'sluice' });
  return {
    info: (message, fields) => logger.info(message, fields ?? {}),
    warn: (message, fields) => logger.warn(message, fields ?? {}),
  };
}

function parseInput<Input>(name: string, schema: z.ZodType<Input>, event: unknown): Input {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
  throw new SluiceError('InvalidInput', `${name}: ${problems.join('; ')}`);
}

function measured<Output>(name: string, output: Output): Output {
  const bytes = Buffer.byteLength(JSON.stringify(output));
  if (bytes <= maxPayloadBytes) return output;
  throw new SluiceError(
    'PayloadTooLarge',
    `${name}: the answer has ${bytes} bytes; a state passes on ${maxPayloadBytes}`,
  );
}

/** Our own messages hold no payload; anybody else's may quote one, and Step Functions and Lambda log it. */
function withoutPayload(error: unknown): Error {
  if (error instanceof SluiceError) return error;
  const name = error instanceof Error ? error.name : 'UnknownError';
  const bare = new Error(`${name}; its message may hold data and is not passed on. The log says where it was thrown.`);
  bare.name = name;
  bare.stack = `${name}\n${placeInCode(error).join('\n')}`;
  return bare;
}

function placeInCode(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
}

/** Where in the run the input belongs: the numbers by which logs are found. */
function placeOf(input: unknown): Record<string, unknown> {
  const { batchId, epoch, task, ref, keyGroup, run } = input as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries({ batchId, epoch, task, ref, keyGroup, run }).filter(([, value]) => value !== undefined),
  );
}

function withFields(log: Log, fields: Record<string, unknown>): Log {
  return {
    info: (message, more) => log.info(message, { ...fields, ...more }),
    warn: (message, more) => log.warn(message, { ...fields, ...more }),
  };
}
