/** `sluice dev` by enhanced fan-out: complete results, and no consumer left that it registered. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  DescribeStreamSummaryCommand,
  ListStreamConsumersCommand,
  RegisterStreamConsumerCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { computeDirectly } from '../../local/demo/flight-results.ts';
import { openServices, type Services } from '../../local/services/services.ts';
import { createStream } from '../../local/services/streams.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const file = fileURLToPath(new URL('./pipelines/fan-out.ts', import.meta.url));

let directory: string;
let input: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  input = path.join(directory, 'flights.ndjson');
  const flights = gunzipSync(readFileSync(path.join(root, 'examples/data/flights.ndjson.gz'))).toString('utf8');
  writeFileSync(input, flights.split('\n').slice(0, 2_000).join('\n'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Row = { readonly origin: string; readonly windowStart: string; readonly departures: number };
const simple = ({ origin, windowStart, departures }: Row) => `${origin} ${windowStart} ${departures}`;

/** A whole run over the flights: its objects, and the rows it wrote. */
async function dev(environment: Readonly<Record<string, string>> = {}) {
  const results = path.join(directory, `results-${Math.random()}.ndjson`);
  const { AWS_ENDPOINT_URL_KINESIS: _, AWS_ENDPOINT_URL_DYNAMODB: __, ...inherited } = process.env;
  const more = ['--input', input, '--partition-key', 'origin', '--shards', '2', '--json', '--results', results];
  const child = spawn(
    process.execPath,
    ['--conditions=sluice-source', path.join(root, 'cli/main.ts'), 'dev', file, ...more],
    { env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await closed) as [number | null];
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const objects = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; batchKind?: string; consumerType?: string; read: number });
  const rows = readFileSync(results, 'utf8').trim().split('\n');
  return { objects, rows: rows.map((row) => JSON.parse(row) as Row) };
}

test.concurrent('counts a file completely, and says how each batch was read', async () => {
  const { objects, rows } = await dev();
  expect(rows.map(simple).sort()).toEqual((await computeDirectly(input)).map(simple).sort());
  expect(objects.at(-1)).toMatchObject({ kind: 'summary', read: 2_000 });
  const types = objects.filter(({ batchKind }) => batchKind === 'read').map(({ consumerType }) => consumerType);
  expect(new Set(types)).toEqual(new Set(['SubscribeToShard']));
});

async function consumersOf({ kinesis }: Services) {
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'flights' }));
  const StreamARN = StreamDescriptionSummary!.StreamARN!;
  const { Consumers } = await kinesis.send(new ListStreamConsumersCommand({ StreamARN }));
  const left = Consumers!.filter(({ ConsumerStatus }) => ConsumerStatus !== 'DELETING');
  return { StreamARN, names: left.map(({ ConsumerName }) => ConsumerName) };
}

test.concurrent.each([
  ['deregisters the consumer that it registered', false, []],
  ['leaves a consumer that was there', true, ['sluice-fan-out']],
])('%s', async (_, isThere, expected) => {
  const services = await openServices({}, undefined);
  try {
    await createStream(services.kinesis, 'flights', 1);
    await createStream(services.kinesis, 'departures', 1);
    if (isThere) {
      const { StreamARN } = await consumersOf(services);
      const { Consumer } = await services.kinesis.send(
        new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'sluice-fan-out' }),
      );
      const Tags = { 'sluice:pipeline': 'fan-out' };
      await services.kinesis.send(new TagResourceCommand({ ResourceARN: Consumer!.ConsumerARN!, Tags }));
    }
    const { objects } = await dev({
      AWS_ENDPOINT_URL_KINESIS: services.kinesisEndpoint,
      AWS_ENDPOINT_URL_DYNAMODB: services.dynamodbEndpoint,
    });
    expect(objects.at(-1)).toMatchObject({ kind: 'summary', read: 2_000 });
    expect((await consumersOf(services)).names).toEqual(expected);
  } finally {
    await services.close();
  }
});
