/** Passes requests on to a local server and remembers which calls were made, and on which partition keys. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forward } from '../support/forward.ts';

export type RecordedCall = { readonly action: string; readonly partitionKeys: readonly string[] };

/** By what their targets begin with. */
const services: readonly (readonly [string, string])[] = [
  ['DynamoDB', 'dynamodb'],
  ['Kinesis', 'kinesis'],
  ['AWSStepFunctions', 'states'],
];

export async function recordCalls(endpoint: string, onCall: (call: RecordedCall) => void) {
  const server = createServer(async (request, response) => {
    const body = await bytesOf(request);
    const target = String(request.headers['x-amz-target'] ?? '');
    const [, service = 'unknown'] = services.find(([start]) => target.startsWith(start)) ?? [];
    onCall({ action: `${service}:${target.split('.').at(-1)}`, partitionKeys: partitionKeys(body) });
    await forward(request, body, { endpoint, response });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `pk` attributes wherever a DynamoDB request has them, and values that a key condition compares with. */
function partitionKeys(body: Buffer): string[] {
  const found: string[] = [];
  JSON.parse(body.toString('utf8') || '{}', (key, value) => {
    if ((key === 'pk' || key === ':pk') && typeof value?.S === 'string') found.push(value.S);
    return value;
  });
  return found;
}
