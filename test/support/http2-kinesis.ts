/** SubscribeToShard over HTTP/2 without TLS: frames of the event stream as AWS documents them, and who is connected. */
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { messageFrame } from '../../bench/side-by-side/message-frame.ts';

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

function encode(frame: Frame): Buffer {
  const isEvent = frame.kind === 'event';
  const headers = {
    ':message-type': frame.kind,
    [isEvent ? ':event-type' : ':exception-type']: frame.type,
    ':content-type': 'application/x-amz-json-1.1',
  };
  return messageFrame(headers, JSON.stringify(isEvent ? frame.payload : { message: frame.message }));
}
