/** `sluice dev` of a pipeline with troubles that are planted one by one, on embedded services, and its page. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { createStream } from '../../local/services/streams.ts';
import { kinesisOf, startWorld, type World } from '../support/world.ts';
import { type RefusingKinesis, refuseShard } from './refusing-kinesis.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const pipeline = fileURLToPath(new URL('./pipelines/troubled.ts', import.meta.url));

type Order = { readonly key: string; readonly data: unknown };

/** One of each of forty countries, or 1,500 of one. */
export const ordersOf = (what: 'countries' | 'one'): readonly Order[] =>
  Array.from({ length: what === 'one' ? 1_500 : 40 }, (_, amount) => {
    const country = what === 'one' ? 'c3' : `c${amount}`;
    return { key: country, data: { country, amount } };
  });

export type TroubledRun = {
  readonly world: World;
  readonly page: string;
  readonly kinesis: RefusingKinesis;
  publish(orders: readonly Order[]): Promise<void>;
  /** From now on the output `warehouse` takes nothing. */
  breakOutput(): void;
  stop(): Promise<void>;
};

export async function startTroubledRun(): Promise<TroubledRun> {
  const world = await startWorld();
  const kinesis = await refuseShard(world.kinesis.endpoint);
  const client = kinesisOf(world);
  await Promise.all([createStream(client, 'orders', 4), createStream(client, 'orders-per-country', 1)]);
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  const down = path.join(directory, 'down');
  const child = spawn(process.execPath, ['--conditions=sluice-source', main, 'dev', pipeline, '--page-port', '0'], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: world.dynamodb.endpoint,
      WAREHOUSE_IS_DOWN: down,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  const page = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = /^Page: (\S+)$/m.exec(said)?.[1];
      if (address !== undefined && said.includes('While it runs')) resolve(address);
    });
    ended.then(() => reject(new Error(said))).catch(reject);
  });
  return {
    ...{ world, page, kinesis },
    async publish(orders) {
      for (let at = 0; at < orders.length; at += 500) {
        const Records = orders.slice(at, at + 500).map(({ key, data }) => ({
          PartitionKey: key,
          Data: new TextEncoder().encode(JSON.stringify(data)),
        }));
        await client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
      }
    },
    breakOutput: () => writeFileSync(down, ''),
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await Promise.all([kinesis.stop(), world.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
