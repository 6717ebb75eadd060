/**
 * The events of a subscription on their way into a function: faults strike at each, before the function has it or after.
 * As with the SDK's client, to stop iterating closes nothing: the connection lasts until its request is aborted.
 */
import type { CallFault } from '../faults/fault.ts';
import { hollowed } from '../faults/hollow.ts';
import type { Injector } from '../faults/injector.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { StreamedEvent } from '../services/kinesis/event-stream.ts';
import type { Push, SubscriptionEvent } from '../services/kinesis/subscription.ts';
import { ServiceError } from '../services/service-error.ts';
import { eventOperation } from './calls.ts';
import type { Invocation } from './invocation.ts';
import type { Pushes } from './pushes.ts';

export type EventStreamParts = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly injector: Injector;
  readonly invocation: Invocation;
  readonly pushes: Pushes;
  readonly signal: AbortSignal | undefined;
  /** Told of every event that is given out. */
  readonly delivered: (event: SubscriptionEvent) => void;
  /** Faults that are not about the stream. */
  readonly anywhere: (fault: CallFault) => Promise<void>;
};

/** What a stream fails with, by the size of the fault. Up to the third they pass. */
export const streamErrors = [
  'InternalFailureException',
  'ResourceInUseException',
  'KMSThrottlingException',
  'ResourceNotFoundException',
  'KMSInvalidStateException',
  'KMSDisabledException',
  'KMSAccessDeniedException',
  'KMSNotFoundException',
  'KMSOptInRequired',
] as const;

/** From a push to where the function is. */
const transferMs = [2, 20] as const;

type Step = { readonly done: true } | { readonly done: false; readonly event: SubscriptionEvent };
const over: Step = { done: true };

export function eventStreamOf(parts: EventStreamParts): AsyncIterable<StreamedEvent> {
  return { [Symbol.asyncIterator]: () => iterate(new Connection(parts)) };
}

async function* iterate(connection: Connection): AsyncGenerator<StreamedEvent> {
  for (;;) {
    const step = await connection.next();
    if (step.done) return;
    yield { SubscribeToShardEvent: step.event };
  }
}

class Connection {
  readonly #parts: EventStreamParts;
  readonly #aborted: Promise<Step>;
  /** Comes with the next event, which is then never given out. */
  #then: (() => Step) | undefined;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#aborted = new Promise((resolve, reject) => {
      const abort = (): void => {
        parts.pushes.close();
        // Where the request is aborted while its answer is read, the SDK's handlers do the one or the other.
        if (parts.random.chance(0.5)) resolve(over);
        else reject(abortError());
      };
      if (parts.signal?.aborted) abort();
      else parts.signal?.addEventListener('abort', abort, { once: true });
    });
    this.#aborted.catch(() => {});
  }

  next(): Promise<Step> {
    return Promise.race([this.#aborted, this.#next()]);
  }

  async #next(): Promise<Step> {
    const { scheduler, random, injector, invocation, pushes, delivered } = this.#parts;
    await invocation.gate();
    const push = this.#then === undefined ? await pushes.next() : undefined;
    const hang = injector.stretchAt('kinesis-hang', scheduler.now);
    if (hang !== undefined) await scheduler.sleep(hang.until - scheduler.now);
    await invocation.gate();
    if (push === undefined) return this.#then!();
    const strikes = injector.strikesAt(invocation.step, 'event', scheduler.now);
    for (const fault of strikes.before) {
      const end = await this.#before(fault);
      if (end !== undefined) return end();
    }
    if (push.kind !== 'event') return this.#last(push);
    delivered(push.event);
    let isLost = false;
    let { event } = push;
    for (const fault of strikes.after) {
      if (fault.kind === 'hollow') event = this.#withHoles(fault, event);
      else isLost = (await this.#after(fault)) || isLost;
    }
    await scheduler.sleep(random.int(...transferMs));
    await invocation.gate();
    return isLost ? over : { done: false, event };
  }

  #last(push: Exclude<Push, { readonly kind: 'event' }>): Step {
    if (push.kind === 'failure') throw push.error;
    return over;
  }

  /** What the stream does instead of giving the event. */
  async #before(fault: CallFault): Promise<(() => Step) | undefined> {
    if (fault.kind === 'slow') {
      this.#note(fault);
      await this.#parts.scheduler.sleep(fault.size);
    } else if (fault.kind === 'lost') {
      this.#note(fault);
      // Neither an event nor an end: the connection is dead, and only the function's own patience can tell.
      this.#parts.pushes.close();
      await new Promise<never>(() => {});
    } else if (isOfStream(fault)) {
      this.#note(fault);
      this.#parts.pushes.close();
      return () => endBy(fault);
    } else await this.#parts.anywhere(fault);
  }

  /** The event was sent. Whether it is lost; what else happens to the stream comes with the next one. */
  async #after(fault: CallFault): Promise<boolean> {
    if (fault.kind === 'slow') {
      this.#note(fault);
      await this.#parts.scheduler.sleep(fault.size);
    } else if (fault.kind === 'lost') {
      this.#note(fault);
      this.#parts.pushes.close();
      return true;
    } else if (isOfStream(fault)) {
      this.#note(fault);
      this.#parts.pushes.close();
      this.#then = () => endBy(fault);
    } else await this.#parts.anywhere(fault);
    return false;
  }

  #withHoles(fault: CallFault, event: SubscriptionEvent): SubscriptionEvent {
    const hollow = hollowed(eventOperation, event, fault.size);
    if (hollow !== undefined) this.#note(fault);
    return (hollow as SubscriptionEvent | undefined) ?? event;
  }

  #note(fault: CallFault): void {
    this.#parts.injector.count(fault.kind, `${fault.step}/${fault.call} ${fault.when}`);
  }
}

const isOfStream = ({ kind }: CallFault): boolean => kind === 'error' || kind === 'ended' || kind === 'stream-error';

function endBy({ kind, size }: CallFault): Step {
  if (kind === 'ended') return over;
  const name = kind === 'error' ? 'InternalFailureException' : (streamErrors[size] ?? streamErrors[0]);
  throw new ServiceError(name, 'injected: in the stream', 200);
}

export const abortError = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' });
