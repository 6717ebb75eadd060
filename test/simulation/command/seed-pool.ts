/** Seeds on worker threads; results come in the order of the seeds, whichever thread was quicker. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Profile } from '../run-seed.ts';
import type { RunResult } from '../world/run-result.ts';

export type PoolOptions = { readonly jobs: number } & Omit<SeedRequest, 'seed'>;
export type SeedRequest = { readonly seed: number; readonly throughSdk: boolean; readonly profile: Profile };

/** What a run makes is mostly garbage when it ends: with room for it, little has to be copied. */
const maxYoungGenerationSizeMb = 192;
/** Beside this file as source, and beside the bundle of a broken product. */
const workerEntry = new URL(`./seed-worker${path.extname(import.meta.filename)}`, import.meta.url);

export async function* runSeeds(seeds: readonly number[], options: PoolOptions): AsyncGenerator<RunResult> {
  const { throughSdk, profile } = options;
  const jobs = Math.max(1, Math.min(options.jobs, seeds.length));
  const workers = Array.from(
    { length: jobs },
    () => new Worker(workerEntry, { resourceLimits: { maxYoungGenerationSizeMb } }),
  );
  const waiting = new Map<number, PromiseWithResolvers<RunResult>>();
  for (const seed of seeds) waiting.set(seed, Promise.withResolvers());
  let next = 0;
  const give = (worker: Worker): void => {
    const seed = seeds[next++];
    if (seed !== undefined) worker.postMessage({ seed, throughSdk, profile } satisfies SeedRequest);
  };
  const fail = (error: unknown): void => {
    for (const { promise, reject } of waiting.values()) {
      promise.catch(() => {});
      reject(error);
    }
  };
  for (const worker of workers) {
    worker.on('message', (result: RunResult) => {
      waiting.get(result.seed)?.resolve(result);
      give(worker);
    });
    worker.on('error', fail);
    give(worker);
  }
  try {
    for (const seed of seeds) {
      yield await waiting.get(seed)!.promise;
      waiting.delete(seed);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
