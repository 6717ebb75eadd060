/**
 * Keeps what the page knows up to date, as long as somebody looks at it.
 *
 * WATCH-1 Nothing of the table is read while nobody looks.
 * WATCH-2 What was read stays when the table can't be read, and the page says so.
 * WATCH-3 One read goes on at a time, and each asks for what is new: the head and notes of troubles, and of a new batch its report and shards.
 * WATCH-4 What was read is judged as of when it was read: no lease runs out because the page has not looked.
 * WATCH-5 Reports and shards are of the pipeline that the head is of: they go when it goes, or goes back.
 */
import type { Head } from '../../functions/core/model.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import type { Trouble } from '../../functions/core/trouble.ts';
import { emptyHistory, type History, maxReports, withReports } from './history.ts';
import { afterStep, type LiveSteps, noSteps, type StepEvent } from './live-steps.ts';
import type { PageFacts, PageFinding, RowsShown } from './page-facts.ts';
import type { PageTable } from './page-table.ts';

export type PageWatch = {
  facts(): PageFacts;
  /** Calls `onChange` once the table was read, or could not be, and then whenever there may be something new, until it is ended. */
  look(onChange: () => void): () => void;
  /** A run on this machine tells what its steps do, and what came out. */
  onStep(event: StepEvent): void;
  onBatch(batchId: number, rows: ReadonlyMap<string, readonly unknown[]> | undefined): void;
  close(): void;
};

export type PageWatchOptions = {
  readonly pipeline: string;
  readonly mode: PageFacts['mode'];
  readonly table: Pick<PageTable, 'head' | 'report' | 'reports' | 'shards' | 'troubles'>;
  readonly now: () => number;
  readonly diagnose?: (facts: PageFacts) => readonly PageFinding[];
  readonly pollMs?: number;
};

const rowsKept = 30;
const defaultPollMs = 2_000;

type Known = {
  head: Head | undefined;
  readAt: number | undefined;
  /** Up to which batch reports were asked for; -1: none was. */
  upTo: number;
  history: History;
  shards: readonly ShardCheckpoint[];
  troubles: readonly Trouble[];
  live: LiveSteps | undefined;
  rows: RowsShown | undefined;
  trouble: string | undefined;
};

export function watchPage(options: PageWatchOptions): PageWatch {
  const { pipeline, mode, diagnose = () => [], pollMs = defaultPollMs } = options;
  const isRun = mode === 'run';
  const known: Known = {
    ...{ head: undefined, readAt: undefined, upTo: -1, history: emptyHistory },
    ...{ shards: [], troubles: [], trouble: undefined },
    ...{ live: isRun ? noSteps : undefined, rows: isRun ? {} : undefined },
  };
  const lookers = new Set<() => void>();
  const changed = () => {
    for (const onChange of lookers) onChange();
  };
  // What was read for those who looked before is old.
  let isFresh = false;
  const poll = poller(async () => {
    await readNew(known, options);
    isFresh = true;
    changed();
  }, pollMs);
  return {
    facts() {
      const facts: PageFacts = { pipeline, mode, ...known, findings: [] };
      return { ...facts, findings: diagnose(facts) };
    },
    look(onChange) {
      if (lookers.size === 0) isFresh = false;
      lookers.add(onChange);
      poll.soon();
      return () => {
        lookers.delete(onChange);
        if (lookers.size === 0) poll.rest();
      };
    },
    onStep(event) {
      known.live = afterStep(known.live ?? noSteps, event);
      if (isFresh) changed();
    },
    onBatch(batchId, rows) {
      known.rows = withRows(known.rows ?? {}, batchId, rows);
      if (lookers.size > 0) poll.soon();
    },
    close() {
      lookers.clear();
      poll.rest();
    },
  };
}

async function readNew(known: Known, { table, now }: Pick<PageWatchOptions, 'table' | 'now'>): Promise<void> {
  try {
    // Before the read: what is asked for now may be answered late, and is not older than this.
    const readAt = now();
    const head = await table.head();
    if (!goesOn(known, head)) Object.assign(known, { upTo: -1, history: emptyHistory, shards: [] });
    Object.assign(known, { head, readAt });
    known.troubles = head === undefined ? [] : await table.troubles();
    const { committed } = head ?? {};
    if (head !== undefined && committed !== undefined) {
      const from = Math.max(known.upTo + 1, committed.batchId - maxReports + 1);
      if (from <= committed.batchId) {
        const reports = await newReports(table, from, committed);
        known.shards = await table.shards(committed);
        known.history = withReports(known.history, reports);
        known.upTo = committed.batchId;
      }
    }
    known.trouble = undefined;
  } catch (error) {
    known.trouble = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** Not where there is none any more, another has its name, or it has gone back to an earlier batch. */
const goesOn = ({ head: before, upTo }: Known, head: Head | undefined): boolean =>
  head !== undefined &&
  (before === undefined || before.createdAt === head.createdAt) &&
  (head.committed?.batchId ?? -1) >= upTo;

/** Of one batch its report by its name; of several whatever lies between. */
async function newReports(
  table: PageWatchOptions['table'],
  from: number,
  committed: { readonly batchId: number; readonly ref: number },
): Promise<BatchProgress[]> {
  if (from === committed.batchId) {
    const report = await table.report(committed);
    return report === undefined ? [] : [report];
  }
  const reports: BatchProgress[] = [];
  for await (const report of table.reports(from, committed.batchId)) reports.push(report);
  return reports;
}

function withRows(
  before: RowsShown,
  batchId: number,
  rows: ReadonlyMap<string, readonly unknown[]> | undefined,
): RowsShown {
  const more = [...(rows ?? [])].map(([output, ofOutput]) => {
    const { count, last } = before[output] ?? { count: 0, last: [] };
    const all = [...last, ...ofOutput.slice(-rowsKept).map((row) => [batchId, row] as const)];
    return [output, { count: count + ofOutput.length, last: all.slice(-rowsKept) }] as const;
  });
  return { ...before, ...Object.fromEntries(more) };
}

/** Runs `read` again and again, never two at a time. `soon`: as soon as the one that runs is over. */
function poller(read: () => Promise<void>, everyMs: number): { soon(): void; rest(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  let isAsked = false;
  let isResting = true;
  const turn = async (): Promise<void> => {
    clearTimeout(timer);
    if (isReading) {
      isAsked = true;
      return;
    }
    isReading = true;
    await read();
    isReading = false;
    if (isResting) return;
    timer = setTimeout(turn, isAsked ? 0 : everyMs).unref();
    isAsked = false;
  };
  return {
    soon() {
      isResting = false;
      void turn();
    },
    rest() {
      isResting = true;
      clearTimeout(timer);
    },
  };
}
