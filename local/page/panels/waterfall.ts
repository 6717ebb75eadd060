/** The last batches, each with its steps one after the other, and how often each was tried. */
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import type { StepName } from '../../../functions/core/step-times.ts';
import type { StepSpan } from '../live-steps.ts';
import type { PageFacts } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type WaterfallModel = {
  /** The newest first. */
  readonly batches: readonly BatchBars[];
};

export type BatchBars = {
  /** Null: it is being made, and not sealed under a number yet. */
  readonly batchId: number | null;
  readonly kind: string;
  readonly events: number | null;
  /** When its first step began, or, where that is not known, when it was committed. */
  readonly at: number;
  /** From the first step's beginning to the last one's end. Null: not known. */
  readonly ms: number | null;
  readonly bars: readonly Bar[];
};

export type Bar = {
  readonly step: StepName;
  /** Behind the batch's beginning. */
  readonly from: number;
  /** Null: it runs. */
  readonly ms: number | null;
  /** How often it was tried; 1: it succeeded at once. */
  readonly tries: number;
};

const most = 15;

export const waterfallPanel: Panel = {
  id: 'waterfall',
  model: ({ history, live }: PageFacts): WaterfallModel => {
    const reports = history.reports.slice(-most).toReversed();
    const committed = reports.map((report, at) => barsOf(report, at === 0 ? (live?.committed ?? []) : []));
    const running = live === undefined || live.spans === live.committed ? [] : runningBars(live.spans);
    return { batches: [...running, ...committed] };
  },
};

/** `seen`: what the driver has seen of it, where its report does not tell. */
function barsOf(report: BatchProgress, seen: readonly StepSpan[]): BatchBars {
  const { batchId, kind, committedAt, counters, steps: times = [] } = report;
  const told: Timed[] =
    times.length > 0 ? times.map(({ step, at, ms, tries = 1 }) => ({ step, at, ms, tries })) : seen.map(timeOf);
  return { batchId, kind, events: counters.read, ...placed(told, committedAt) };
}

function runningBars(spans: readonly StepSpan[]): BatchBars[] {
  if (spans.length === 0 || !spans.some(({ running, failed }) => running > 0 || failed > 0)) return [];
  return [{ batchId: null, kind: 'running', events: null, ...placed(spans.map(timeOf), spans[0]!.at) }];
}

type Timed = { readonly step: StepName; readonly at: number; readonly ms: number | null; readonly tries: number };

const timeOf = ({ step, at, endedAt, failed }: StepSpan): Timed => ({
  ...{ step, at, ms: endedAt === undefined ? null : endedAt - at, tries: failed + 1 },
});

function placed(times: readonly Timed[], otherwise: number): Pick<BatchBars, 'at' | 'ms' | 'bars'> {
  if (times.length === 0) return { at: otherwise, ms: null, bars: [] };
  const at = Math.min(...times.map((time) => time.at));
  const ends = times.map((time) => (time.ms === null ? null : time.at + time.ms));
  return {
    at,
    ms: ends.includes(null) ? null : Math.max(...(ends as number[])) - at,
    bars: times.map(({ step, at: from, ms, tries }) => ({ step, from: from - at, ms, tries })),
  };
}
