/** What puts the lists of files: a client for each region, endpoint and role, made when there is a list to put. */
import { SluiceError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ObjectsAt } from '../../ports/objects.ts';
import type { FilePlace } from '../../sinks/output-file.ts';
import type { ClientSettings } from '../aws-client.ts';
import type { StepLife } from '../step-life.ts';
import { lazyObjects, type ObjectsOfStep as ObjectsIn } from './lazy-objects.ts';

type SettingsAt = {
  settingsAt(place: Omit<FilePlace, 'bucket' | 'prefix'>): ClientSettings;
};

/** Called once for all steps. */
export const openObjects: (connection: SettingsAt) => ObjectsOfStep =
  globalThis.SLUICE_S3_SINK !== false ? openBuckets : () => () => refuse;

type ObjectsOfStep = (clock: Clock, life: StepLife | undefined) => ObjectsAt;

function openBuckets({ settingsAt }: SettingsAt): ObjectsOfStep {
  const clients = new Map<string, ObjectsIn>();
  return (clock, life) =>
    ({ bucket, region, endpointUrl, role }) => {
      const name = JSON.stringify([region, endpointUrl, role]);
      const client = clients.get(name) ?? lazyObjects(settingsAt({ region, endpointUrl, role }));
      clients.set(name, client);
      return client(bucket, clock, life);
    };
}

/** Bundles without files have no client. */
function refuse(): never {
  throw new SluiceError('InvalidPipeline', 'the function was bundled for a pipeline that writes no files');
}
