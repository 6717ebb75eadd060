/**
 * Between a function and the services: latency, faults before and after each request, and the repeats of the SDK's
 * clients. A request is applied at one moment; who asked may by then be gone.
 */
import type { CallFault } from '../faults/fault.ts';
import { hollowed } from '../faults/hollow.ts';
import type { Injector } from '../faults/injector.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { type Push, Subscription } from '../services/kinesis/subscription.ts';
import { ServiceError } from '../services/service-error.ts';
import { eventOperation, isDelivery, isWrite, nameOfCall, type Request } from './calls.ts';
import type { Dimensions } from './dimensions.ts';
import { abortError, eventStreamOf } from './event-stream.ts';
import type { Invocation } from './invocation.ts';
import { Pushes } from './pushes.ts';

export type Outcome =
  | { readonly kind: 'done'; readonly output: object }
  | { readonly kind: 'refused'; readonly error: Error };

export type NetworkParts = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly injector: Injector;
  readonly dimensions: Pick<Dimensions, 'count'>;
  /** The service itself, at once. */
  readonly apply: (request: Request, invocation: Invocation) => object;
  /** How long the service itself took for an answer. */
  readonly tookMs?: (output: object) => number;
  /** What a subscription has to push now. */
  readonly push: (subscription: Subscription) => Push | undefined;
  /** Told of every request that reached its service. */
  readonly observe: (invocation: Invocation, call: string, request: Request, outcome: Outcome) => void;
  /** Faults that are about the execution, or the deployment, and not about the request. */
  /** A call sets out, whatever becomes of it. */
  readonly asked?: (invocation: Invocation, call: string) => void;
  readonly strike: (fault: CallFault, invocation: Invocation) => void;
  /** A step that has answered begins to write. */
  readonly tooLate: (invocation: Invocation, call: string) => void;
  /** A service threw what no service throws. */
  readonly broken: (error: unknown) => void;
};

const timeoutMs: Readonly<Record<Request['service'], number>> = {
  ...{ dynamodb: 1_500, kinesis: 4_000, lambda: 60_000 },
  ...{ firehose: 4_000, function: 60_000, s3: 4_000 },
};
const latencyMs: Readonly<Record<Request['service'], readonly [number, number]>> = {
  dynamodb: [2, 12],
  kinesis: [5, 40],
  lambda: [2, 20],
  firehose: [5, 40],
  function: [5, 120],
  s3: [5, 60],
};

export type CallOptions = { readonly abortSignal?: AbortSignal | undefined };

/** Of the SDK's standard mode: three tries, with full jitter between. A function that is called again runs again: one try. */
const maxTriesOf = ({ service }: Request): number => (service === 'function' ? 1 : 3);
const firstPauseMs = 50;

/** Stands still until others have written so often. */
type Sleeper = { readonly invocation: Invocation; writesLeft: number };

export class Network {
  readonly #parts: NetworkParts;
  #sleepers: Sleeper[] = [];

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** At the end: nobody writes any more. */
  wakeAll(): void {
    for (const { invocation } of this.#sleepers) invocation.wake();
    this.#sleepers = [];
  }

  /** As the SDK's clients do it: what can be repeated is. */
  async call(invocation: Invocation, request: Request, { abortSignal }: CallOptions = {}): Promise<object> {
    return unlessAborted(this.#call(invocation, request, abortSignal), abortSignal);
  }

  async #call(invocation: Invocation, request: Request, signal: AbortSignal | undefined): Promise<object> {
    const { random } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      if (signal?.aborted) throw abortError();
      try {
        return await this.attempt(invocation, request, signal);
      } catch (error) {
        const isLast = attempt === maxTriesOf(request);
        if (isLast && isLost(error as ServiceError)) this.#parts.dimensions.count('all tries of a request lost');
        if (isLast || !isRepeatable(error as ServiceError, request)) throw error;
        await invocation.sleep(random.next() * firstPauseMs * 2 ** attempt);
      }
    }
  }

