/** The page's server over HTTP: what it serves, to whom, and what it refuses (SERVER-1 to SERVER-4, ASSETS-1). */
import { request } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DeadLetter } from '../../../functions/core/dead-letter.ts';
import { SluiceError } from '../../../functions/core/errors.ts';
import type { PageFacts } from '../../../local/page/page-facts.ts';
import type { Answers } from '../../../local/page/page-questions.ts';
import { type PageServer, servePage } from '../../../local/page/page-server.ts';
import type { PageWatch } from '../../../local/page/page-watch.ts';
import { factsOf, report } from './some-facts.ts';

let facts: PageFacts;
let lookers: Set<() => void>;
/** Whether a read follows at once when somebody looks. */
let isRead: boolean;
let server: PageServer;

const letter: Omit<DeadLetter, 'payload'> = {
  ...{ source: 'main', shardId: 'shardId-1', sequenceNumber: '49', subSequenceNumber: 0, partitionKey: 'k' },
  ...{ arrivalTime: null, reason: 'invalid-json', message: 'no JSON' },
};

const answers: Answers = {
  letters: async ({ reason }) => ({
    letters: reason === 'invalid-json' ? [{ ...letter, payloadBytes: 3 }] : [],
    hasMore: false,
    unreadable: 0,
  }),
  letter: async ({ sequenceNumber }) =>
    sequenceNumber === '49' ? { ...letter, payload: new TextEncoder().encode('{"a') } : undefined,
  windows: async () => ({ batchId: 4, windows: [], left: 0 }),
  rows: async (key) => {
    if (key === 'bad') throw new SluiceError('InvalidInput', 'key bad: none has such a form');
    return {
      rows: [{ kind: 'window', group: 0, key: { of: key as string }, start: 0, end: 1 }],
      hasMore: false,
      batchId: 4,
    };
  },
};

beforeEach(async () => {
  facts = factsOf([report(0)]);
  lookers = new Set();
  isRead = true;
  const watch: PageWatch = {
    facts: () => facts,
    look(onChange) {
      lookers.add(onChange);
      if (isRead) onChange();
      return () => lookers.delete(onChange);
    },
    onStep: () => {},
    onBatch: () => {},
    close: () => {},
  };
  server = await servePage({ watch, answers, port: 0, gatherMs: 1 });
});
afterEach(() => server.close());

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly body: string };

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.address);
    const call = request({ hostname, port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    call.on('error', reject).end();
  });
}

const json = async (path: string) => {
  const { status, body } = await get(path);
  return { status, body: JSON.parse(body) as unknown };
};

/** What a stream says, event by event. */
async function follow() {
  const ended = new AbortController();
  const response = await fetch(`${server.address}events`, { signal: ended.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    end: () => ended.abort(),
    async next(): Promise<Record<string, unknown>> {
      for (;;) {
        const [, data, rest] = /^(?:retry.*\n|: alive\n\n)*data: (.*)\n\n([\s\S]*)$/.exec(text) ?? [];
        if (data !== undefined) {
          text = rest!;
          return JSON.parse(data) as Record<string, unknown>;
        }
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream has ended');
        text += value;
      }
    },
  };
}

test('serves the page and all that it loads, and nothing that it does not, in less than 100 KB', async () => {
  const { body } = await get('/');
  const loaded = new Set<string>(['/']);
  const next = [...body.matchAll(/(?:href|src)="([^"]+)"/g), ...body.matchAll(/":"(\/[^"]+)"/g)].map(
    ([, path]) => path!,
  );
  let size = body.length;
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (loaded.has(path)) continue;
    loaded.add(path);
    const answer = await get(path);
    expect([path, answer.status]).toEqual([path, 200]);
    size += Buffer.byteLength(answer.body);
    for (const [, target] of answer.body.matchAll(/from ?['"](\.[^'"]+)['"]/g))
      next.push(new URL(target!, `http://h${path}`).pathname);
  }
  expect(loaded).toContain('/panels/loop.js');
  expect(loaded).toContain('/vendor/preact.js');
  expect(size).toBeLessThan(100_000);
});

test('lets the page load nothing from elsewhere, and nobody put it into a frame (SERVER-3)', async () => {
  const { headers } = await get('/');
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'self' 'sha256-[\w+/=]+'; style-src 'self'; img-src 'self'; connect-src 'self';/,
  );
  expect(policy).not.toContain('unsafe');
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
  });
});

test('listens on this machine alone, and answers to its own name alone (SERVER-1)', async () => {
  const { port } = new URL(server.address);
  expect(server.address).toBe(`http://127.0.0.1:${port}/`);
  expect(await get('/', { host: `localhost:${port}` })).toMatchObject({ status: 200 });
  for (const host of ['example.com', `example.com:${port}`, '127.0.0.1', `127.0.0.1:${Number(port) + 1}`])
    expect([host, (await get('/letters', { host })).status]).toEqual([host, 421]);
});

