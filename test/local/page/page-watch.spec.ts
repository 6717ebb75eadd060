/** What is read of the table for the page, and when (WATCH-1 to WATCH-5). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import { diagnose } from '../../../local/page/open-page.ts';
import { type PageWatch, type PageWatchOptions, watchPage } from '../../../local/page/page-watch.ts';
import { checkpoint, headOf, heldUntil, holderOf, hours, noon } from '../../support/builders.ts';
import { report } from './some-facts.ts';

const nameOf = (batchId: number) => ({ batchId, ref: batchId + 1 });

/** A table with reports of batches 0 to `committed`, and what was asked of it. */
function tableUpTo(committed: number | undefined) {
  const asked: string[] = [];
  const table = {
    committed,
    broken: false,
    createdAt: 1,
    leaseUntil: noon,
    asked,
    head: async () => {
      asked.push('head');
      if (table.broken) throw new TypeError('no answer');
      return table.committed === undefined
        ? undefined
        : headOf({
            createdAt: table.createdAt,
            holder: holderOf({ lease: heldUntil(table.leaseUntil) }),
            ...{ committed: nameOf(table.committed), sealed: nameOf(table.committed) },
          });
    },
    report: async ({ batchId }: { batchId: number }): Promise<BatchProgress | undefined> => {
      asked.push(`report ${batchId}`);
      return report(batchId);
    },
    async *reports(from: number, upTo: number) {
      asked.push(`reports ${from} to ${upTo}`);
      for (let batchId = from; batchId <= upTo; batchId++) yield report(batchId);
    },
    troubles: async () => {
      asked.push('troubles');
      return [];
    },
    shards: async ({ batchId }: { batchId: number }) => {
      asked.push(`shards ${batchId}`);
      return [checkpoint('a')];
    },
  };
  return table;
}

function watching(table: ReturnType<typeof tableUpTo>, given: Partial<PageWatchOptions> = {}): PageWatch {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const watch = watchPage({ pipeline: 'departures', mode: 'table', table, now: () => noon, pollMs: 1_000, ...given });
  onTestFinished(() => {
    watch.close();
    vi.useRealTimers();
  });
  return watch;
}

/** All that is under way without a timer. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settled();
}
const batches = (watch: PageWatch) => watch.facts().history.reports.map(({ batchId }) => batchId);

it('reads nothing while nobody looks, and nothing more once nobody does (WATCH-1)', async () => {
  const table = tableUpTo(1);
  const watch = watching(table);
  await pass(10_000);
  expect(table.asked).toEqual([]);
  const end = watch.look(() => {});
  await settled();
  expect(table.asked).toEqual(['head', 'troubles', 'reports 0 to 1', 'shards 1']);
  end();
  await pass(10_000);
  expect(table.asked).toHaveLength(4);
});

it('asks for the head and notes of troubles, and of a new batch for its report and shards (WATCH-3)', async () => {
  const table = tableUpTo(4);
  const watch = watching(table);
  watch.look(() => {});
  await settled();
  table.asked.length = 0;
  await pass(1_000);
  expect(table.asked).toEqual(['head', 'troubles']);
  table.committed = 5;
  await pass(1_000);
  expect(table.asked.slice(2)).toEqual(['head', 'troubles', 'report 5', 'shards 5']);
  table.committed = 8;
  await pass(1_000);
  expect(table.asked.slice(6)).toEqual(['head', 'troubles', 'reports 6 to 8', 'shards 8']);
  expect(batches(watch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it('begins with the last 300 of many batches', async () => {
  const table = tableUpTo(10_000);
  watching(table).look(() => {});
  await settled();
  expect(table.asked[2]).toBe('reports 9701 to 10000');
});

it('keeps what it has when the table gives no answer, says so, and goes on (WATCH-2)', async () => {
  const table = tableUpTo(1);
  const watch = watching(table);
  watch.look(() => {});
  await settled();
  table.broken = true;
  await pass(1_000);
  expect(watch.facts()).toMatchObject({ trouble: 'TypeError: no answer', head: { committed: { batchId: 1 } } });
  expect(batches(watch)).toEqual([0, 1]);
  table.broken = false;
  table.committed = 2;
  await pass(1_000);
  expect([watch.facts().trouble, batches(watch)]).toEqual([undefined, [0, 1, 2]]);
});

it('looks at once when a run says that a batch was committed, and tells rows and steps', async () => {
  const table = tableUpTo(undefined);
  const watch = watching(table, { mode: 'run' });
  const onChange = vi.fn();
  watch.look(onChange);
  await settled();
  table.committed = 0;
  watch.onBatch(0, new Map([['main', Array.from({ length: 40 }, (_, n) => ({ n }))]]));
  await settled();
  expect(batches(watch)).toEqual([0]);
  const { rows } = watch.facts();
  expect([rows?.main?.count, rows?.main?.last.length, rows?.main?.last.at(-1)]).toEqual([40, 30, [0, { n: 39 }]]);
  onChange.mockClear();
  watch.onStep({ step: 'plan', what: 'begins', at: noon });
  expect(onChange).toHaveBeenCalledTimes(1);
  expect(watch.facts().live?.spans).toMatchObject([{ step: 'plan', running: 1 }]);
});

it('does not say that nobody drives the pipeline because the page has not read (WATCH-4)', async () => {
  const table = tableUpTo(1);
  table.leaseUntil = noon + 60_000;
  let now = noon;
  const watch = watching(table, { now: () => now, diagnose });
  const end = watch.look(() => {});
  await settled();
  table.broken = true;
  now = noon + hours(1);
  await pass(1_000);
  expect(watch.facts()).toMatchObject({ readAt: noon, findings: [], trouble: 'TypeError: no answer' });
  end();
  table.broken = false;
  const onChange = vi.fn();
  watch.look(onChange);
  watch.onStep({ step: 'plan', what: 'begins', at: now });
  expect(onChange).not.toHaveBeenCalled();
  await settled();
  expect(onChange).toHaveBeenCalledTimes(1);
  // It was read, and its lease has run out since long.
  expect(watch.facts()).toMatchObject({ readAt: now, findings: [{ kind: 'no-driver', severity: 'critical' }] });
});

it('forgets reports of a pipeline that is gone, was made anew, or has gone back (WATCH-5)', async () => {
  const table = tableUpTo(3);
  const watch = watching(table);
  watch.look(() => {});
  await settled();
  table.committed = 1;
  await pass(1_000);
  expect(batches(watch)).toEqual([0, 1]);
  Object.assign(table, { committed: 2, createdAt: 2 });
  table.asked.length = 0;
  await pass(1_000);
  expect(table.asked).toContain('reports 0 to 2');
  table.committed = undefined;
  await pass(1_000);
  expect(watch.facts()).toMatchObject({
    head: undefined,
    shards: [],
    history: { reports: [], totals: { batches: 0 } },
  });
  table.committed = 0;
  await pass(1_000);
  expect(batches(watch)).toEqual([0]);
});

it('gives findings with the facts that they are made of', async () => {
  const watch = watching(tableUpTo(3), {
    diagnose: ({ history, head }) => [
      {
        kind: 'k',
        severity: 'info',
        subject: head?.pipeline ?? '',
        cause: `${history.reports.length} reports`,
        mend: '',
      },
    ],
  });
  watch.look(() => {});
  await settled();
  expect(watch.facts().findings).toMatchObject([{ cause: '4 reports' }]);
});
