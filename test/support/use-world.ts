/** The servers of a test file: started before its first test, stopped after its last. */
import { afterAll, beforeAll } from 'vitest';
import { startWorld, type World } from './world.ts';

export function useWorld(): World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.stop());
  const started = (): World => {
    if (world === undefined) throw new Error('the servers are started before the first test, not earlier');
    return world;
  };
  return {
    get kinesis() {
      return started().kinesis;
    },
    get dynamodb() {
      return started().dynamodb;
    },
    stop: () => started().stop(),
  };
}