  /** One request. */
  async attempt(invocation: Invocation, request: Request, signal?: AbortSignal): Promise<object> {
    const { scheduler, random, injector } = this.#parts;
    const call = nameOfCall(request);
    await invocation.gate();
    if (invocation.isOver && isWrite(call)) this.#parts.tooLate(invocation, call);
    this.#parts.asked?.(invocation, call);
    const strikes = injector.strikesAt(invocation.step, call, scheduler.now);
    const [least, most] = latencyMs[request.service];
    await scheduler.sleep(random.int(least, most));
    const partial = strikes.before.find(({ kind }) => kind === 'partial');
    for (const fault of strikes.before) if (fault !== partial) await this.#before(fault, invocation, call, request);
    await this.#outage(invocation, request);
    await this.#hang(invocation, call, request);
    const outcome = this.#apply(invocation, call, request, partial !== undefined);
    let answer = outcome.kind === 'done' ? this.#answer(invocation, outcome.output, signal) : undefined;
    if (partial !== undefined && isDoneInPart(outcome)) this.#note(partial);
    if (outcome.kind === 'done') await this.#work(this.#parts.tookMs?.(outcome.output) ?? 0);
    for (const fault of strikes.after) {
      if (fault.kind === 'hollow') answer = this.#withHoles(fault, request, answer);
      else await this.#after(fault, invocation, call, request);
    }
    await scheduler.sleep(random.int(least, most));
    await invocation.gate();
    if (outcome.kind === 'refused') throw outcome.error;
    return answer!;
  }

