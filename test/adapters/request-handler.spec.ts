/** What an open connection holds of the answers that came over it: nothing, or each of many would keep an object of megabytes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as soon } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createRequestHandler } from '../../functions/adapters/aws-client.ts';

it('the first answer over a connection is let go of', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const server = createServer((_, response) => response.end('answer'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const handler = createRequestHandler(4_000);
  const to = { protocol: 'http:', hostname: '127.0.0.1', port, method: 'GET', path: '/', headers: {}, query: {} };
  const read = async () => {
    const { body } = (await handler.handle(to as never)).response as { readonly body: NodeJS.ReadableStream };
    await new Promise((resolve) => void body.on('end', resolve).resume());
    return new WeakRef(body);
  };
  const answer = await read();
  await soon();
  collectGarbage();
  expect(answer.deref() === undefined).toBe(true);
  handler.destroy();
  server.close();
});
