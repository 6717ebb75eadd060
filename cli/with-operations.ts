/**
 * The stores that a command changes a pipeline by. One that is interrupted gives free what it has claimed: nobody has to wait until a lease has
 * run out that nobody holds any more.
 */
import { randomUUID } from 'node:crypto';
import { countItems, removePipeline, removeSavepoint } from '../functions/adapters/dynamodb/remove-pipeline.ts';
import { createSavepointIndex } from '../functions/adapters/dynamodb/savepoint-index.ts';
import { openStorage, type Storage } from '../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../functions/adapters/dynamodb/stores.ts';
import type { ListedSavepoint } from '../functions/operations/listed-savepoints.ts';
import type { OperatedPipeline } from '../functions/operations/operated-pipeline.ts';
import type { PurgedPipeline } from '../functions/operations/purge-pipeline.ts';
import { savepointName } from '../functions/operations/savepoint.ts';
import type { HeadStore } from '../functions/ports/head-store.ts';
import { systemClock } from '../functions/steps/runtime.ts';
import { LocalProblem } from '../local/local-problem.ts';
import type { Flags } from './flags.ts';
import { withTable } from './local-state.ts';

export type Operations = {
  pipeline(name: string): OperatedPipeline;
  savepoint(pipeline: string, name: string): ListedSavepoint;
  purged(pipeline: string): PurgedPipeline;
};

const signals = ['SIGINT', 'SIGTERM'] as const;

export async function withOperations(options: Flags, work: (operations: Operations) => Promise<void>): Promise<void> {
  const claims = new Claims();
  await withTable(options, async (table, bucket) => {
    const storageOf = (pipeline: string): Storage =>
      openStorage({ table, bucket, pipeline, clock: systemClock, newId: randomUUID });
    const operated = (name: string): OperatedPipeline => {
      const stores = createStores(storageOf(name));
      return { ...stores, head: claims.noting(stores.head), name, clock: systemClock, newId: randomUUID };
    };
    const savepoint = (pipeline: string, name: string): ListedSavepoint => ({
      ...{ name, pipeline: operated(pipeline), savepoint: operated(savepointName(pipeline, name)) },
      index: createSavepointIndex(storageOf(pipeline)),
      removeAll: () => removeSavepoint(storageOf(savepointName(pipeline, name))),
      bucket: bucket?.name ?? null,
    });
    const purged = (pipeline: string): PurgedPipeline => ({
      pipeline: operated(pipeline),
      index: createSavepointIndex(storageOf(pipeline)),
      count: (there) => countItems(storageOf(pipeline), there),
      removeAll: (there) => removePipeline(storageOf(pipeline), there),
      savepoint: (name) => savepoint(pipeline, name),
      bucket: bucket?.name ?? null,
    });
    await claims.freedAtSignal(() => work({ pipeline: operated, savepoint, purged }));
  });
}

class Claims {
  readonly #releases: (() => Promise<unknown>)[] = [];

  noting(head: HeadStore): HeadStore {
    return {
      ...head,
      claim: async (seen, claim) => {
        const claimed = await head.claim(seen, claim);
        if (claimed.kind === 'updated') this.#releases.push(() => head.release(claimed.head.epoch, claim.owner));
        return claimed;
      },
    };
  }

  async freedAtSignal(work: () => Promise<void>): Promise<void> {
    const interrupted = Promise.withResolvers<never>();
    const stop = (): void => {
      const released = Promise.allSettled(this.#releases.map((release) => release()));
      void released.then(() => interrupted.reject(stopped()));
    };
    for (const signal of signals) process.once(signal, stop);
    try {
      await Promise.race([work(), interrupted.promise]);
    } finally {
      for (const signal of signals) process.off(signal, stop);
    }
  }
}

const stopped = (): LocalProblem =>
  new LocalProblem(
    'aborted',
    'Stopped. Run the command again, or see with `npx sluice status` whether it was through.',
  );