  async #work(ms: number): Promise<void> {
    if (ms > 0) await this.#parts.scheduler.sleep(ms);
  }

  async #outage(invocation: Invocation, { service }: Request): Promise<void> {
    const { scheduler, injector } = this.#parts;
    if (service === 'lambda' || service === 's3' || isDelivery(service)) return;
    const size = injector.spanAt(`${service}-outage`, scheduler.now);
    if (size === undefined) return;
    injector.count(`${service}-outage`);
    if (size === 0) throw new ServiceError('InternalServerError', 'injected: an outage', 500);
    await scheduler.sleep(timeoutMs[service]);
    throw await timedOut(invocation);
  }

  async #hang(invocation: Invocation, call: string, request: Request): Promise<void> {
    const { scheduler, injector } = this.#parts;
    const { service } = request;
    if (service === 'lambda' || service === 's3' || isDelivery(service)) return;
    const hang = injector.stretchAt(`${service}-hang`, scheduler.now);
    if (hang === undefined) return;
    injector.count(`${service}-hang`);
    const limit = timeoutMs[service];
    const left = hang.until - scheduler.now;
    if (hang.size === 2 && left <= limit) {
      await scheduler.sleep(left);
      return;
    }
    if (hang.size === 1) this.#apply(invocation, call, request, false);
    if (hang.size === 2) scheduler.at(hang.until, () => void this.#apply(invocation, call, request, false));
    await scheduler.sleep(limit);
    throw await timedOut(invocation);
  }

  /** Kinesis begins to push when it has taken the call, whether or not its answer arrives. */
  #answer(invocation: Invocation, output: object, signal: AbortSignal | undefined): object {
    const { EventStream: subscription } = output as { readonly EventStream?: unknown };
    if (!(subscription instanceof Subscription)) return output;
    const { scheduler, random, injector, push, observe } = this.#parts;
    const events = eventStreamOf({
      scheduler,
      random,
      injector,
      invocation,
      pushes: new Pushes({ scheduler, subscription, take: () => push(subscription) }),
      signal,
      delivered: (event) =>
        observe(
          invocation,
          'event',
          { service: 'kinesis', operation: eventOperation, input: {} },
          { kind: 'done', output: event },
        ),
      anywhere: (fault) => this.#anywhere(fault, invocation),
    });
    return { EventStream: events };
  }

  #apply(invocation: Invocation, call: string, request: Request, isPart: boolean): Outcome {
    const { apply, observe } = this.#parts;
    let outcome: Outcome;
    try {
      outcome = { kind: 'done', output: apply(isPart ? { ...request, isPart } : request, invocation) };
    } catch (error) {
      outcome = { kind: 'refused', error: error as Error };
      // A fault of the simulation must not pass for one of the service.
      if (!(error instanceof ServiceError)) this.#parts.broken(error);
    }
    observe(invocation, call, request, outcome);
    if (outcome.kind === 'done' && isWrite(call)) this.#wroteBy(invocation);
    return outcome;
  }

  #wroteBy(writer: Invocation): void {
    if (this.#sleepers.length === 0) return;
    for (const sleeper of this.#sleepers) if (sleeper.invocation !== writer) sleeper.writesLeft -= 1;
    const awake = this.#sleepers.filter(({ writesLeft }) => writesLeft <= 0);
    this.#sleepers = this.#sleepers.filter(({ writesLeft }) => writesLeft > 0);
    for (const { invocation } of awake) invocation.wake();
  }

  async #before(fault: CallFault, invocation: Invocation, call: string, request: Request): Promise<void> {
    const { scheduler, random } = this.#parts;
    const limit = timeoutMs[request.service];
    switch (fault.kind) {
      case 'lost':
        this.#note(fault);
        await scheduler.sleep(limit);
        throw await timedOut(invocation);
      case 'error':
        this.#note(fault);
        throw new ServiceError('InternalServerError', 'injected: not applied', 500);
      case 'throttle':
        this.#note(fault);
        throw throttledBy(request, random);
      case 'quota':
        this.#note(fault);
        throw new ServiceError('LimitExceededException', 'injected');
      case 'taken-over':
        return this.#takeOver(fault, invocation, request);
      case 'expired':
        this.#note(fault);
        throw new ServiceError('ExpiredIteratorException', 'injected');
      case 'slow':
        this.#note(fault);
        if (fault.size <= limit) return scheduler.sleep(fault.size);
        // The client gives up first; what it sent still arrives.
        scheduler.at(scheduler.now + fault.size, () => void this.#apply(invocation, call, request, false));
        await scheduler.sleep(limit);
        throw await timedOut(invocation);
      default:
        return this.#anywhere(fault, invocation);
    }
  }

  /** Somebody else with this consumer was quicker. */
  #takeOver(fault: CallFault, invocation: Invocation, { input, ...request }: Request): void {
    try {
      const theirs = { ...(input as object), StartingPosition: { Type: 'LATEST' } };
      this.#parts.apply({ ...request, input: theirs }, invocation);
      this.#note(fault);
    } catch (error) {
      // It was not to be had for them either.
      if (!(error instanceof ServiceError)) throw error;
    }
  }

  async #after(fault: CallFault, invocation: Invocation, call: string, request: Request): Promise<void> {
    const { scheduler } = this.#parts;
    const limit = timeoutMs[request.service];
    switch (fault.kind) {
      case 'lost':
        this.#note(fault);
        await scheduler.sleep(limit);
        throw await timedOut(invocation);
      case 'error':
        this.#note(fault);
        throw new ServiceError('InternalServerError', 'injected: applied', 500);
      case 'slow':
        this.#note(fault);
        await scheduler.sleep(Math.min(fault.size, limit));
        if (fault.size > limit) throw await timedOut(invocation);
        return;
      default:
        if (call === 'invoke' || isWrite(call) || fault.kind !== 'expired') return this.#anywhere(fault, invocation);
    }
  }

  #withHoles(fault: CallFault, { operation }: Request, answer: object | undefined): object | undefined {
    const hollow = answer === undefined ? undefined : hollowed(operation, answer, fault.size);
    if (hollow !== undefined) this.#note(fault);
    return hollow ?? answer;
  }

  async #anywhere(fault: CallFault, invocation: Invocation): Promise<void> {
    this.#note(fault);
    switch (fault.kind) {
      case 'crash':
        invocation.fail('Runtime.ExitError', 'injected: the process ended');
        invocation.kill();
        break;
      case 'zombie':
        invocation.fail(this.#parts.random.pick(['Sandbox.Timedout', 'Lambda.Unknown', 'TimeoutError']), 'injected');
        invocation.freeze(fault.size);
        break;
      case 'sleeper':
        invocation.fail(this.#parts.random.pick(['Sandbox.Timedout', 'Lambda.Unknown', 'TimeoutError']), 'injected');
        invocation.fallAsleep();
        this.#sleepers.push({ invocation, writesLeft: fault.size });
        break;
      case 'halt':
        invocation.kill();
        this.#parts.strike(fault, invocation);
        break;
      case 'doubled':
        invocation.fail(this.#parts.random.pick(['Lambda.ServiceException', 'Lambda.SdkClientException']), 'injected');
        break;
      default:
        this.#parts.strike(fault, invocation);
    }
    await invocation.gate();
  }

  #note(fault: CallFault): void {
    this.#parts.injector.count(fault.kind, `${fault.step}/${fault.call} ${fault.when}`);
  }
}

