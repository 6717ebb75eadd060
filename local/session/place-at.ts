/** Where a stream of the pipeline file is on the servers of a run. */
import type { StreamPlace, StreamReference } from '../../functions/pipeline/stream.ts';
import type { Services } from '../services/services.ts';
import { nameOf } from '../services/streams.ts';

type PlaceHere = Pick<StreamPlace, 'stream' | 'region'> & { readonly endpointUrl: string; readonly role?: undefined };

/** Servers of this run's own have no accounts that a role could open. */
export function placeAt({ stream }: Pick<StreamPlace, 'stream'>, servers: Services): PlaceHere {
  const { kind, region, kinesisEndpoint } = servers;
  const isOwn = kind === 'embedded';
  const here: StreamReference = isOwn ? { kind: 'name', streamName: nameOf(stream) } : stream;
  return { stream: here, region, endpointUrl: kinesisEndpoint, ...(isOwn ? { role: undefined } : {}) };
}
