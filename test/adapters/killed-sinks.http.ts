/**
 * Each sink killed between each pair of its writes, and its answer lost at each write, over HTTP: live views at the embedded DynamoDB,
 * Firehose and Lambda at servers of the documented shapes, which keep what they are given. Who comes next sends all that was stored.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamodbClient } from '../../functions/adapters/dynamodb/client.ts';
import { createViewSink } from '../../functions/adapters/dynamodb/view-sink.ts';
import { createFirehoseClient, createFirehoseSink } from '../../functions/adapters/firehose/firehose-sink.ts';
import { createLambdaClient, createLambdaSink } from '../../functions/adapters/lambda/lambda-sink.ts';
import { RequestShare } from '../../functions/core/request-share.ts';
import { dynamodbKind } from '../../functions/sinks/dynamodb.ts';
import { withIdentity } from '../../functions/sinks/identity-text.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { type EmbeddedDynamodb, startEmbeddedDynamodb } from '../../local/services/embedded-dynamodb.ts';
import { ensureViewTable, viewItems } from '../../local/services/view-table.ts';
import { resultIdentity } from '../support/builders.ts';
import { forward } from '../support/forward.ts';
import { viewSink } from '../support/outputs.ts';
import { stubSettings } from '../support/service-stub.ts';
import { dynamodbOf } from '../support/world.ts';

type Answer = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void>;
/** After so many writes everything is over for who writes now; or the answer of this one write never comes. */
type Strike = { readonly dead?: number; readonly lost?: number };

