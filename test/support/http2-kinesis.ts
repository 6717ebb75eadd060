/** SubscribeToShard over HTTP/2 without TLS: frames of the event stream as AWS documents them, and who is connected. */
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

export type Frame =
  | { readonly kind: 'event'; readonly type: string; readonly payload: object }
  | { readonly kind: 'exception'; readonly type: string; readonly message: string };

export async function startHttp2Kinesis(
  onSubscribe: (stream: ServerHttp2Stream, send: (frame: Frame) => void) => void,
) {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({
      ':status': 200,
      'content-type': 'application/vnd.amazon.eventstream',
      date: new Date().toUTCString(),
    });
    const send = (frame: Frame) => void stream.write(encode(frame));
    send({ kind: 'event', type: 'initial-response', payload: {} });
    stream.resume();
    stream.on('end', () => onSubscribe(stream, send));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sessions.size,
    stop: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html */
function encode(frame: Frame): Buffer {
  const isEvent = frame.kind === 'event';
  const headers = Buffer.concat([
    header(':message-type', frame.kind),
    header(isEvent ? ':event-type' : ':exception-type', frame.type),
    header(':content-type', 'application/x-amz-json-1.1'),
  ]);
  const payload = Buffer.from(JSON.stringify(isEvent ? frame.payload : { message: frame.message }));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(16 + headers.length + payload.length, 0);
  lengths.writeUInt32BE(headers.length, 4);
  const unsealed = Buffer.concat([lengths, checksum(lengths), headers, payload]);
  return Buffer.concat([unsealed, checksum(unsealed)]);
}

function header(name: string, value: string): Buffer {
  const stringType = 7;
  const valueLength = Buffer.alloc(2);
  valueLength.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.from([Buffer.byteLength(name)]),
    Buffer.from(name),
    Buffer.from([stringType]),
    valueLength,
    Buffer.from(value),
  ]);
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
