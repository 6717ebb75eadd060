/**
 * Kinds of windows of event time: what the pipeline is given, and which windows an event is in, reckoned by hand. A new one is an
 * entry here, a field of `Scenario` and a draw.
 */
import { type Duration, globalWindow, session, sliding, tumbling } from '../../../functions/index.ts';
import type { AnyWindow } from '../../../functions/windows/index.ts';
import type { Bounds, Rules } from '../../windows/direct-computation.ts';
import type { Scenario } from './scenario.ts';
import { dayMs, daysAround } from './zones.ts';

export type SimulatedWindows = {
  readonly definition: AnyWindow;
  /** Windows of a key that overlap are one. */
  readonly merges?: true;
  /** All of a key are one, for good. */
  readonly isTotal?: true;
  readonly windowsOf: (at: number) => readonly Bounds[];
  /**
   * One at or before `at`: events are put around it. `last`: the event of the key before. Undefined: there is none.
   */
  readonly edgeBefore: (at: number, last: number | undefined) => number | undefined;
};

type Kind = (scenario: Scenario) => SimulatedWindows | undefined;

const kinds: readonly Kind[] = [
  function sessions({ gapMs }) {
    if (gapMs === undefined) return undefined;
    return {
      definition: session(spanOf(gapMs)),
      merges: true,
      windowsOf: (at) => [[at, at + gapMs]],
      edgeBefore: (_, last) => (last === undefined ? undefined : last + gapMs),
    };
  },
  function totals({ ttlMs }) {
    if (ttlMs === undefined) return undefined;
    return {
      definition: globalWindow({ ttl: spanOf(ttlMs) as '1 day' }),
      isTotal: true,
      windowsOf: (at) => [[at, at + ttlMs]],
      edgeBefore: (_, last) => (last === undefined ? undefined : last + ttlMs),
    };
  },
  /** Of no kind of windows: the step is `dropDuplicates`. */
  function passing({ withinMs }) {
    if (withinMs === undefined) return undefined;
    return {
      definition: session(spanOf(withinMs)),
      windowsOf: (at) => [[at, at + withinMs]],
      edgeBefore: (_, last) => (last === undefined ? undefined : last + withinMs),
    };
  },
  function daysOfZone({ zone }) {
    if (zone === undefined) return undefined;
    return {
      definition: tumbling(spanOf(zone.days * dayMs), { zone: zone.name }),
      windowsOf: (at) => [daysAround(zone, at)],
      edgeBefore: (at) => daysAround(zone, at)[0],
    };
  },
  function overlapping({ windowMs, slideMs }) {
    if (slideMs === undefined) return undefined;
    return {
      definition: sliding(spanOf(windowMs), spanOf(slideMs)),
      windowsOf(at) {
        const windows: Bounds[] = [];
        let start = Math.floor(at / slideMs) * slideMs;
        for (; start + windowMs > at; start -= slideMs) windows.push([start, start + windowMs]);
        return windows;
      },
      edgeBefore: (at) => Math.floor(at / slideMs) * slideMs,
    };
  },
  function oneAfterTheOther({ windowMs }) {
    const startOf = (at: number): number => Math.floor(at / windowMs) * windowMs;
    return {
      definition: tumbling(spanOf(windowMs)),
      windowsOf: (at) => [[startOf(at), startOf(at) + windowMs]],
      edgeBefore: startOf,
    };
  },
];

export const hasEventTime = ({ kind }: Pick<Scenario, 'kind'>): boolean => kind === 'windowed' || kind === 'wide';

export function windowsIn(scenario: Scenario): SimulatedWindows {
  for (const kind of kinds) {
    const windows = kind(scenario);
    if (windows !== undefined) return windows;
  }
  throw new Error('there is no kind of windows for this scenario');
}

/** What results are given out when: the rest is in the windows. */
export const modeRules = ({
  latenessMs,
  mode,
  discards,
}: Scenario): Pick<Rules<unknown>, 'latenessMs' | 'mode' | 'discards'> => ({
  ...(discards === undefined ? {} : { discards }),
  ...(latenessMs === undefined ? {} : { latenessMs }),
  ...(mode === undefined ? {} : { mode }),
});

/** The longest time that the ends of windows lie apart, roughly. */
export const widestWindowMs = ({ windowMs, zone }: Scenario): number =>
  zone === undefined ? windowMs : zone.days * dayMs;

export const spanOf = (ms: number): Duration => `${ms} milliseconds` as Duration;
