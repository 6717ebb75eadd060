/** Says at each call which faults of the script strike there, and keeps count of those that did. */
import {
  type CallFault,
  type Fault,
  type FaultKind,
  isCallFault,
  type SpanFault,
  type SpanFaultKind,
} from './fault.ts';

export type Strikes = { readonly before: readonly CallFault[]; readonly after: readonly CallFault[] };

const none: Strikes = { before: [], after: [] };

export class Injector {
  readonly #byCall = new Map<string, CallFault[]>();
  readonly #spans: readonly SpanFault[];
  readonly #counts = new Map<string, number>();
  readonly #start: number;
  readonly #endsAt: number;
  /** How often each fault struck: by `kind step/call when`, and for spans by kind. */
  readonly hits = new Map<string, number>();

  constructor(faults: readonly Fault[], time: { readonly start: number; readonly endsAt: number }) {
    this.#start = time.start;
    this.#endsAt = time.endsAt;
    this.#spans = faults.filter((fault): fault is SpanFault => !isCallFault(fault));
    for (const fault of faults.filter(isCallFault)) {
      const place = `${fault.step}/${fault.call}`;
      const there = this.#byCall.get(place) ?? [];
      there.push(fault);
      this.#byCall.set(place, there);
    }
  }

  /** Counts the call and says what strikes at it. */
  strikesAt(step: string, call: string, now: number): Strikes {
    const place = `${step}/${call}`;
    const faults = this.#byCall.get(place);
    if (faults === undefined) return none;
    const occurrence = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, occurrence);
    if (now >= this.#endsAt) return none;
    const striking = faults.filter(
      (fault) => occurrence >= fault.occurrence && occurrence < fault.occurrence + repeats(fault),
    );
    return {
      before: striking.filter(({ when }) => when === 'before'),
      after: striking.filter(({ when }) => when === 'after'),
    };
  }

  /** The size of a span fault that lies over this moment; undefined if none does. */
  spanAt(kind: SpanFaultKind, now: number): number | undefined {
    return this.#spanOver(kind, now)?.size;
  }

  /** As above, with the moment at which it is over. */
  stretchAt(kind: SpanFaultKind, now: number): { readonly size: number; readonly until: number } | undefined {
    const span = this.#spanOver(kind, now);
    return span === undefined ? undefined : { size: span.size, until: this.#start + span.from + span.forMs };
  }

  #spanOver(kind: SpanFaultKind, now: number): SpanFault | undefined {
    if (now >= this.#endsAt) return undefined;
    const since = now - this.#start;
    for (const span of this.#spans) {
      if (span.kind === kind && since >= span.from && since < span.from + span.forMs) return span;
    }
    return undefined;
  }

  spansOf(kind: SpanFaultKind): readonly SpanFault[] {
    return this.#spans.filter((span) => span.kind === kind);
  }

  count(kind: FaultKind, where = ''): void {
    const name = where === '' ? kind : `${kind} ${where}`;
    this.hits.set(name, (this.hits.get(name) ?? 0) + 1);
  }
}

/** These strike so many calls in a row: one alone would be repeated by the SDK, and nobody would notice. */
const repeats = ({ kind, size }: CallFault): number =>
  kind === 'throttle' || kind === 'partial' || kind === 'quota' ? Math.max(1, size) : 1;
