/**
 * A message of AWS's event streams (application/vnd.amazon.eventstream):
 *
 *   | length | length of headers | CRC-32 of these | headers | payload | CRC-32 of all before |
 *
 * https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
 */
import { crc32 } from 'node:zlib';

const stringType = 7;
/** What is around headers and payload. */
const frameBytes = 16;

export function messageFrame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(payload);
  const whole = Buffer.alloc(frameBytes + head.length + body.length);
  whole.writeUInt32BE(whole.length, 0);
  whole.writeUInt32BE(head.length, 4);
  whole.writeUInt32BE(crc32(whole.subarray(0, 8)), 8);
  whole.set(head, 12);
  whole.set(body, 12 + head.length);
  whole.writeUInt32BE(crc32(whole.subarray(0, whole.length - 4)), whole.length - 4);
  return whole;
}

function header(name: string, value: string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const valueHead = Buffer.alloc(3);
  valueHead.writeUInt8(stringType, 0);
  valueHead.writeUInt16BE(valueBytes.length, 1);
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, valueHead, valueBytes]);
}
