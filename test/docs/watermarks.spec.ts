/** The drawing of watermarks is what the engine makes of those events. */
import { describe, expect, test } from 'vitest';
import { advanceWatermark, type Instant, later, watermarkOf } from '../../functions/core/watermark.ts';
import { isClosing, isLate } from '../../functions/core/windows.ts';
import { tumblingKind } from '../../functions/windows/tumbling.ts';
import { fenceNoted, readDocument } from './documents.ts';

const drawing = fenceNoted(readDocument('docs/concepts/watermarks.md'), 'watermark');
const hourMs = 3_600_000;
const options = { sizeMs: hourMs, offsetMs: 0 };
const spec = { kind: tumblingKind, options };
const windowOf = (time: number) => tumblingKind.assigner(options)(time)[0]!;
const rules = { delayMs: hourMs / 2, idleTimeoutMs: undefined };
const timeOf = (text: string): number => Date.parse(`2026-03-01T${text}Z`);

/** Two shards, each with an event and then a mark, or with what stayed as it was. */
const rows = drawing
  .split('\n')
  .map((line) => /^(\d+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(.*)$/.exec(line))
  .filter((match) => match !== null)
  .map(([, , first, firstMark, second, secondMark, watermark, what]) => ({
    events: [first!, second!].map(timeOf),
    marks: [firstMark!, secondMark!].map(timeOf),
    watermark: timeOf(watermark!),
    what: what!,
  }));

describe('the drawing of watermarks', () => {
  const seen: { readonly marks: Instant[]; readonly watermark: Instant; readonly late: string[] }[] = [];
  let shards = [0, 1].map(() => ({ watermark: null as Instant, idleSince: null as number | null }));
  let watermark: Instant = null;
  for (const { events } of rows) {
    const late = events.filter((time) => isLate(spec, windowOf(time), watermark));
    shards = shards.map((shard, at) => {
      const read = { maxEventTime: events[at]!, tipTime: null, lastArrival: null, subscribedAt: null };
      return advanceWatermark(shard, read, rules);
    });
    watermark = later(
      watermark,
      watermarkOf(shards.map((shard) => ({ ...shard, position: { kind: 'trim-horizon' } })) as never, null),
    );
    seen.push({
      marks: shards.map((shard) => shard.watermark),
      watermark,
      late: late.map((time) => new Date(time).toISOString().slice(11, 16)),
    });
  }

  test('has the marks and the watermark of every batch', () => {
    expect(seen.map(({ marks, watermark: reached }) => ({ marks, watermark: reached }))).toEqual(
      rows.map(({ marks, watermark: told }) => ({ marks, watermark: told })),
    );
  });

  test('says in which batch its window closes, with how many events, and what is late', () => {
    const closedIn = seen.findIndex((batch) => isClosing(spec, windowOf(timeOf('13:00')), batch.watermark));
    expect(rows.findIndex(({ what }) => what.startsWith('13:00 closes'))).toBe(closedIn);
    const inWindow = rows
      .slice(0, closedIn + 1)
      .flatMap(({ events }) => events)
      .filter((time) => windowOf(time).start === timeOf('13:00'));
    expect(rows[closedIn]!.what).toBe(`13:00 closes with ${inWindow.length} events`);
    expect(seen.map(({ late }) => late)).toEqual(
      rows.map(({ what }) => [...(/(\d\d:\d\d) is late/.exec(what)?.slice(1) ?? [])]),
    );
  });
});
