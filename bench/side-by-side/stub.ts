/**
 * A process of its own: Kinesis over TLS, with answers that are made once. It speaks HTTP/2 and HTTP/1.1, as the service does, and counts
 * the handshakes that clients ask for.
 */
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { answerOf, sequenceNumberOf } from './answers.ts';
import { eventStreamOf } from './event-frames.ts';
import type { AnswerShape } from './scenario.ts';

type Asked = { readonly key: string; readonly cert: string; readonly answers: AnswerShape };

process.once('message', ({ key, cert, answers }: Asked) => {
  let handshakes = 0;
  const bodies: Readonly<Record<string, Buffer>> = {
    GetRecords: Buffer.from(answerOf(answers)),
    SubscribeToShard: eventStreamOf(answers),
    // The table takes what is put, and has nothing.
    PutItem: Buffer.from('{}'),
    GetItem: Buffer.from('{}'),
    GetShardIterator: Buffer.from(JSON.stringify({ ShardIterator: `AAAAAAAAAA${'s'.repeat(226)}==` })),
    DescribeStreamSummary: Buffer.from(
      JSON.stringify({ StreamDescriptionSummary: { StreamName: 'out', StreamStatus: 'ACTIVE', OpenShardCount: 4 } }),
    ),
  };
  const put = new Map<number, Buffer>();
  const bodyOf = (operation: string, request: readonly Buffer[]): Buffer | undefined => {
    if (operation !== 'PutRecords') return bodies[operation];
    const { length } = JSON.parse(Buffer.concat(request).toString()).Records as unknown[];
    const known = put.get(length) ?? allTaken(length);
    put.set(length, known);
    return known;
  };
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    const operation =
      String(request.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) ?? '';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = bodyOf(operation, chunks);
      response.writeHead(body === undefined ? 400 : 200, {
        'content-type': 'application/x-amz-json-1.1',
        'content-length': body?.length ?? 2,
        'x-amzn-requestid': '00000000-0000-0000-0000-000000000000',
      });
      response.end(body ?? '{}');
    });
  });
  server.on('secureConnection', () => {
    handshakes += 1;
  });
  process.on('message', () => process.send?.({ handshakes }));
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
});

function allTaken(records: number): Buffer {
  const taken = Array.from({ length: records }, (_, at) => ({
    ...{ SequenceNumber: sequenceNumberOf(at), ShardId: 'shardId-000000000000' },
  }));
  return Buffer.from(JSON.stringify({ FailedRecordCount: 0, Records: taken }));
}
