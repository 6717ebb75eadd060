/**
 * The frame of every handler: input checked, errors typed, logs structured, answers measured, and an end in time.
 *
 * HANDLER-1 No payload is logged: fields are pipeline, step, batch, epoch and task, counts, and messages of our own errors.
 * HANDLER-2 Every end that is no result is logged with its cause; so is the result that ends the execution.
 * HANDLER-3 A step that runs out of time answers before its function is cut. Whatever its end, nothing it began outlasts
 *    it.
 */
import middy, { type MiddlewareObj, type Request } from '@middy/core';
import { StepLife } from '../adapters/step-life.ts';
import { SluiceError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { check, type Rule } from './message-rules.ts';
import type { Log, StepRuntime } from './step-runtime.ts';

/** Of a state's input or output; Step Functions stops an execution over it, and no Catch can help. */
export const maxPayloadBytes = 262_144;

/** Before the function's own end: the SDK may be waiting, and Step Functions should learn a name. */
const endEarlyMs = 500;

/** What is used of a Lambda context. */
export type StepContext = { readonly awsRequestId?: string; getRemainingTimeInMillis?(): number };

export type StepHandler = (event: unknown, context: StepContext) => Promise<unknown>;

/** All that the frame asks of a runtime. */
type Framed = StepRuntime<{ readonly clock: Clock }, { readonly name: string }>;

type Step<Input, Output, Runtime> = {
  readonly name: string;
  readonly input: Rule<Input>;
  readonly run: (input: Input, runtime: Runtime) => Promise<Output>;
  readonly runtime: Runtime;
};

/** middy's own early end goes by real timers and leaves the step running: see `timeUp`. */
const withoutTimer = { timeoutEarlyInMillis: 0 };

export function createStepHandler<Input, Output, Runtime extends Framed>(
  step: Step<Input, Output, Runtime>,
): StepHandler {
  return middy<Input, Output>(withoutTimer)
    .use(framed(step.name, step.runtime))
    .use(checkedInput(step.name, step.input))
    .handler((input, context) => withinTime(step, input, context)) as unknown as StepHandler;
}

/** First in and last out: every end is logged, and none tells a payload. */
function framed(name: string, runtime: Framed): MiddlewareObj {
  const logOf = ({ event }: Request): Log =>
    withFields(runtime.log, { pipeline: runtime.pipeline.name, step: name, ...placeOf(event) });
  return {
    after: (request) => {
      noteEnd(request.response, logOf(request));
      request.response = measured(name, request.response);
    },
    onError: (request) => {
      logOf(request).warn('failed', causeOf(request.error));
      request.error = withoutPayload(request.error);
    },
  };
}

function checkedInput<Input>(name: string, rule: Rule<Input>): MiddlewareObj {
  return {
    before: (request) => {
      request.event = parseInput(name, rule, request.event);
    },
  };
}

async function withinTime<Input, Output, Runtime extends Framed>(
  { name, run, runtime }: Step<Input, Output, Runtime>,
  input: Input,
  context: StepContext,
): Promise<Output> {
  const { clock } = runtime.ports;
  const life = new StepLife(() => clock.now());
  const log = withFields(runtime.log, { pipeline: runtime.pipeline.name, step: name, ...placeOf(input) });
  try {
    const running = run(input, { ...runtime, ports: life.portsOf(runtime.ports), log });
    return await Promise.race([running, timeUp(name, context, clock, life)]);
  } finally {
    life.end();
  }
}

/** An answer that ends the execution says why. */
function noteEnd(output: unknown, log: Log): void {
  const { next, reason } = (output ?? {}) as { readonly next?: unknown; readonly reason?: unknown };
  if (next === 'done') log.info('done', { reason });
}

/** Rejects shortly before the function would be cut. Timers may be early, and a function may have stood still. */
async function timeUp(name: string, context: StepContext, clock: Clock, life: StepLife): Promise<never> {
  while (context.getRemainingTimeInMillis !== undefined && !life.over.aborted) {
    const left = context.getRemainingTimeInMillis() - endEarlyMs;
    if (left <= 0) throw outOfTime(name, life.waitsFor());
    await clock.sleep(left, life.over);
  }
  return new Promise<never>(() => {});
}

function outOfTime(name: string, waitsFor: readonly string[]): Error {
  const shown = waitsFor.slice(0, mostNamed).join(', ');
  const doing = shown === '' ? 'it waited for no service' : `it waited for ${shown}`;
  const more = waitsFor.length > mostNamed ? ` and ${waitsFor.length - mostNamed} more` : '';
  return new StepTimeout(`${name} ran out of time; ${doing}${more}`);
}

const mostNamed = 3;

/** By the name that the state machine knows. */
class StepTimeout extends Error {
  override readonly name = 'TimeoutError';
}

function parseInput<Input>(name: string, rule: Rule<Input>, event: unknown): Input {
  const checked = check(rule, event);
  if (checked.kind === 'fits') return checked.value;
  throw new SluiceError('InvalidInput', `${name}: ${checked.problems.join('; ')}`);
}

function measured<Output>(name: string, output: Output): Output {
  const bytes = Buffer.byteLength(JSON.stringify(output));
  if (bytes <= maxPayloadBytes) return output;
  throw new SluiceError(
    'PayloadTooLarge',
    `${name}: the answer has ${bytes} bytes; a state passes on ${maxPayloadBytes}`,
  );
}

function causeOf(error: unknown): Record<string, unknown> {
  const name = error instanceof Error ? error.name : 'unknown';
  return { error: name, ...(isOurs(error) ? { cause: error.message } : {}), at: placeInCode(error) };
}

/** Our own messages hold no payload; anybody else's may quote one, and Step Functions and Lambda log it. */
const isOurs = (error: unknown): error is Error => error instanceof SluiceError || error instanceof StepTimeout;

function withoutPayload(error: unknown): Error {
  if (isOurs(error)) return error;
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
  const { batchId, epoch, task, ref, keyGroup, run } = (input ?? {}) as Record<string, unknown>;
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
