/**
 * Lambda as a state machine sees it: cold starts, throttles, timeouts that end the caller's wait but not always the
 * function, answers that are lost, and versions that an execution keeps.
 */
import type { CallFault } from '../faults/fault.ts';
import type { Injector } from '../faults/injector.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { Invocation } from '../world/invocation.ts';
import { ServiceError } from './service-error.ts';
import type { Execution } from './step-functions/simulated-step-functions.ts';

export type LambdaParts = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly injector: Injector;
  /** Told of a function that had not answered when its time was over. */
  readonly cut?: (invocation: Invocation) => void;
  readonly timeoutSeconds: Readonly<Record<string, number>>;
  /** Runs the function's code; what it waits for goes through the invocation's gate. */
  readonly run: (invocation: Invocation) => Promise<unknown>;
  readonly strike: (fault: CallFault, invocation: Invocation) => void;
  readonly maxClockSkewMs: number;
  /** Share of calls that find no sandbox and wait for a new one. */
  readonly coldShare: number;
};

/** What a client waits for an answer that is lost. */
const lostAnswerMs = 3_000;

export class SimulatedLambda {
  readonly #parts: LambdaParts;
  #invocations = 0;
  #timeouts = 0;
  #failures = 0;

  constructor(parts: LambdaParts) {
    this.#parts = parts;
  }

  get timeouts(): number {
    return this.#timeouts;
  }

  /** Invocations that ended with an error, their own tries included: what they had sent the next one may not know. */
  get failures(): number {
    return this.#failures;
  }

  get invocations(): number {
    return this.#invocations;
  }

  async invoke(step: string, payload: unknown, version: number, execution: Execution): Promise<unknown> {
    const { scheduler, random, injector, coldShare } = this.#parts;
    const strikes = injector.strikesAt(step, 'invoke', scheduler.now);
    await scheduler.sleep(random.int(3, 15));
    if (injector.spanAt('invoke-throttle', scheduler.now) !== undefined && random.chance(0.5)) {
      injector.count('invoke-throttle');
      throw new ServiceError('Lambda.TooManyRequestsException', 'injected');
    }
    for (const fault of strikes.before) await this.#before(fault);
    await this.#outage();
    const coldMs = injector.spanAt('cold-starts', scheduler.now);
    if (coldMs !== undefined) injector.count('cold-starts');
    if (coldMs !== undefined || random.chance(coldShare)) await scheduler.sleep(random.int(200, coldMs ?? 600));
    const invocation = this.#start({ step, payload, version, execution });
    for (const fault of strikes.after) this.#after(fault, invocation);
    return invocation.answer;
  }

  async #outage(): Promise<void> {
    const { scheduler, random, injector } = this.#parts;
    const size = injector.spanAt('lambda-outage', scheduler.now);
    if (size === undefined) return;
    injector.count('lambda-outage');
    if (size === 0) throw new ServiceError('Lambda.ServiceException', 'injected: an outage');
    // Each sandbox ends as it starts: by its name nothing else than a function that died.
    await scheduler.sleep(random.int(200, 2_000));
    throw new ServiceError('Runtime.ExitError', 'injected: the runtime exited as it started');
  }

  #start(call: {
    readonly step: string;
    readonly payload: unknown;
    readonly version: number;
    readonly execution: Execution;
  }): Invocation {
    const { scheduler, random, timeoutSeconds, maxClockSkewMs } = this.#parts;
    this.#invocations += 1;
    const timeoutMs = timeoutSeconds[call.step]! * 1000;
    const invocation = new Invocation({
      ...call,
      id: `${call.step}-${this.#invocations}`,
      clockSkewMs: random.int(-maxClockSkewMs, maxClockSkewMs),
      timeoutMs,
      scheduler,
    });
    const cancelTimeout = scheduler.at(scheduler.now + timeoutMs, () => this.#timeOut(invocation));
    this.#parts.run(invocation).then(
      (value) => {
        cancelTimeout();
        invocation.succeed(value);
      },
      (error: Error) => {
        cancelTimeout();
        this.#failures += 1;
        invocation.fail(error.name, error.message);
        if (error.name === 'TimeoutError') this.#standStill(invocation);
      },
    );
    return invocation;
  }

  #timeOut(invocation: Invocation): void {
    if (invocation.isAnswered) return;
    this.#timeouts += 1;
    if (invocation.isAtWork) this.#parts.cut?.(invocation);
    invocation.fail('Sandbox.Timedout', 'the function was cut');
    invocation.kill();
  }

  /** The sandbox stands still after its answer, also in mid-work; it may be thawed for another call, or never. */
  #standStill(invocation: Invocation): void {
    const { random } = this.#parts;
    this.#timeouts += 1;
    if (random.chance(0.5)) invocation.kill();
    else invocation.freeze(random.span(500, 600_000));
  }

  async #before(fault: CallFault): Promise<void> {
    const { scheduler } = this.#parts;
    const where = `${fault.step}/invoke before`;
    if (fault.kind === 'throttle') {
      this.#parts.injector.count(fault.kind, where);
      throw new ServiceError('Lambda.TooManyRequestsException', 'injected');
    }
    if (fault.kind === 'lost' || fault.kind === 'error') {
      this.#parts.injector.count(fault.kind, where);
      await scheduler.sleep(fault.kind === 'lost' ? lostAnswerMs : 0);
      throw new ServiceError(
        fault.kind === 'lost' ? 'Lambda.SdkClientException' : 'Lambda.ServiceException',
        'injected',
      );
    }
    if (fault.kind === 'slow') {
      this.#parts.injector.count(fault.kind, where);
      await scheduler.sleep(Math.min(fault.size, 2_500));
    }
  }

  /** The function has begun. */
  #after(fault: CallFault, invocation: Invocation): void {
    const { scheduler, injector, strike } = this.#parts;
    const note = () => injector.count(fault.kind, `${fault.step}/invoke after`);
    if (fault.kind === 'lost') {
      note();
      scheduler.at(scheduler.now + lostAnswerMs, () =>
        invocation.fail('Lambda.ClientExecutionTimeoutException', 'injected: the answer is lost'),
      );
    } else if (fault.kind === 'abort' || fault.kind === 'restart' || fault.kind === 'twin' || fault.kind === 'deploy') {
      note();
      strike(fault, invocation);
    }
  }
}
