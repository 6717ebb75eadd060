/** Charts over the last batches: a panel is a line of `charts`, and what it draws of each batch. */
import { endOfTime } from '../../../functions/core/end-of-time.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import { added, type Bill, billOf, noUsage } from '../../cost/bill.ts';
import { usageOfBatch } from '../../cost/estimate.ts';
import type { History } from '../history.ts';
import type { Chart, Line, Panel } from './panel.ts';

export type ChartsModel = { readonly charts: readonly Chart[] };

type Of = (report: BatchProgress, seconds: number | null) => number | null;

const chartsPanel = (id: string, chartsOf: (history: History) => readonly Chart[]): Panel => ({
  id,
  model: ({ history }): ChartsModel => ({ charts: chartsOf(history) }),
});

/** A line for each of `lines`. */
const chart =
  (title: string, unit: Chart['unit'], lines: Readonly<Record<string, Of>>) =>
  ({ reports }: History): Chart => ({
    ...{ title, unit, at: reports.map(({ committedAt }) => committedAt) },
    lines: Object.entries(lines).map(([name, of]) => ({
      name,
      values: reports.map((report, at) => rounded(of(report, secondsSince(reports[at - 1], report)))),
    })),
  });

/** Null: nothing is before it. */
const secondsSince = (before: BatchProgress | undefined, { committedAt }: BatchProgress): number | null =>
  before === undefined ? null : Math.max(0.001, (committedAt - before.committedAt) / 1000);

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value * 100) / 100);
const perSecond =
  (of: (report: BatchProgress) => number): Of =>
  (report, seconds) =>
    seconds === null ? null : of(report) / seconds;

const events = chart('Events', 'per second', {
  read: perSecond(({ counters }) => counters.read),
  out: perSecond(({ counters }) => counters.emitted),
});
const bytes = chart('Bytes read', 'bytes per second', { bytes: perSecond((report) => report.bytes) });

export const ratesPanel = chartsPanel('rates', (history) => [events(history), bytes(history)]);

const watermarkGap = chart('Watermark behind the clock', 'ms', {
  gap: ({ watermark, committedAt }) =>
    watermark === null || watermark >= endOfTime ? null : Math.max(0, committedAt - watermark),
});

const openEntries = chart('Open entries of the key groups that a batch changed', 'count', {
  entries: ({ sizes }) => sizes.states?.total.entries ?? null,
});

export const windowsPanel = chartsPanel('windows', (history) => [watermarkGap(history), openEntries(history)]);

const left = chart('Left out', 'count', {
  late: ({ counters }) => counters.late,
  'dead-lettered': ({ counters }) => counters.deadLettered,
  'refused rows': ({ rows, refusedRows = [] }) =>
    rows?.refused ?? refusedRows.reduce((sum, { count }) => sum + count, 0),
});

export const leftOutPanel = chartsPanel('left-out', (history) => [left(history)]);

const shardsShown = 5;

/** Of the shards that are furthest behind now, and of the whole. */
export const lagPanel = chartsPanel('lag', ({ reports }) => {
  const last = reports.findLast(({ perShard = [] }) => perShard.length > 0);
  const worst = (last?.perShard ?? [])
    .toSorted(
      (one, other) => other.millisBehindLatest - one.millisBehindLatest || (one.shardId < other.shardId ? -1 : 1),
    )
    .slice(0, shardsShown);
  const behind = (shardId: string) =>
    reports.map(({ perShard = [] }) => perShard.find((each) => each.shardId === shardId)?.millisBehindLatest ?? null);
  return [
    {
      ...{ title: 'Behind the tip', unit: 'ms', at: reports.map(({ committedAt }) => committedAt) },
      lines: [
        { name: 'furthest', values: reports.map(({ millisBehindLatest }) => millisBehindLatest) },
        ...worst.map(({ shardId }) => ({ name: shortShard(shardId), values: behind(shardId) })),
      ],
    },
  ];
});

/** Reckoned from reports, and what the same would cost where the pipeline is deployed. It begins with the first batch that is shown. */
export const costPanel = chartsPanel('cost', ({ reports }) => {
  let usage = noUsage;
  const bills = reports.map((report, at) => {
    const executionSeconds = secondsSince(reports[at - 1], report) ?? 0;
    usage = added(usage, { ...usageOfBatch(report), executionSeconds });
    return billOf(usage);
  });
  const line = (name: string, of: (bill: Bill) => number): Line => ({
    name,
    values: bills.map((bill) => Number(of(bill).toPrecision(3))),
  });
  return [
    {
      ...{ title: 'Cost of these batches', unit: 'dollars', at: reports.map(({ committedAt }) => committedAt) },
      lines: [
        line('all', ({ total }) => total),
        line('Lambda', ({ lambda }) => lambda),
        line('DynamoDB', ({ dynamodb }) => dynamodb),
        line('S3', ({ s3 }) => s3),
        line('Step Functions', ({ stepFunctions }) => stepFunctions),
      ],
    },
  ];
});

/** Twelve digits, of which most are zeros. */
export const shortShard = (shardId: string): string => shardId.replace(/^shardId-0*(?=\d)/, 'shard ');