/** What stands between a sink and its service. */
async function doorTo(answer: Answer) {
  let strike: Strike = {};
  let writes = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (strike.dead !== undefined && writes >= strike.dead) return void request.socket.destroy();
    writes += 1;
    if (writes === strike.lost) response.end = () => response;
    await answer(request, Buffer.concat(chunks), response);
    if (writes === strike.lost) request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    settings: stubSettings(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    begin(next: Strike): void {
      strike = next;
      writes = 0;
    },
    get writes(): number {
      return writes;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
type Door = Awaited<ReturnType<typeof doorTo>>;

let embedded: EmbeddedDynamodb;
beforeAll(async () => {
  embedded = await startEmbeddedDynamodb();
});
afterAll(() => embedded.stop());

const clock = { now: Date.now, sleep: async () => {} };
const inTime = () => Date.now() + 20_000;

/** Sent by one who dies or hears nothing of a write, and then, by another one, all of it again. */
async function sendTwice(
  door: Door,
  strike: Strike,
  records: readonly OutputRecord[],
  sinkAt: (door: Door) => OutputSink,
) {
  door.begin(strike);
  await sinkAt(door).send(records, inTime());
  door.begin({});
  expect(await sinkAt(door).send(records, inTime())).toBeUndefined();
}

/** Without a strike, first: how many writes there are to strike at. */
async function strikesOf(door: Door, send: () => Promise<unknown>): Promise<readonly Strike[]> {
  door.begin({});
  await send();
  const all = Array.from({ length: door.writes }, (_, at) => at);
  expect(all.length).toBeGreaterThanOrEqual(4);
  return [...all.map((dead) => ({ dead })), ...all.map((before) => ({ lost: before + 1 }))];
}

describe('a live view', () => {
  const keys = Array.from({ length: 8 }, (_, at) => `key-${at}`);
  const recordsOf = (options: typeof viewSink) => {
    const record = (key: string, revision: number, events: number) =>
      dynamodbKind.encode(
        options,
        { events },
        {
          identity: resultIdentity({ key: JSON.stringify([key]), revision, retracted: revision === 2 }),
          ...{ defaultKey: key, keyValues: [key] },
        },
      );
    const all = keys.flatMap((key, at) =>
      [0, 1, 2].slice(0, 1 + (at % 3)).map((revision) => record(key, revision, at)),
    );
    // An older version comes last, as from somebody who slept.
    return [...all, record(keys[1]!, 0, 99)];
  };

  it('holds of each result the newest version, wherever its writer dies and whichever answer is lost', async () => {
    const client = dynamodbOf({ dynamodb: embedded });
    await using door = await doorTo((request, body, response) =>
      forward(request, body, { endpoint: embedded.endpoint, response }),
    );
    const options = { ...viewSink, table: 'struck' };
    await ensureViewTable(client, options, true);
    const tableOf = (at: number) => ({ ...options, table: `struck-${at}` });
    const sinkOf = (at: number) => (to: Door) => createViewSink(createDynamodbClient(to.settings), tableOf(at), clock);
    const first = createViewSink(createDynamodbClient(door.settings), options, clock);
    const strikes = await strikesOf(door, () => first.send(recordsOf(options), inTime()));
    const expected = keys.map((key, at) => [key, at % 3, at]);
    for (const [at, strike] of strikes.entries()) {
      await ensureViewTable(client, tableOf(at), true);
      await sendTwice(door, strike, recordsOf(options), sinkOf(at));
      const held: unknown[] = [];
      for await (const { pk, _sluice: version, events } of viewItems(client, `struck-${at}`))
        held.push([pk, (version as { readonly revision: number }).revision, events]);
      expect(held.toSorted(), JSON.stringify(strike)).toEqual(expected);
    }
    client.destroy();
  });
});

const lines: readonly OutputRecord[] = Array.from({ length: 40 }, (_, at) => ({
  partitionKey: `key-${at % 7}`,
  explicitHashKey: undefined,
  data: withIdentity(JSON.stringify({ at }), '_sluice', resultIdentity({ index: at })),
}));
type Line = { readonly at: number; readonly _sluice: { readonly index: number } };

/** Each is there, and what is there more than once is the same. */
function expectAll(held: readonly string[], strike: Strike): void {
  const byIndex = Map.groupBy(held, (text) => (JSON.parse(text) as Line)._sluice.index);
  expect(
    [...byIndex.keys()].toSorted((one, other) => one - other),
    JSON.stringify(strike),
  ).toEqual(lines.map((_, at) => at));
  for (const [index, copies] of byIndex) expect(new Set(copies)).toEqual(new Set([lines[index]!.data]));
}

it('a delivery stream has each record, and of a repeat the same bytes and identity', async () => {
  let held: string[] = [];
  await using door = await doorTo(async (_, body, response) => {
    const { Records } = JSON.parse(String(body)) as { readonly Records: readonly { readonly Data: string }[] };
    held.push(...Records.map(({ Data }) => Buffer.from(Data, 'base64').toString().trimEnd()));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ FailedPutCount: 0, RequestResponses: Records.map(() => ({ RecordId: 'r' })) }));
  });
  const sinkAt = (to: Door) => {
    const share = new RequestShare();
    for (let narrower = 0; narrower < 8; narrower++) share.tell(share.share, false);
    return createFirehoseSink(
      createFirehoseClient(to.settings),
      { name: 'archive', delimiter: 'newline' },
      { clock, share },
    );
  };
  for (const strike of await strikesOf(door, () => sinkAt(door).send(lines, inTime()))) {
    held = [];
    await sendTwice(door, strike, lines, sinkAt);
    expectAll(held, strike);
  }
});

it('a function has each record, in the order of its key, and of a repeat the same value and identity', async () => {
  let held: { readonly key: string; readonly text: string }[] = [];
  await using door = await doorTo(async (_, body, response) => {
    const { records } = JSON.parse(String(body)) as {
      readonly records: readonly { readonly key: string; readonly value: Line }[];
    };
    held.push(...records.map(({ key, value }) => ({ key, text: JSON.stringify(value) })));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('null');
  });
  const place = { name: 'alert', account: undefined, partition: undefined, region: undefined, batchSize: 6 };
  const sinkAt = (to: Door) => createLambdaSink(createLambdaClient(to.settings), place, { clock });
  for (const strike of await strikesOf(door, () => sinkAt(door).send(lines, inTime()))) {
    held = [];
    await sendTwice(door, strike, lines, sinkAt);
    expectAll(
      held.map(({ text }) => text),
      strike,
    );
    // Of what came first, in order.
    const firsts = new Set(held.map(({ key, text }) => `${key} ${(JSON.parse(text) as Line).at}`));
    for (const [key, ats] of Map.groupBy(
      [...firsts].map((text) => text.split(' ')),
      ([of]) => of,
    ))
      expect(
        ats.map(([, at]) => Number(at)),
        key,
      ).toEqual(ats.map(([, at]) => Number(at)).toSorted((a, b) => a - b));
  }
});
