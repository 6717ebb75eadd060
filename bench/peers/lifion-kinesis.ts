/** The polling consumer of lifion-kinesis (1.3.3, on the SDK's version 2): what it does of a page, a page at a time. Its stores are left out. */
import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import type { Variant } from '../side-by-side/scenario.ts';
import { CountByHand } from './count-by-hand.ts';

type Page = {
  readonly records: readonly {
    readonly data: { readonly country: string; readonly at: number; readonly amount: number };
  }[];
  readonly continuePolling: () => Promise<void>;
};

const require = createRequire(import.meta.url);

const variant: Variant = async ({ endpoint }) => {
  const KinesisClient = require('lifion-kinesis/lib/kinesis-client.js');
  const PollingConsumer = require('lifion-kinesis/lib/polling-consumer.js');
  const logger = { debug: () => {}, warn: () => {}, error: (error: Error) => process.stderr.write(`${error.stack}\n`) };
  const pages = new EventEmitter();
  const consumer = new PollingConsumer({
    client: new KinesisClient({ awsOptions: { endpoint, region: 'us-east-1' }, logger, streamName: 'in' }),
    ...{ logger, limit: 10_000, shardId: 'shardId-0', streamName: 'in', initialPositionInStream: 'TRIM_HORIZON' },
    ...{ leaseExpiration: '2100-01-01T00:00:00Z', noRecordsPollDelay: 0, pollDelay: 0, shouldParseJson: true },
    ...{ usePausedPolling: true, useAutoCheckpoints: true, stopConsumer: () => {} },
    pushToStream: (error: Error | null, page: Page) => pages.emit('page', error, page),
    stateStore: {
      getShardsData: async () => ({ shardsPath: '', shardsPathNames: {} }),
      storeShardCheckpoint: async () => {},
    },
  });
  let goOn = (): Promise<void> => consumer.start();
  return {
    run: async (calls) => {
      const counts = new CountByHand();
      for (let call = 0; call < calls; call++) {
        const next = once(pages, 'page');
        void goOn();
        const [error, page] = (await next) as [Error | null, Page];
        if (error !== null) throw error;
        for (const { data } of page.records) counts.add(data.country, data.at, data.amount);
        goOn = page.continuePolling;
      }
      return counts.answer();
    },
  };
};

export default variant;
