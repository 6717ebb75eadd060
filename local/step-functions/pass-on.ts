/** A request as it came to the server that it is for, and its answer as it comes. */
import { type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import { request as openTls } from 'node:https';
import { pipeline } from 'node:stream/promises';

export async function passOn(request: IncomingMessage, response: ServerResponse, endpoint: string): Promise<void> {
  const url = new URL(request.url ?? '/', endpoint);
  const headers = { ...request.headers, host: url.host };
  const onward = (url.protocol === 'https:' ? openTls : open)(url, { method: request.method ?? 'POST', headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    onward.once('response', resolve).once('error', reject);
  });
  // Who does not wait for the answer ends the question.
  response.once('close', () => onward.destroy());
  const [answer] = await Promise.all([answered, pipeline(request, onward)]);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}
