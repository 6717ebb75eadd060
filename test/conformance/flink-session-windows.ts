/** Flink's tests of how it makes and merges sessions. Where they merge windows, here are events whose sessions are these. */
import { expect } from 'vitest';
import { session } from '../../functions/index.ts';
import { ofSession, one, sumsOfSessions } from './flink-elements.ts';
import { differs, noCounterpart, overShards, passes, passesInPart, type Suite, variants } from './suite.ts';

/** Each under a key of its own: alone. */
const assigned = (gap: Parameters<typeof session>[0]) =>
  sumsOfSessions(session(gap))
    .add(one('first', 0), one('second', 4999), one('third', 5000))
    .advance(10_000)
    .expect(ofSession('first', 1, 0, 5000), ofSession('second', 1, 4999, 9999), ofSession('third', 1, 5000, 10_000));

const oneMillisecond = sumsOfSessions(session('1 millisecond'));
const single = oneMillisecond
  .add(one('key', 0))
  .advance(1)
  .expect(ofSession('key', 1, 0, 1));

const atOnce = [0, 1, 2, 4, 5];
const apart = atOnce.map((time) => ofSession('key', 1, time, time + 1));
const touching = oneMillisecond
  .add(...atOnce.map((time) => one('key', time)))
  .advance(6)
  .expect(...apart);
const oneByOne = atOnce.reduce((given, time) => given.add(one('key', time)), oneMillisecond);
/** Each has closed when the next one comes. */
const closedBetween = atOnce.reduce(
  (given, time, at) =>
    given
      .add(one('key', time))
      .advance(time + 1)
      .expect(...apart.slice(at, at + 1)),
  oneMillisecond,
);

/** The second session is of two events; what comes then lies in it. */
const covering = sumsOfSessions(session('2 seconds'))
  .add(one('key', 0), one('key', 4000), one('key', 5000))
  .add(one('key', 4500))
  .advance(7000)
  .expect(ofSession('key', 1, 0, 2000), ofSession('key', 3, 4000, 7000));

const refusesGap = (gap: string) =>
  expect(() => sumsOfSessions(session(gap as '5 seconds'))).toThrow(`window.gap: '${gap}' is not allowed`);

const ofItsClass = noCounterpart('what is tested is a class of Flink');

export const flinkSessionWindows: Suite = {
  name: 'Flink: EventTimeSessionWindowsTest',
  source:
    'Apache Flink at 036179f8, `org.apache.flink.streaming.runtime.operators.windowing.EventTimeSessionWindowsTest`',
  variants: [...variants, ...overShards],
  cases: {
    testWindowAssignment: passes(assigned('5000 milliseconds')),
    testMergeSinglePointWindow: noCounterpart('windows of no length'),
    testMergeSingleWindow: passes(single),
    testMergeConsecutiveWindows: differs((variant) => {
      touching.run(variant);
      oneByOne
        .advance(6)
        .expect(...apart)
        .run(variant);
      closedBetween.run(variant);
    }, 'sessions that only touch stay apart, whether they come in one batch or the first has closed by then'),
    testMergeCoveringWindow: passesInPart(covering, 'without the window of no length'),
    testTimeUnits: passes(assigned('5 seconds')),
    testInvalidParameters: passes(() => {
      refusesGap('-1 seconds');
      refusesGap('0 seconds');
    }),
    testProperties: ofItsClass,
    testDynamicGapProperties: noCounterpart('a gap that depends on the event'),
  },
};
