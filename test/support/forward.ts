/** Hands a request of the SDK on to a server as it came, and its answer back. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export async function forward(
  { headers: given, url }: IncomingMessage,
  body: Uint8Array,
  { endpoint, response }: { readonly endpoint: string; readonly response: ServerResponse },
): Promise<void> {
  const { host: _, connection: __, 'content-length': ___, ...headers } = given as Record<string, string>;
  const answer = await fetch(`${endpoint}${url}`, { method: 'POST', headers, body: new Uint8Array(body) });
  const { 'content-encoding': ____, 'transfer-encoding': _____, ...answered } = Object.fromEntries(answer.headers);
  response.writeHead(answer.status, answered);
  response.end(Buffer.from(await answer.arrayBuffer()));
}