test('gives data to no other site (SERVER-1)', async () => {
  for (const path of ['/events', '/letters', '/letter?id=main/shardId-1/49/0', '/state/rows'])
    expect([path, (await get(path, { 'sec-fetch-site': 'cross-site' })).status]).toEqual([path, 403]);
  expect(await get('/letters', { 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200 });
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s (SERVER-2)', async (method) => {
  for (const path of ['/', '/events', '/letters', '/stop'])
    expect(await get(path, {}, method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test('has no other files (ASSETS-1)', async () => {
  for (const path of [
    '/package.json',
    '/../page-server.ts',
    '/panels/..%2f..%2fpage-server.ts',
    '/%2e%2e/page-server.ts',
    '/vendor/axe.js',
    '/constructor',
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
});

test('sends all there is, and then what has changed, to all who look', async () => {
  const one = await follow();
  expect(one.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(Object.keys(await one.next())).toContain('reconciliation');
  facts = { ...facts, rows: { main: { count: 1, last: [[0, { a: 1 }]] } } };
  const other = await follow();
  expect(await other.next()).toMatchObject({ results: { outputs: [{ count: 1 }] } });
  // The first one has not missed what the second began with.
  expect(await one.next()).toMatchObject({ results: { outputs: [{ count: 1 }] } });
  facts = { ...facts, trouble: 'no answer' };
  for (const looker of lookers) looker();
  expect([Object.keys(await one.next()), Object.keys(await other.next())]).toEqual([['findings'], ['findings']]);
  one.end();
  other.end();
});

test('sends what is old to nobody who comes back: the next read comes first', async () => {
  const before = await follow();
  await before.next();
  before.end();
  await vi.waitFor(() => expect(lookers.size).toBe(0));
  isRead = false;
  const [one, other] = [await follow(), await follow()];
  facts = { ...facts, rows: { main: { count: 7, last: [] } } };
  for (const looker of lookers) looker();
  for (const stream of [one, other]) {
    expect(await stream.next()).toMatchObject({ page: {}, results: { outputs: [{ count: 7 }] } });
    stream.end();
  }
});

test('looks as long as somebody looks, and says when the run is over', async () => {
  const stream = await follow();
  await stream.next();
  expect(lookers.size).toBe(1);
  await server.close();
  expect(await stream.next()).toEqual({ over: true });
  expect(lookers.size).toBe(0);
  server = await servePage({
    watch: { facts: () => facts, look: () => () => {}, onStep() {}, onBatch() {}, close() {} },
    answers,
    port: 0,
  });
});

test('has no more streams than it can serve (SERVER-4)', async () => {
  const streams = await Promise.all(Array.from({ length: 16 }, follow));
  expect((await fetch(`${server.address}events`)).status).toBe(503);
  for (const stream of streams) stream.end();
});

test('gives a payload to who asks for it, and says what is wrong with a question', async () => {
  expect(await json('/letters?reason=invalid-json')).toMatchObject({
    status: 200,
    body: { letters: [{ id: 'main/shardId-1/49/0', payloadBytes: 3 }] },
  });
  expect(await json('/letter?id=main/shardId-1/49/0')).toMatchObject({
    status: 200,
    body: { form: 'text', text: '{"a', bytes: 3, cut: false },
  });
  expect(await json('/letter?id=main/shardId-1/50/0')).toMatchObject({ status: 404 });
  expect(await json('/letter?id=x')).toEqual({
    status: 400,
    body: { message: "id 'x': use one of a letter, <source>/<shard>/<sequence number>/<event>" },
  });
  expect(await json('/state/rows?key=%5B%22a%22%5D')).toMatchObject({
    status: 200,
    body: { rows: [{ key: { of: ['a'] } }] },
  });
  expect(await json('/state/rows?key=bad')).toEqual({
    status: 400,
    body: { message: 'key bad: none has such a form' },
  });
});

test('takes another port where the usual one is taken, and refuses one that was asked for', async () => {
  const { port } = new URL(server.address);
  const watch: PageWatch = { facts: () => facts, look: () => () => {}, onStep() {}, onBatch() {}, close() {} };
  await expect(servePage({ watch, answers, port: Number(port) })).rejects.toThrow(
    `--page-port ${port}: the page can't be served there (EADDRINUSE). Use a free port of 127.0.0.1, 0 for any.`,
  );
  const [one, two] = [
    await servePage({ watch, answers, port: undefined }),
    await servePage({ watch, answers, port: undefined }),
  ];
  expect(one.address).not.toBe(two.address);
  await Promise.all([one.close(), two.close()]);
});
