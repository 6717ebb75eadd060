/** Beam's transcripts of triggers. The watermark moves by `advance` alone: the delay is longer than all of them. */
import { expect } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  type Duration,
  json,
  kinesis,
  max,
  min,
  pipeline,
  type SessionWindow,
  session,
  type Transcript,
  type TumblingWindow,
  transcript,
  tumbling,
} from '../../functions/index.ts';
import { noCounterpart, overShards, passes, passesInPart, type Suite, variants } from './suite.ts';

const values = aggregate({
  name: 'values',
  version: 1,
  empty: (): number[] => [],
  add: (all, time: number) => [...all, time],
  merge: (one, other) => [...one, ...other],
  result: (all) => all.toSorted((one, other) => one - other),
});

const times = pipeline('beam')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(z.number()))
  .withWatermark((time) => time, { delay: '10000 days' })
  .groupBy({});

/** What a pane of Beam has; a window's end is its last millisecond. */
type Pane = {
  readonly window: readonly [number, number];
  readonly values: readonly number[];
  readonly timestamp: number;
};
type Columns = { windowStart: string; windowEnd: string; earliest: number; latest: number; values: number[] };

const lastMillisecond = ({ windowEnd }: Pick<Columns, 'windowEnd'>): number => Date.parse(windowEnd) - 1;

/** `timestamp`: what combines those of the elements. */
const writtenIn = (
  window: TumblingWindow | SessionWindow,
  timestamp: (row: Columns) => number,
  lateness: Duration = '0 seconds',
) =>
  times
    .window(window)
    .allowedLateness(lateness)
    .aggregate({ values, earliest: min((time) => time), latest: max((time) => time) })
    .map((row): Pane => {
      const { windowStart, values: all } = row as Columns;
      const bounds = [Date.parse(windowStart), lastMillisecond(row)] as const;
      return { window: bounds, values: all, timestamp: timestamp(row as Columns) };
    })
    .writeStream(kinesis({ streamName: 'sink' }));
const inWindows = (...given: Parameters<typeof writtenIn>): Transcript<number, Pane> => transcript(writtenIn(...given));

const fixed = (timestamp: (row: Columns) => number = lastMillisecond) =>
  inWindows(tumbling('10 milliseconds'), timestamp);

/** The input that most of them have, and its three panes by what combines their timestamps. */
const combined = (timestamp: ((row: Columns) => number) | undefined, of: readonly [number, number, number]) =>
  fixed(timestamp)
    .add(1, 2, 3, 10, 11, 25)
    .advance(100)
    .expect(
      { window: [0, 9], values: [1, 2, 3], timestamp: of[0] },
      { window: [10, 19], values: [10, 11], timestamp: of[1] },
      { window: [20, 29], values: [25], timestamp: of[2], _sluice: { timing: 'on-time' } },
    );
const ends = combined(undefined, [9, 19, 29]);
const earliest = combined((row) => row.earliest, [1, 10, 25]);

const onTime = { revision: 0, timing: 'on-time' } as const;
const firstThree = fixed().add(1, 2, 3);
const closed = firstThree.advance(100);

const afterCounts = noCounterpart(
  'a trigger after a number of elements, which one window of the batch has and another has not',
);

const fixedFor = (lateness: Duration) => inWindows(tumbling('10 milliseconds'), lastMillisecond, lateness);
const lateData = fixedFor('100 milliseconds')
  .add(1, 2, 3, 10, 11, 25)
  .advance(100)
  .expect(
    { window: [0, 9], values: [1, 2, 3], timestamp: 9, _sluice: { ...onTime, final: false } },
    { window: [10, 19], values: [10, 11], timestamp: 19 },
    { window: [20, 29], values: [25], timestamp: 29, _sluice: { timing: 'on-time' } },
  )
  .add(7)
  .expect({ window: [0, 9], values: [1, 2, 3, 7], timestamp: 9, _sluice: { revision: 1, timing: 'late' } });
const droppedLateData = fixedFor('20 milliseconds')
  .add(1, 2, 10, 11, 80, 81)
  .advance(100)
  .expect(
    { window: [0, 9], values: [1, 2], timestamp: 9 },
    { window: [10, 19], values: [10, 11], timestamp: 19 },
    { window: [80, 89], values: [80, 81], timestamp: 89, _sluice: { timing: 'on-time' } },
  )
  .add(7, 8)
  .expectLate(7, 8)
  .add(17, 18)
  .expectLate(17, 18)
  .add(82)
  .expect({ window: [80, 89], values: [80, 81, 82], timestamp: 89, _sluice: { timing: 'late' } });
