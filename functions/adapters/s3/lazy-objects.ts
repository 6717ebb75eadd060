/** Who puts files: a client for all steps of a process, which is loaded with the first one (LAZY-1), and requests that end with their step. */
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';
import type { ClientSettings } from '../aws-client.ts';
import type { StepLife } from '../step-life.ts';

export type ObjectsOfStep = (bucket: string, clock: Clock, life: StepLife | undefined) => Objects;

export function lazyObjects(settings: ClientSettings): ObjectsOfStep {
  const load = async () => {
    const { createObjects, createS3Client } = await import('./objects.ts');
    return { createObjects, client: createS3Client(settings) };
  };
  let loading: ReturnType<typeof load> | undefined;
  return (bucket, clock, life) => ({
    async putIfAbsent(...given) {
      loading ??= load();
      const { createObjects, client } = await loading;
      return createObjects(bucket, { client: life?.clientOf(client, 'S3') ?? client, clock }).putIfAbsent(...given);
    },
  });
}
