/** Flink's tests of its window operator. */
import { session, sliding, tumbling } from '../../functions/index.ts';
import { after, ofSession, one, result, sums, sumsOfSessions } from './flink-elements.ts';
import { flinkLateness } from './flink-lateness.ts';
import { noCounterpart, overShards, passes, type Suite, variants } from './suite.ts';

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

const withOffset = sums(tumbling('2 seconds', { offset: '100 milliseconds' }))
  .add(one('key2', 1000, 1))
  .advance(after(1985))
  .add(one('key2', 1980, 2), one('key2', 1998, 3), one('key2', 2001, 4))
  .advance(after(2010))
  .advance(after(2999))
  .expect(result('key2', 10, 2099))
  .advance(after(3999));

const threeEachSecond = sums(sliding('3 seconds', '1 second'));
const slidingByASecond = threeEachSecond
  .add(one('key2', 3999), one('key2', 3000), one('key1', 20), one('key1', 0), one('key1', 999))
  .add(one('key2', 1998), one('key2', 1999), one('key2', 1000))
  .advance(after(999))
  .expect(result('key1', 3, 999))
  .advance(after(1999))
  .expect(result('key1', 3, 1999), result('key2', 3, 1999))
  .advance(after(2999))
  .expect(result('key1', 3, 2999), result('key2', 3, 2999))
  .cut()
  .advance(after(3999))
  .expect(result('key2', 5, 3999))
  .advance(after(4999))
  .expect(result('key2', 2, 4999))
  .advance(after(5999))
  .expect(result('key2', 2, 5999))
  .advance(after(6999))
  .advance(after(7999));

const slidingWithOffset = sums(sliding('2 seconds', '500 milliseconds', { offset: '10 milliseconds' }))
  .add(one('key2', 333))
  .advance(after(6666))
  .expect(result('key2', 1, 509), result('key2', 1, 1009), result('key2', 1, 1509), result('key2', 1, 2009));

const ofThreeSecondsGap = sumsOfSessions(session('3 seconds'));
const firstOfKey2 = [one('key2', 0, 1), one('key2', 1000, 2), one('key2', 2500, 3)];
const secondOfKey2 = [one('key2', 5501, 4), one('key2', 6000, 5), one('key2', 6000, 5), one('key2', 6050, 6)];

/** From where all has come. */
const closedSessions = (given: typeof ofThreeSecondsGap) =>
  given
    .advance(after(12_000))
    .expect(ofSession('key1', 6, 10, 5500), ofSession('key2', 6, 0, 5500), ofSession('key2', 20, 5501, 9050))
    .add(one('key2', 15_000, 10), one('key2', 15_000, 20))
    .advance(after(17_999))
    .expect(ofSession('key2', 30, 15_000, 18_000));

const sessions = closedSessions(
  ofThreeSecondsGap
    .add(...firstOfKey2, one('key1', 10, 1), one('key1', 1000, 2))
    .cut()
    .add(one('key1', 2500, 3), ...secondOfKey2),
);
const reducedSessions = closedSessions(
  ofThreeSecondsGap
    .add(...firstOfKey2)
    .cut()
    .add(one('key1', 10, 1), one('key1', 1000, 2), one('key1', 2500, 3), ...secondOfKey2),
);

/** One window for all elements, which ends with the stream. */
const ofAllTime = sums(tumbling('36500 days'))
  .add(one('key2', 3000), one('key2', 3999), one('key1', 20), one('key1', 0), one('key1', 999))
  .add(one('key2', 1998), one('key2', 1999), one('key2', 1000))
  .close()
  .expect({ key: 'key1', sum: 3 }, { key: 'key2', sum: 5 });

const triggers = noCounterpart('triggers after a number of elements, or again and again');
const processingTime = noCounterpart('windows by the time of processing; those per micro-batch are what comes nearest');
const gapOfElement = noCounterpart('a gap that depends on the element');

export const flinkWindowOperator: Suite = {
  name: 'Flink: WindowOperatorTest',
  source:
    'Apache Flink after 1.20, `org.apache.flink.streaming.runtime.operators.windowing.WindowOperatorTest`; the two with offsets from it as ' +
    'of 0133e694, later versions have none',
  variants: [...variants, ...overShards],
  cases: {
    testSlidingEventTimeWindowsReduce: passes(slidingByASecond),
    testSlidingEventTimeWindowsApply: passes(slidingByASecond),
    testTumblingEventTimeWindowsReduce: passes(ofThreeSeconds),
    testTumblingEventTimeWindowsApply: passes(ofThreeSeconds),
    testSessionWindows: passes(sessions),
    testSessionWindowsWithProcessFunction: passes(sessions),
    testReduceSessionWindows: passes(reducedSessions),
    testReduceSessionWindowsWithProcessFunction: passes(reducedSessions),
    testSessionWindowsWithCountTrigger: triggers,
    testSessionWindowsWithContinuousEventTimeTrigger: triggers,
    testPointSessions: noCounterpart('windows that a test brings'),
    testContinuousWatermarkTrigger: triggers,
    testCountTrigger: triggers,
    testEndOfStreamTrigger: passes(ofAllTime, 'one window of a hundred years'),
    testProcessingTimeTumblingWindows: processingTime,
    testProcessingTimeSlidingWindows: processingTime,
    testProcessingTimeSessionWindows: processingTime,
    testDynamicEventTimeSessionWindows: gapOfElement,
    testDynamicProcessingTimeSessionWindows: gapOfElement,
    ...flinkLateness,
    testEventTimeTumblingWindowsWithOffset: passes(withOffset),
    testEventTimeSlidingWindowsWithOffset: passes(slidingWithOffset),
  },
};