/** Some records were refused, or some writes left undone. */
function isDoneInPart(outcome: Outcome): boolean {
  if (outcome.kind === 'refused') return false;
  const {
    FailedRecordCount = 0,
    FailedPutCount = 0,
    UnprocessedItems = {},
  } = outcome.output as {
    readonly FailedRecordCount?: number;
    readonly FailedPutCount?: number;
    readonly UnprocessedItems?: object;
  };
  return FailedRecordCount > 0 || FailedPutCount > 0 || Object.keys(UnprocessedItems).length > 0;
}

async function timedOut(invocation: Invocation): Promise<ServiceError> {
  await invocation.gate();
  return new ServiceError('TimeoutError', 'injected: no answer in time', 0);
}

function throttledBy(request: Request, random: Random): ServiceError {
  if (request.service === 's3')
    return random.chance(0.5)
      ? new ServiceError('SlowDown', 'injected', 503)
      : new ServiceError('ConditionalRequestConflict', 'injected: another write of that name is under way', 409);
  if (request.service === 'lambda') return new ServiceError('Lambda.TooManyRequestsException', 'injected');
  if (request.service === 'function') return new ServiceError('TooManyRequestsException', 'injected', 429);
  if (request.service === 'firehose') return new ServiceError('ServiceUnavailableException', 'injected', 503);
  const name = limitedCalls.has(nameOfCall(request))
    ? 'LimitExceededException'
    : 'ProvisionedThroughputExceededException';
  return new ServiceError(name, 'injected');
}

/** Those that Kinesis throttles by another name. */
const limitedCalls = new Set([
  'register',
  'describe-consumer',
  'deregister',
  'list-consumers',
  'list-tags',
  'tag',
  'subscribe',
]);

const throttling = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException', 'LimitExceededException']);
/** Told to who reads a shard, who paces himself. */
const readCalls = new Set(['GetRecords', 'GetShardIterator']);

function isRepeatable({ name, $metadata }: ServiceError, { service, operation }: Request): boolean {
  if (throttling.has(name)) return !(service === 'kinesis' && readCalls.has(operation));
  return isLost({ name, $metadata } as ServiceError);
}

const isLost = ({ name, $metadata }: ServiceError): boolean =>
  name === 'TimeoutError' || ($metadata?.httpStatusCode ?? 0) >= 500;

/** What was asked goes on all the same: a request that was sent arrives. */
export async function unlessAborted<Answer>(asked: Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
  if (signal === undefined) return asked;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(abortError());
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([aborted.promise, asked]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
