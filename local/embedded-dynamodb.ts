/** A DynamoDB server of one's own, in this process, on 127.0.0.1 only, empty or with the data of a directory. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
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
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${actualPort}`,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
    },
  };
}
