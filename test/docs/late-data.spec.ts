/** The drawing of lateness says what the engine makes of an event, by where the watermark is. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { count, type Duration, json, kinesis, pipeline, runPipeline, tumbling } from '../../functions/index.ts';
import { fenceNoted, readDocument } from './documents.ts';

const [axis, ...lines] = fenceNoted(readDocument('docs/guides/late-data.md'), 'lateness').trimEnd().split('\n');
const [endColumn, lastColumn] = [axis!.indexOf('┬'), axis!.lastIndexOf('┬')];

/** One column is a minute; the window ends at 10:00. */
const end = Date.UTC(2026, 2, 1, 10);
const timeAt = (column: number): number => end + (column - endColumn) * 60_000;

const lateness = `${lastColumn - endColumn} minutes` as Duration;
const result = pipeline('lateness')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ key: z.string(), at: z.number() })))
  .withWatermark((event) => event.at, { delay: '0 seconds' })
  .groupBy({ key: (event) => event.key })
  .window(tumbling('1 hour'))
  .allowedLateness(lateness)
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'out' }));

describe('the drawing of lateness', () => {
  const words = [...lines[1]!.matchAll(/early|on-time|late events|late/g)];
  const columns = words.map(({ index }) => index);
  /** Each brings an event of the window, and one by which the watermark comes to where the word stands. */
  const batches = [...columns, lastColumn + 1].map((column) => [
    { key: 'window', at: timeAt(endColumn) - 1 },
    { key: 'mark', at: timeAt(column) },
  ]);
  const told = (mode: 'append' | 'update') =>
    runPipeline(result.outputMode(mode), { batches }).map(({ versions, late }) => [
      ...versions.filter(({ key }) => key === '["window"]').map(({ timing, revision }) => `${timing} ${revision}`),
      ...late.map(() => 'left out'),
    ]);

  test('has its marks where the window ends and where its lateness is over', () => {
    expect(['end', 'end + lateness'].map((mark) => lines[0]!.indexOf(mark))).toEqual([endColumn, lastColumn]);
    expect(words.map(([word]) => word)).toEqual(['early', 'on-time', 'late', 'late events']);
    expect([columns[1], columns[3]]).toEqual([endColumn, lastColumn]);
    expect(lines[3]!.indexOf('revision 0')).toBe(endColumn);
    expect(lines[3]!.indexOf('revision 1, 2 …')).toBe(columns[2]);
  });

  test('says what comes where: with an early result in update mode only, and corrections until lateness is over', () => {
    expect(told('update')).toEqual([['early 0'], ['on-time 1'], ['late 2'], ['late 3'], ['left out']]);
    expect(told('append')).toEqual([[], ['on-time 0'], ['late 1'], ['late 2'], ['left out']]);
  });
});