const discardingEarly = transcript(
  writtenIn(tumbling('10 milliseconds'), lastMillisecond).outputMode('update', { accumulation: 'discarding' }),
);
const butForTimestamps = 'all but the timestamp, which is that of a hold of the watermark; there are none';

/** The last five test the runner: it refuses them. */
const isRefused = (given: Transcript<number, Pane>, message: RegExp) =>
  passes((variant) => expect(() => given.run(variant)).toThrow(message), 'refused');

export const beamTriggerTranscripts: Suite = {
  name: 'Beam: trigger transcripts',
  source: 'Apache Beam 2.77.0, `trigger_transcripts.yaml`',
  variants: [...variants, ...overShards],
  cases: {
    fixed_default: passes(
      fixed()
        .add(1, 2, 3, 10, 11)
        .advance(25)
        .expect({ window: [0, 9], values: [1, 2, 3], _sluice: onTime }, { window: [10, 19], values: [10, 11] }),
    ),
    fixed_default_late_data: passes(lateData),
    fixed_drop_late_data_after_allowed_lateness: passes(droppedLateData),
    timestamp_combiner_earliest: passes(earliest),
    timestamp_combiner_latest: passes(combined((row) => row.latest, [3, 11, 25])),
    timestamp_combiner_custom_timestamping_eow: passes(ends),
    timestamp_combiner_custom_timestamping_earliest: passes(earliest),
    'timestamp_combiner_custom_timestamping_earliest, transformed': passes(
      combined((row) => row.earliest + 100, [101, 110, 125]),
      'the second of this name; a `map` of rows transforms',
    ),
    early_late_sessions: passesInPart(
      inWindows(session('10 milliseconds'), lastMillisecond, '100 milliseconds')
        .add(1, 2)
        .add(3)
        .add(4)
        .add(5)
        .advance(100)
        .expect({ window: [1, 14], values: [1, 2, 3, 4, 5], timestamp: 14, _sluice: onTime })
        .add(1)
        .expect({ window: [1, 14], values: [1, 1, 2, 3, 4, 5], _sluice: { revision: 1 } })
        .add(3, 4)
        .expect({
          ...{ window: [1, 14], values: [1, 1, 2, 3, 3, 4, 4, 5], timestamp: 14 },
          _sluice: { timing: 'late', final: false },
        }),
      'the panes on time and behind it. A pane comes each batch, not after a number of elements: so there is one more, and none before',
    ),
    discarding_early_fixed: passesInPart(
      discardingEarly
        .add(1, 2)
        .expect({ window: [0, 9], values: [1, 2], timestamp: 9, _sluice: { timing: 'early', revision: 0 } })
        .add(4)
        .expect({ window: [0, 9], values: [4] })
        .add(14)
        .expect({ window: [10, 19], values: [14] })
        .add(5)
        .expect({ window: [0, 9], values: [5] })
        .add(18)
        .expect({ window: [10, 19], values: [18] })
        .add(6)
        .expect({ window: [0, 9], values: [6] })
        .advance(100),
      'the same elements, in a pane of each batch, not after two elements',
    ),
    garbage_collection: afterCounts,
    known_late_data_watermark: passesInPart(
      fixed()
        .advance(5)
        .add(2, 3, 7, 8)
        .advance(11)
        .expect({ window: [0, 9], values: [2, 3, 7, 8] }),
      butForTimestamps,
    ),
    known_late_data_no_watermark_hold_possible: passesInPart(
      fixed()
        .advance(8)
        .add(2, 3, 7)
        .advance(11)
        .expect({ window: [0, 9], values: [2, 3, 7] }),
      butForTimestamps,
    ),
    bad_output: isRefused(
      firstThree.expect({ window: [0, 9], values: [1, 2, 3] }).advance(100),
      /of step 1, add.*\n {2}- /,
    ),
    bad_expected_values: isRefused(
      closed.expect({ window: [0, 9], values: [1, 2] }),
      /- .*\[1, 2\].*\n {2}\+ .*\[1, 2, 3\]/,
    ),
    bad_expected_window: isRefused(
      closed.expect({ window: [0, 19], values: [1, 2, 3] }),
      /- .*\[0, 19\].*\n {2}\+ .*\[0, 9\]/,
    ),
    missing_output: isRefused(closed.advance(200), /of step 2, .*results that no step expects/),
    missing_output_at_end: isRefused(closed, /of step 2, .*results that no step expects/),
  },
};
