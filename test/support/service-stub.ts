/** A small server of one AWS service on 127.0.0.1, which answers from a list, each answer once and the last one for ever. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type StubRequest = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
};
export type StubAnswer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  /** The service does what was asked, and nobody hears of it. */
  | 'lost';

export async function startStub(answers: readonly ((request: StubRequest) => StubAnswer)[]) {
  const requests: StubRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
    };
    const answer = answers[Math.min(requests.push(request), answers.length) - 1]!(request);
    if (answer === 'lost') {
      incoming.socket.destroy();
      return;
    }
    const { status = 200, headers = {}, body } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** For clients of it. */
export const stubSettings = (endpointUrl: string) => ({
  region: 'eu-west-1',
  endpointUrl,
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
});
