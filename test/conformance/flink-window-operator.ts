/**
 * Flink's tests of its window operator. Elements have a key, a number and a time; the watermark moves by `advance` alone, since the
 * delay is longer than all of them. Flink's watermark says that all up to it has come, ours that all before it has: one more.
 */
import * as z from 'zod';
import { json, kinesis, pipeline, sum, type Transcript, transcript, tumbling } from '../../functions/index.ts';
import { noCounterpart, overShards, passes, type Suite, variants, waitsFor } from './suite.ts';

const element = z.object({ key: z.string(), value: z.number(), time: z.number() });

const keyed = pipeline('flink')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(element))
  .withWatermark(({ time }) => time, { delay: '10000 days' })
  .groupBy({ key: ({ key }) => key });

const one = (key: string, time: number, value = 1) => ({ key, value, time });

/** A result of Flink: key, sum, and the last millisecond of its window. */
type Result = { readonly key: string; readonly sum: number; readonly at: number };
const result = (key: string, total: number, at: number): Result => ({ key, sum: total, at });
const after = (flinkWatermark: number): number => flinkWatermark + 1;

const sums = (window: ReturnType<typeof tumbling>): Transcript<z.infer<typeof element>, Result> =>
  transcript(
    keyed
      .window(window)
      .aggregate({ total: sum(({ value }) => value) })
      .map(({ key, total, windowEnd }) => result(key, total ?? 0, Date.parse(windowEnd) - 1))
      .writeStream(kinesis({ streamName: 'sink' })),
  );

const ofThreeSeconds = sums(tumbling('3 seconds'))
  .add(one('key2', 3999), one('key2', 3000), one('key1', 20), one('key1', 0), one('key1', 999))
  .add(one('key2', 1998), one('key2', 1999), one('key2', 1000))
  .advance(after(999))
  .advance(after(1999))
  .cut()
  .advance(after(2999))
  .expect(result('key1', 3, 2999), result('key2', 3, 2999))
  .advance(after(3999))
  .advance(after(4999))
  .advance(after(5999))
  .expect(result('key2', 2, 5999))
  .advance(after(6999))
  .advance(after(7999));

const withoutLateness = sums(tumbling('2 seconds'))
  .add(one('key2', 1000))
  .advance(after(1985))
  .add(one('key2', 1980))
  .advance(after(1999))
  .expect(result('key2', 2, 1999))
  .add(one('key2', 1998))
  .expectLate(one('key2', 1998))
  .add(one('key2', 2001))
  .advance(after(2999))
  .advance(after(3999))
  .expect(result('key2', 1, 3999));

const withOffset = sums(tumbling('2 seconds', { offset: '100 milliseconds' }))
  .add(one('key2', 1000, 1))
  .advance(after(1985))
  .add(one('key2', 1980, 2), one('key2', 1998, 3), one('key2', 2001, 4))
  .advance(after(2010))
  .advance(after(2999))
  .expect(result('key2', 10, 2099))
  .advance(after(3999));

const sliding = waitsFor('sliding windows');
const session = waitsFor('session windows');
const lateness = waitsFor('allowed lateness');
const lateSession = waitsFor('session windows, allowed lateness');
const triggers = noCounterpart('triggers after a number of elements, or again and again');
const processingTime = noCounterpart('windows by the time of processing; those per micro-batch are what comes nearest');

export const flinkWindowOperator: Suite = {
  name: 'Flink: WindowOperatorTest',
  source: 'Apache Flink at 0133e694, `org.apache.flink.streaming.runtime.operators.windowing.WindowOperatorTest`',
  variants: [...variants, ...overShards],
  cases: {
    testSlidingEventTimeWindowsReduce: sliding,
    testSlidingEventTimeWindowsApply: sliding,
    testTumblingEventTimeWindowsReduce: passes(ofThreeSeconds),
    testTumblingEventTimeWindowsApply: passes(ofThreeSeconds),
    testSessionWindows: session,
    testReduceSessionWindows: session,
    testSessionWindowsWithCountTrigger: triggers,
    testMergeAndEvictor: noCounterpart('evictors'),
    testPointSessions: noCounterpart('windows that a test brings'),
    testContinuousWatermarkTrigger: triggers,
    testCountTrigger: triggers,
    testRestoreAndSnapshotAreInSync: noCounterpart('what is tested are timers of Flink'),
    testProcessingTimeTumblingWindows: processingTime,
    testProcessingTimeSlidingWindows: processingTime,
    testProcessingTimeSessionWindows: processingTime,
    testLateness: lateness,
    testCleanupTimeOverflow: lateness,
    testDropDueToLatenessTumbling: passes(withoutLateness),
    testDropDueToLatenessSliding: sliding,
    testDropDueToLatenessSessionZeroLatenessPurgingTrigger: session,
    testDropDueToLatenessSessionZeroLateness: session,
    testDropDueToLatenessSessionWithLatenessPurgingTrigger: lateSession,
    testDropDueToLatenessSessionWithLateness: lateSession,
    testDropDueToLatenessSessionWithHugeLatenessPurgingTrigger: lateSession,
    testDropDueToLatenessSessionWithHugeLateness: lateSession,
    testCleanupTimerWithEmptyListStateForTumblingWindows2: lateness,
    testCleanupTimerWithEmptyListStateForTumblingWindows: lateness,
    testCleanupTimerWithEmptyReduceStateForTumblingWindows: lateness,
    testCleanupTimerWithEmptyFoldingStateForTumblingWindows: lateness,
    testCleanupTimerWithEmptyListStateForSessionWindows: lateSession,
    testCleanupTimerWithEmptyReduceStateForSessionWindows: lateSession,
    testCleanupTimerWithEmptyFoldingStateForSessionWindows: lateSession,
    testEventTimeTumblingWindowsWithOffset: passes(withOffset),
    testEventTimeSlidingWindowsWithOffset: sliding,
    testProcessingTimeTumblingWindowsWithOffset: processingTime,
    testProcessingTimeSlidingWindowsWithOffset: processingTime,
  },
};
