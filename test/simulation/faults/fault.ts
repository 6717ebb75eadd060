/**
 * Faults as values, and the text form in which a run prints them and takes them back.
 *
 *   crash@commit-batch/commit:after#3       when commit-batch writes its third commit, the process dies after it
 *   zombie:40000@seal-batch/seal:before#1   it stands still for 40 s; meanwhile its caller is told that it failed
 *   sleeper:4@seal-batch/seal:before#1      it stands still until others have written four times
 *   skew:30000@t60000+120000                from 60 s on, for 120 s, arrival stamps are up to 30 s off
 */

/** Strike at a call of a step: before the service has it, or after the service has done it. */
export const callFaultKinds = [
  'crash',
  'zombie',
  'sleeper',
  'halt',
  'doubled',
  'slow',
  'lost',
  'error',
  'throttle',
  'partial',
  'expired',
  'abort',
  'restart',
  'twin',
  'deploy',
] as const;

/** Strike at calls of enhanced fan-out only. */
export const fanOutFaultKinds = ['ended', 'stream-error', 'taken-over', 'deregistered', 'quota'] as const;
/** The answer comes without one of its members: which, by the size. Drawn apart from the others. */
export const answerFaultKinds = ['hollow'] as const;
const everyCallFaultKind = [...callFaultKinds, ...fanOutFaultKinds, ...answerFaultKinds] as const;
export type CallFaultKind = (typeof everyCallFaultKind)[number];

/** Lie over a stretch of time. */
export const spanFaultKinds = [
  'skew',
  'stale-listing',
  'stretch',
  'short-pages',
  'sick-shard',
  'refused-trimmed',
  'sink-refusals',
  'no-schedule',
  'late-schedule',
  'double-schedule',
  'cold-starts',
  'invoke-throttle',
  'ttl-sweep',
  'stale-reads',
  'time-jump',
] as const;

/** Lie over a stretch of time where a pipeline goes from fan-out to polling. */
export const fanOutSpanKinds = ['refused-continuation'] as const;
/** A whole service is gone: 0 it fails each call, 1 it answers none (functions: none of them starts). */
export const outageKinds = ['kinesis-outage', 'dynamodb-outage', 'lambda-outage'] as const;
/**
 * A service takes requests and answers none: 0 what is asked is not done, 1 it is, 2 it is once the service goes on, and who
 * still waits then is answered.
 */
export const hangKinds = ['kinesis-hang', 'dynamodb-hang'] as const;
const everySpanFaultKind = [...spanFaultKinds, ...fanOutSpanKinds, ...outageKinds, ...hangKinds] as const;
export type SpanFaultKind = (typeof everySpanFaultKind)[number];

export type FaultKind = CallFaultKind | SpanFaultKind;

export type CallFault = {
  readonly kind: CallFaultKind;
  /**
   * Milliseconds of slowness or standstill; writes of others, for a sleeper; how often, for throttle, partial and quota;
   * which, for errors of a stream.
   */
  readonly size: number;
  readonly step: string;
  readonly call: string;
  readonly when: 'before' | 'after';
  /** Counted over the whole run, from 1. */
  readonly occurrence: number;
};

export type SpanFault = {
  readonly kind: SpanFaultKind;
  readonly size: number;
  /** Milliseconds after the start of the run. */
  readonly from: number;
  readonly forMs: number;
};

export type Fault = CallFault | SpanFault;

export const isCallFault = (fault: Fault): fault is CallFault => 'call' in fault;

export function describeFault(fault: Fault): string {
  const what = fault.size === 0 ? fault.kind : `${fault.kind}:${fault.size}`;
  if (isCallFault(fault)) return `${what}@${fault.step}/${fault.call}:${fault.when}#${fault.occurrence}`;
  return `${what}@t${fault.from}+${fault.forMs}`;
}

export const describeScript = (faults: readonly Fault[]): string => faults.map(describeFault).join(';');

const callForm = /^([a-z-]+)(?::(-?\d+))?@([a-z-]+)\/([a-z-]+):(before|after)#(\d+)$/;
const spanForm = /^([a-z-]+)(?::(-?\d+))?@t(\d+)\+(\d+)$/;

export function parseScript(text: string): Fault[] {
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseFault);
}

function parseFault(text: string): Fault {
  const atCall = callForm.exec(text);
  if (atCall !== null) {
    const [, kind = '', size = '0', step = '', call = '', when = '', occurrence = ''] = atCall;
    if (!isOneOf(everyCallFaultKind, kind)) throw unknownFault(text, everyCallFaultKind);
    return {
      kind,
      size: Number(size),
      step,
      call,
      when: when === 'after' ? 'after' : 'before',
      occurrence: Number(occurrence),
    };
  }
  const inSpan = spanForm.exec(text);
  if (inSpan === null) throw unknownFault(text, [...everyCallFaultKind, ...everySpanFaultKind]);
  const [, kind = '', size = '0', from = '', forMs = ''] = inSpan;
  if (!isOneOf(everySpanFaultKind, kind)) throw unknownFault(text, everySpanFaultKind);
  return { kind, size: Number(size), from: Number(from), forMs: Number(forMs) };
}

const isOneOf = <Value extends string>(values: readonly Value[], value: string): value is Value =>
  (values as readonly string[]).includes(value);

const unknownFault = (text: string, kinds: readonly string[]): Error =>
  new Error(
    `faults: ${text} is no fault; use kind[:size]@step/call:before|after#n or kind[:size]@t<ms>+<ms>, with one of ${kinds.join(', ')}`,
  );
