/** One thread: a seed in, its result out. */
import { parentPort } from 'node:worker_threads';
import { runSeed } from '../run-seed.ts';
import type { SeedRequest } from './seed-pool.ts';

parentPort!.on('message', async ({ seed, ...options }: SeedRequest) => {
  parentPort!.postMessage(await runSeed(seed, options));
});
