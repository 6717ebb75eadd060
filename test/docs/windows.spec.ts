/** The drawings of windows are what the engine makes of those events. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, runPipeline, session, sliding, tumbling } from '../../functions/index.ts';
import { formatDuration } from '../../functions/pipeline/duration.ts';
import { windowKinds } from '../../functions/windows/index.ts';
import { firstEndOf, lastEndOf } from '../../functions/windows/panes.ts';
import { type CheckedSliding, slidingKind } from '../../functions/windows/sliding.ts';
import type { WindowDefinition } from '../../functions/windows/window-kind.ts';
import { codeIn, fenceNoted, readDocument, section, tableIn } from './documents.ts';

const guide = readDocument('docs/guides/windows.md');
const minuteMs = 60_000;
const timeOf = (text: string): number => Date.parse(`2026-03-01T${text}Z`);
const clockOf = (time: number | string): string => new Date(time).toISOString().slice(11, 16);

type Columns = { windowStart: string; windowEnd: string };
type Row = Columns & { clicks: number };
const clicks = (window: WindowDefinition<Columns, 'event-time'>) =>
  pipeline('clicks')
    .readStream(kinesis({ streamName: 'clicks' }))
    .decode(json(z.object({ at: z.number() })))
    .withWatermark((click) => click.at, { delay: '30 minutes' })
    .groupBy({})
    .window(window)
    .aggregate({ clicks: count() })
    .writeStream(kinesis({ streamName: 'counts' }));

const kinds = [
  { name: "tumbling('1 hour')", window: tumbling('1 hour') },
  { name: "sliding('1 hour', '30 minutes')", window: sliding('1 hour', '30 minutes') },
  { name: "session('30 minutes')", window: session('30 minutes') },
];

describe('the drawing of windows', () => {
  const drawing = fenceNoted(guide, 'windows');
  const left = drawing.split('\n')[0]!.indexOf('08:30');
  const column = (time: number | string) =>
    left + (Date.parse(new Date(time).toISOString()) - timeOf('08:30')) / minuteMs / 5;
  const marks = drawing.split('\n').find((line) => line.startsWith('clicks'))!;
  const times = [...marks.matchAll(/x/g)].map(({ index }) => timeOf('08:30') + (index - left) * 5 * minuteMs);

  /** From the start up to the column of the end, with the count in the middle. */
  function drawn({ windowStart, windowEnd, clicks: inside }: Row): string {
    const length = column(windowEnd) - column(windowStart);
    const before = Math.floor((length - 3) / 2);
    return `${' '.repeat(column(windowStart))}[${'─'.repeat(before)}${inside}${'─'.repeat(length - 3 - before)})`;
  }

  test.each(kinds)('has the windows of $name, each with its clicks', ({ name, window }) => {
    const { results } = runPipeline(clicks(window), { events: times.map((at) => ({ at })) });
    const lines = results.map((row) => drawn(row as Row));
    const told = drawing.slice(drawing.indexOf(`${name}\n`) + name.length + 1).split('\n\n')[0]!;
    expect(told.trimEnd().split('\n')).toEqual(lines);
  });

  test('has its times where they belong', () => {
    for (const { index, 0: text } of drawing.split('\n')[0]!.matchAll(/\d\d:\d\d/g))
      expect(index).toBe(column(timeOf(text)));
  });
});

describe('the drawing of closes', () => {
  const rows = fenceNoted(guide, 'closes')
    .split('\n')
    .map((line) => line.trimEnd().split(/ {2,}/))
    .filter(([batch]) => /^\d+$/.test(batch!));
  const batches = rows.map(([, brings]) => brings!.split(' ').map((at) => ({ at: timeOf(at) })));

  test.each(kinds.map((kind, at) => ({ ...kind, cell: 3 + at })))(
    'has what $name gives out in every batch',
    ({ window, cell }) => {
      const told = runPipeline(clicks(window), { batches }).map(({ watermark, results, late }) => [
        clockOf(watermark!.getTime()),
        [
          ...results.map(
            (row) => `${clockOf((row as Row).windowStart)}–${clockOf((row as Row).windowEnd)}: ${(row as Row).clicks}`,
          ),
          ...late.map((click) => `${clockOf((click as { at: number }).at)} is late`),
        ].join(', ') || '–',
      ]);
      expect(told).toEqual(rows.map((row) => [row[2], row[cell]]));
    },
  );
});

test('the drawing of days has those of the zone, with their hours', () => {
  const rows = fenceNoted(guide, 'days')
    .split('\n')
    .filter((line) => /^\d/.test(line));
  const told = rows.map((line) => line.split(/ {2,}/));
  const noons = [28, 29, 30].map((day) => ({ at: Date.UTC(2026, 2, day, 12) }));
  const { results } = runPipeline(clicks(tumbling('1 day', { zone: 'Europe/Berlin' })), { events: noons });
  expect(
    results.map((row) => {
      const { windowStart, windowEnd } = row as Row;
      const hours = (Date.parse(windowEnd) - Date.parse(windowStart)) / (60 * minuteMs);
      return [windowStart, windowEnd, String(hours)];
    }),
  ).toEqual(told);
});

test('the table of questions has every kind of window, and no other', () => {
  const told = tableIn(section(guide, '## Which window for which question')).flatMap(([, kind]) => codeIn(kind!));
  const kindOf = (code: string): string => /^\w+/.exec(code)![0];
  expect([...new Set(told.map(kindOf))].toSorted()).toEqual(
    windowKinds.all.map(({ usage }) => kindOf(usage)).toSorted(),
  );
});

test('the table of costs has the windows that an event is in, and the panes that it is counted in', () => {
  const told = tableIn(section(guide, '## What it costs in state')).filter(([window]) => window!.includes('sliding'));
  expect(told.length).toBeGreaterThan(2);
  for (const [window, windows, pane] of told) {
    const [size, every] = [...window!.matchAll(/'([^']+)'/g)].map(([, text]) => text as '1 hour');
    const options = slidingKind.read({ ...sliding(size!, every!) }, []) as CheckedSliding;
    const panes = slidingKind.panes(options);
    const numbers = Array.from({ length: 10_000 }, (_, at) => {
      const time = at * minuteMs;
      return (lastEndOf(panes, time) - firstEndOf(panes, time)) / panes.everyMs + 1;
    });
    const range = [...new Set([Math.min(...numbers), Math.max(...numbers)])];
    expect([windows, pane], window).toEqual([
      range.map((each) => each.toLocaleString('en')).join(' or '),
      formatDuration(panes.paneMs),
    ]);
  }
});
