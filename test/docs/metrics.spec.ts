/** docs/reference/metrics.md is written from the lists of metrics and alarms. */
import { expect, test } from 'vitest';
import { isGivenOut, type MetricKind, metricKinds, metricNames } from '../../functions/pipeline/metrics.ts';
import { alarmKinds, alarmNames } from '../../infra/observability/alarms/index.ts';
import { readDocument, section, tableIn, withGenerated } from './documents.ts';

const path = 'docs/reference/metrics.md';
const text = readDocument(path);

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function metricTable(): string {
  const rows = metricNames.map((name) => {
    const { unit, statistic, set, by, andInAll, says }: MetricKind = metricKinds[name];
    const dimension = by === undefined ? '' : andInAll === true ? `\`${by}\` as well` : `\`${by}\``;
    return row([`\`${name}\``, unit, statistic, `\`${set}\``, dimension, says]);
  });
  return [row(['Metric', 'Unit', 'Statistic', 'Set', 'By', 'Of what']), row(Array(6).fill('---')), ...rows].join('\n');
}

function alarmTable(): string {
  const rows = alarmNames.map((name) => {
    const { unit, threshold, rule } = alarmKinds[name];
    const least = threshold({ triggerMs: 0 });
    const { periods, ofPeriods, period } = rule(least);
    const minutes = `${periods} of ${ofPeriods} periods of ${period.toMinutes()} min`;
    return row([
      `\`${name}\``,
      `${least} ${unit}${name === 'stalled' ? ', or three triggers up to a week' : ''}`,
      minutes,
    ]);
  });
  return [row(['Alarm', 'From', 'In']), row(Array(3).fill('---')), ...rows].join('\n');
}

test('the page has each metric and each alarm', async () => {
  const written = withGenerated(withGenerated(text, 'metrics', metricTable()), 'alarms', alarmTable());
  await expect(written).toMatchFileSnapshot(`../../${path}`);
});

test('it counts them for what they cost', () => {
  const costs = Object.fromEntries(tableIn(section(text, '## What they cost')).map(([what, cost]) => [what, cost]));
  const ofPipeline = (set: 'essential' | 'all') => metricNames.filter((name) => isGivenOut(name, set)).length;
  expect(costs['the essential metrics']).toBe(`${ofPipeline('essential')} × $0.30`);
  const steps = 5;
  expect(costs['all metrics']).toMatch(new RegExp(`^${ofPipeline('all') + steps} × \\$0.30`));
  expect(costs['all alarms']).toMatch(new RegExp(`^${alarmNames.length + 1} × \\$0.10`));
});

test('operations says of each alarm what it means when nothing comes', () => {
  const rows = tableIn(section(readDocument('docs/operations.md'), '## Alarms'));
  expect(rows.map(([name]) => name!.replaceAll('`', ''))).toEqual([...alarmNames]);
});
