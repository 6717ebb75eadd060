/** A subscription as Kinesis sends it, from behind the tip of its shard up to it. */
import { answerOf } from './answers.ts';
import { messageFrame } from './message-frame.ts';
import type { AnswerShape } from './scenario.ts';

/** So many events, and then its end. */
export const eventsInStream = 4;

export function eventStreamOf(shape: AnswerShape): Buffer {
  const events = Array.from({ length: eventsInStream }, (_, at) => {
    const { Records } = JSON.parse(answerOf(shape, at * shape.records)) as { readonly Records: readonly unknown[] };
    const MillisBehindLatest = (eventsInStream - 1 - at) * 1_000;
    return message('SubscribeToShardEvent', { Records, ContinuationSequenceNumber: '4967', MillisBehindLatest });
  });
  return Buffer.concat([message('initial-response', {}), ...events]);
}

const message = (type: string, payload: object): Buffer =>
  messageFrame(
    { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' },
    JSON.stringify(payload),
  );
