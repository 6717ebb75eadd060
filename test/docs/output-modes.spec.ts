/** What the guide to output modes shows of each of them is what the engine makes of those events. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  count,
  json,
  kinesis,
  type PipelineDefinition,
  pipeline,
  runPipeline,
  session,
  sum,
  tumbling,
} from '../../functions/index.ts';
import { fenceNoted, readDocument } from './documents.ts';

const guide = readDocument('docs/guides/output-modes.md');
const timeOf = (text: string): number => Date.parse(`2026-03-01T${text}Z`);
const clockOf = (time: number): string => new Date(time).toISOString().slice(11, 16);

type Click = { readonly at: number; readonly amount: number };
const sink = kinesis({ streamName: 'counts' });
const clicks = (delay: '0 seconds' | '30 minutes') =>
  pipeline('clicks')
    .readStream(kinesis({ streamName: 'clicks' }))
    .decode(json(z.object({ at: z.number(), amount: z.number() })))
    .withWatermark((click) => click.at, { delay })
    .groupBy({});
const hours = clicks('30 minutes').window(tumbling('1 hour'));
const visits = clicks('0 seconds').window(session('30 minutes'));
const aggregates = { clicks: count(), total: sum((click: Click) => click.amount) };

/** How a drawing writes a row. */
type Writing = {
  readonly bounds: (start: number, end: number) => string;
  readonly value: 'clicks' | 'total';
  readonly revisions: 'told' | 'left out';
};

/** Lines of a drawing that begin with the number of a batch, cut into their cells. */
const rowsOf = (drawing: string): string[][] =>
  drawing
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.trimEnd().split(/ {2,}/));

/** Watermark and what was given out, batch by batch, as the drawings write it. */
function told<Row>(
  definition: PipelineDefinition<Click, Row>,
  batches: readonly (readonly Click[])[],
  { bounds, value, revisions }: Writing,
): string[][] {
  return runPipeline(definition, { batches }).map(({ results, versions, late, watermark }) => {
    const rows = versions.map(({ window: [start, end], revision, retracted }, at) => {
      const which = revision === 0 || revisions === 'left out' ? '' : ` (${revision})`;
      const row = results[at] as Readonly<Record<string, unknown>>;
      return `${retracted ? '−' : ''}${bounds(start, end)}${retracted ? '' : `: ${row[value]}`}${which}`;
    });
    const lates =
      late.length === 0
        ? []
        : [`${late.map((click) => clockOf((click as Click).at)).join(', ')} ${late.length > 1 ? 'are' : 'is'} late`];
    return [clockOf(watermark!.getTime()), [...rows, ...lates].join(', ') || '–'];
  });
}

const hoursOnly = (start: number, end: number): string => `${clockOf(start).slice(0, 2)}–${clockOf(end).slice(0, 2)}`;
const minutes = (start: number, end: number): string => `${clockOf(start)}–${clockOf(end)}`;
const clicksOf = (brings: string): Click[] => brings.split(' ').map((at) => ({ at: timeOf(at), amount: 1 }));

describe('the drawing of modes', () => {
  const drawing = fenceNoted(guide, 'modes');
  const rows = rowsOf(drawing);
  const batches = rows.map(([, brings]) => clicksOf(brings!));
  const late = hours.allowedLateness('1 hour').aggregate(aggregates).writeStream(sink);

  test.each([
    { name: 'append', definition: hours.aggregate(aggregates).writeStream(sink), cell: 3 },
    { name: "allowedLateness('1 hour')", definition: late, cell: 4 },
    { name: "both, with outputMode('update')", definition: late.outputMode('update'), cell: 5 },
  ])('has what $name gives out in every batch, and how many rows', ({ name, definition, cell }) => {
    const of = told(definition, batches, { bounds: hoursOnly, value: 'clicks', revisions: 'told' });
    expect(of).toEqual(rows.map((row) => [row[2], row[cell]]));
    const [head] = drawing.split('\n').map((line) => line.trimEnd().split(/ {2,}/));
    expect(head![cell]).toBe(name);
    const [, ...numbers] = drawing.split('\n').at(-2)!.trim().split(/ {2,}/);
    expect(Number(numbers[cell - 3])).toBe(of.reduce((sum, [, written]) => sum + written!.split(/: /).length - 1, 0));
  });
});

describe('the drawings of further modes', () => {
  const all = rowsOf(fenceNoted(guide, 'modes'));
  const late = hours.allowedLateness('1 hour').aggregate(aggregates).writeStream(sink);

  test.each([
    { drawing: 'complete', name: 'what complete mode gives out', definition: late.outputMode('complete'), cell: 3 },
    { drawing: 'parts', name: 'what update mode gives out', definition: late.outputMode('update'), cell: 3 },
    {
      ...{ drawing: 'parts', name: 'the parts that belong together', cell: 4 },
      definition: late.outputMode('update', { accumulation: 'discarding' }),
    },
  ])('have the clicks of the first, and $name', ({ drawing, definition, cell }) => {
    const rows = rowsOf(fenceNoted(guide, drawing));
    expect(rows.map((row) => row.slice(0, 3))).toEqual(all.slice(0, rows.length).map((row) => row.slice(0, 3)));
    const batches = rows.map(([, brings]) => clicksOf(brings!));
    const of = told(definition, batches, { bounds: hoursOnly, value: 'clicks', revisions: 'told' });
    expect(of).toEqual(rows.map((row) => [row[2], row[cell]]));
  });
});

describe('the drawing of sessions', () => {
  const rows = rowsOf(fenceNoted(guide, 'sessions'));
  const batches = rows.map(([, brings]) => clicksOf(brings!));
  const late = visits.allowedLateness('1 hour').aggregate(aggregates).writeStream(sink);

  test.each([
    { name: 'allowedLateness', definition: late, cell: 3 },
    { name: 'both', definition: late.outputMode('update'), cell: 4 },
  ])('has what $name gives out and takes back in every batch', ({ definition, cell }) => {
    const of = told(definition, batches, { bounds: minutes, value: 'clicks', revisions: 'left out' });
    expect(of).toEqual(rows.map((row) => [row[2], row[cell]]));
  });
});

test('the drawing of a filter has what it lets through and what it takes back', () => {
  const rows = rowsOf(fenceNoted(guide, 'filtered'));
  const amounts = rows.map(([, brings]) => Number(brings!.replace('−', '-')));
  const batches = amounts.map((amount, at) => [{ at: timeOf('09:00') + at, amount }]);
  const above = hours
    .aggregate(aggregates)
    .filter((row) => (row.total ?? 0) > 100)
    .writeStream(sink)
    .outputMode('update');
  const of = told(above, batches, { bounds: hoursOnly, value: 'total', revisions: 'told' });
  const totals = amounts.map((_, at) => String(amounts.slice(0, at + 1).reduce((sum, each) => sum + each, 0)));
  expect(of.map(([, written], at) => [totals[at], written])).toEqual(rows.map((row) => [row[2], row[3]]));
});
