/** One address for all services, as moto's own interpreter calls them: functions run here, all else is moto's. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Answer, bodyOf } from './lambda-host.ts';

type Front = {
  readonly port: number;
  readonly moto: string;
  /** By the name in a function's ARN. */
  readonly invoke: (name: string, payload: string) => Promise<Answer>;
};

const invocation = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;

export async function openFront({ port, moto, invoke }: Front): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const [, arn] = invocation.exec(request.url ?? '') ?? [];
    if (arn === undefined) pass(moto, request, response);
    else void answer(decodeURIComponent(arn).split(':')[6] ?? '', request, response);
  });
  async function answer(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { body, isError } = await invoke(name, (await bodyOf(request)).toString('utf8'));
    const headers = isError ? { 'X-Amz-Function-Error': 'Unhandled' } : {};
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'X-Amz-Executed-Version': '1', ...headers })
      .end(body);
  }
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(port, resolve));
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

function pass(moto: string, request: IncomingMessage, response: ServerResponse): void {
  const { url = '/', method = 'GET', headers } = request;
  const onward = forward(new URL(url, moto), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', (error) => response.writeHead(502).end(String(error)));
  request.pipe(onward);
}
