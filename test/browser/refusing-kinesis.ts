/** A door in front of an embedded Kinesis that gives nobody the records of one shard, in the words of Kinesis; all else passes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { forward } from '../support/forward.ts';

export type RefusingKinesis = {
  readonly endpoint: string;
  /** Undefined: all of them are given. */
  refused: string | undefined;
  stop(): Promise<void>;
};

export async function refuseShard(endpoint: string): Promise<RefusingKinesis> {
  const door = { refused: undefined as string | undefined };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const isIterator = String(request.headers['x-amz-target']).endsWith('.GetShardIterator');
    if (isIterator && door.refused !== undefined && body.includes(door.refused)) {
      response.writeHead(500, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: 'InternalFailureException', message: 'The shard does not answer.' }));
      return;
    }
    await forward(request, body, { endpoint, response });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(door, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
