/** A subscription as Kinesis sends it: messages of application/vnd.amazon.eventstream, each with its checksums. */
import { crc32 } from 'node:zlib';
import { answerOf } from './answers.ts';
import type { AnswerShape } from './scenario.ts';

/** So many events, and then its end. */
export const eventsInStream = 4;
const stringType = 7;

export function eventStreamOf(shape: AnswerShape): Buffer {
  const { Records, MillisBehindLatest } = JSON.parse(answerOf(shape)) as Readonly<Record<string, unknown>>;
  const event = JSON.stringify({ Records, ContinuationSequenceNumber: '4967', MillisBehindLatest });
  const events = Array.from({ length: eventsInStream }, () => message('SubscribeToShardEvent', event));
  return Buffer.concat([message('initial-response', '{}'), ...events]);
}

function message(type: string, payload: string): Buffer {
  const names = { ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' };
  const head = Buffer.concat(Object.entries(names).map(([name, value]) => header(name, value)));
  const body = Buffer.from(payload);
  const whole = Buffer.alloc(16 + head.length + body.length);
  whole.writeUInt32BE(whole.length, 0);
  whole.writeUInt32BE(head.length, 4);
  whole.writeUInt32BE(crc32(whole.subarray(0, 8)), 8);
  whole.set(head, 12);
  whole.set(body, 12 + head.length);
  whole.writeUInt32BE(crc32(whole.subarray(0, whole.length - 4)), whole.length - 4);
  return whole;
}

function header(name: string, value: string): Buffer {
  const valueBytes = Buffer.alloc(3);
  valueBytes.writeUInt8(stringType, 0);
  valueBytes.writeUInt16BE(value.length, 1);
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), valueBytes, Buffer.from(value)]);
}
