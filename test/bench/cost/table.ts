/** Days side by side, as the page on costs shows them. */
import { added, type Bill, billOf } from '../../../local/cost/bill.ts';
import { costOfDay, type Day, eventsOfDay } from './day.ts';

export type Row = { readonly shards: number; readonly keys: number; readonly load: string; readonly bill: Bill };

const triggerMs = 10_000;
const stopWhenIdleMs = 60_000;
/** Windows of a minute; each key in each batch. */
export const usualKeys = 100;

export const rowsOfShards = async (shards: number, keys = usualKeys): Promise<readonly Row[]> => {
  const day: Day = { shards, keys, triggerMs, isIdle: true };
  const [stopped, idle, busy] = [
    await costOfDay({ ...day, stopWhenIdleMs }),
    await costOfDay(day),
    await costOfDay({ ...day, isIdle: false }),
  ];
  const row = (load: string, usage: Parameters<typeof billOf>[0]): Row => ({ shards, keys, load, bill: billOf(usage) });
  return [
    row('idle, `stopWhenIdle`', stopped.usage),
    row('idle', idle.usage),
    row('10 %', added(busy.usage, eventsOfDay(day, 0.1))),
    row('full', added(busy.usage, eventsOfDay(day, 1))),
  ];
};

const parts = ['stepFunctions', 'schedule', 'lambda', 'dynamodb', 's3', 'total'] as const;
const dollars = (amount: number): string => amount.toFixed(amount < 10 ? 3 : 1);

export function markdownOf(rows: readonly Row[]): string {
  const head = ['Shards', 'Keys', 'Load', 'Step Functions', 'Schedule', 'Lambda', 'DynamoDB', 'S3', '$ a day'];
  const lines = rows.map(({ shards, keys, load, bill }) => [
    ...[shards.toLocaleString('en'), keys.toLocaleString('en'), load],
    ...parts.map((part) => dollars(bill[part])),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
