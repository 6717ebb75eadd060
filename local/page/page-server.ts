/**
 * The page's server, on this machine for this machine.
 *
 * SERVER-1 It listens on 127.0.0.1 alone, and answers nobody who calls it by another name (DNS rebinding) or from another site.
 * SERVER-2 It reads. There is no way to write anything through it, in the table or elsewhere.
 * SERVER-3 The page loads nothing from elsewhere, and may not: its policy forbids it.
 * SERVER-4 Streams that nobody takes from are ended, and there are no more of them than a bounded number.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { host, isCalledByName, listenHere } from '../listen-here.ts';
import { type Assets, loadAssets } from './page-assets.ts';
import { changes, type PageModel, pageModel } from './page-model.ts';
import { type Answers, answerOf } from './page-questions.ts';
import type { PageWatch } from './page-watch.ts';

export type PageServer = {
  /** `http://127.0.0.1:<port>/` */
  readonly address: string;
  close(): Promise<void>;
};

export type PageServerOptions = {
  readonly watch: PageWatch;
  readonly answers: Answers;
  /** Undefined: the usual one, or any where that is taken. */
  readonly port: number | undefined;
  /** Changes within this time go out as one. */
  readonly gatherMs?: number;
};

const usualPort = 4600;
const mostStreams = 16;
/** Of a stream that its reader does not take. */
const mostUnread = 4_000_000;
const aliveEveryMs = 15_000;
const defaultGatherMs = 250;

/** Throws a `LocalProblem` where the port that was asked for is taken. */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const server = createServer();
  const port = await listenHere(server, { port: options.port, usualPort, option: '--page-port', what: 'the page' });
  let assets: Assets | undefined;
  const streams = openStreams(options);
  server.on('request', (request, response) => {
    assets ??= loadAssets();
    handle({ request, response, assets, streams, port, answers: options.answers }).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 500, error instanceof Error ? error.message : String(error));
      else response.destroy();
    });
  });
  // The run does not wait for who looks at it.
  server.unref();
  return {
    address: `http://${host}:${port}/`,
    async close() {
      streams.close();
      options.watch.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly assets: Assets;
  readonly streams: Streams;
  readonly port: number;
  readonly answers: Answers;
};

async function handle({ request, response, assets, streams, port, answers }: Call): Promise<void> {
  for (const [name, value] of headers(assets)) response.setHeader(name, value);
  const { method = 'GET', headers: given, url = '/' } = request;
  if (!isCalledByName(given.host, port))
    return refuse(response, 421, `This page is http://${host}:${port}/, and answers to no other name.`);
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'This page only reads.');
  }
  const { pathname, searchParams } = new URL(url, `http://${host}`);
  const asset = assets.files.get(pathname);
  if (asset !== undefined) return send(response, 200, asset.type, method === 'HEAD' ? '' : asset.body);
  const site = given['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return refuse(response, 403, 'Data of this page is for this page.');
  if (pathname === '/events') return streams.open(request, response);
  const answer = await answerOf(pathname, searchParams, answers);
  if (answer === undefined) return refuse(response, 404, 'There is nothing here.');
  return send(response, answer.status, 'application/json; charset=utf-8', JSON.stringify(answer.body));
}

const headers = ({ inlineScript }: Assets): readonly (readonly [string, string])[] => [
  [
    'Content-Security-Policy',
    `default-src 'none'; script-src 'self' ${inlineScript}; style-src 'self'; img-src 'self'; connect-src 'self'; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
];

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type });
  response.end(body);
}

const refuse = (response: ServerResponse, status: number, why: string): void =>
  send(response, status, 'text/plain; charset=utf-8', `${why}\n`);

type Streams = { open(request: IncomingMessage, response: ServerResponse): void; close(): void };

/**
 * All readers are sent the same: what has changed since the last time. A new one is sent all there is; the first one, once there is something new, since
 * what is known by then is from when somebody looked last.
 */
function openStreams({ watch, gatherMs = defaultGatherMs }: PageServerOptions): Streams {
  const open = new Set<ServerResponse>();
  /** Empty: nothing was sent since somebody looks. */
  let last: PageModel = new Map();
  let gathering: NodeJS.Timeout | undefined;
  let stopLooking: (() => void) | undefined;
  const write = (response: ServerResponse, text: string) => {
    if (response.writableLength > mostUnread) response.destroy();
    else response.write(text);
  };
  const sendChanges = () => {
    clearTimeout(gathering);
    gathering = undefined;
    const now = pageModel(watch.facts());
    const changed = changes(last, now);
    last = now;
    if (changed === undefined) return;
    for (const response of open) write(response, eventOf(changed));
  };
  const onChange = () => {
    gathering ??= setTimeout(sendChanges, gatherMs).unref();
  };
  const alive = setInterval(() => {
    for (const response of open) write(response, ': alive\n\n');
  }, aliveEveryMs).unref();
  return {
    open(request, response) {
      if (open.size >= mostStreams) return refuse(response, 503, `${mostStreams} pages are open already: close one.`);
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      write(response, 'retry: 1000\n');
      if (last.size > 0) {
        sendChanges();
        write(response, eventOf(changes(new Map(), last)!));
      }
      open.add(response);
      stopLooking ??= watch.look(onChange);
      request.on('close', () => {
        open.delete(response);
        if (open.size > 0) return;
        stopLooking?.();
        stopLooking = undefined;
        clearTimeout(gathering);
        gathering = undefined;
        last = new Map();
      });
    },
    close() {
      clearInterval(alive);
      clearTimeout(gathering);
      for (const response of open) response.end(eventOf('{"over":true}'));
      stopLooking?.();
    },
  };
}

const eventOf = (json: string): string => `data: ${json}\n\n`;
