/** A DynamoDB server of one's own, in this process, on 127.0.0.1 only, empty or with the data of a directory. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import dynalite from 'dynalite';

export type EmbeddedDynamodb = {
  readonly endpoint: string;
  stop(): Promise<void>;
};

/** Each write goes to the operating system before it is acknowledged, so a killed process loses none. */
export async function startEmbeddedDynamodb(
  options: { readonly port?: number; readonly stateDirectory?: string | undefined } = {},
): Promise<EmbeddedDynamodb> {
  const { port = 0, stateDirectory } = options;
  if (stateDirectory !== undefined) mkdirSync(stateDirectory, { recursive: true });
  const server = dynalite({ path: stateDirectory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const gate = gateRequests(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${actualPort}`,
    async stop() {
      await gate.close();
      server.closeAllConnections();
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
    },
  };
}

const pollMs = 5;
const maxPolls = 400;

/** The server throws past everyone when its data are closed under a request: none may run then, and none begin. */
function gateRequests(server: Server): { close(): Promise<void> } {
  const handlers = server.listeners('request') as RequestListener[];
  let isClosed = false;
  let running = 0;
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (isClosed) {
      request.destroy();
      return;
    }
    running += 1;
    response.once('close', () => {
      running -= 1;
    });
    for (const handler of handlers) handler.call(server, request, response);
  });
  return {
    async close() {
      isClosed = true;
      for (let poll = 0; running > 0 && poll < maxPolls; poll++) await sleep(pollMs);
    },
  };
}
