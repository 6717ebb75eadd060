/**
 * Events in the binary form of AWS's event streams (application/vnd.amazon.eventstream):
 *
 *   | length | length of headers | CRC-32 of these | headers | payload | CRC-32 of all before |
 */
import { crc32 } from 'node:zlib';
import type { StreamedEvent } from '../services/kinesis/event-stream.ts';
import { ServiceError } from '../services/service-error.ts';

const encoder = new TextEncoder();
const stringType = 7;

/** The answer to a call whose output is a stream; a failure of the stream is its last frame. */
export async function* framesOf(
  events: AsyncIterable<StreamedEvent>,
  toJson: (value: object) => string,
): AsyncGenerator<Uint8Array> {
  yield frame({ ':message-type': 'event', ':event-type': 'initial-response' }, '{}');
  try {
    for await (const { SubscribeToShardEvent } of events)
      yield frame({ ':message-type': 'event', ':event-type': 'SubscribeToShardEvent' }, toJson(SubscribeToShardEvent));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { name, message } = error;
    yield frame({ ':message-type': 'exception', ':exception-type': name }, toJson({ message }));
  }
}

function frame(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  const all = { ...headers, ':content-type': 'application/x-amz-json-1.1' };
  const head = Buffer.concat(Object.entries(all).map(([name, value]) => header(name, value)));
  const body = encoder.encode(payload);
  const whole = Buffer.alloc(12 + head.length + body.length + 4);
  whole.writeUInt32BE(whole.length, 0);
  whole.writeUInt32BE(head.length, 4);
  whole.writeUInt32BE(crc32(whole.subarray(0, 8)), 8);
  whole.set(head, 12);
  whole.set(body, 12 + head.length);
  whole.writeUInt32BE(crc32(whole.subarray(0, whole.length - 4)), whole.length - 4);
  return whole;
}

function header(name: string, value: string): Uint8Array {
  const [nameBytes, valueBytes] = [encoder.encode(name), encoder.encode(value)];
  const whole = Buffer.alloc(1 + nameBytes.length + 3 + valueBytes.length);
  whole.writeUInt8(nameBytes.length, 0);
  whole.set(nameBytes, 1);
  whole.writeUInt8(stringType, 1 + nameBytes.length);
  whole.writeUInt16BE(valueBytes.length, 2 + nameBytes.length);
  whole.set(valueBytes, 4 + nameBytes.length);
  return whole;
}
