/** Results on the screen. */
import { defineSink, type SinkDefinition, type SinkKind } from './sink-kind.ts';
import { everyStreamTakes, streamBytes, streamLimits, streamRecord } from './stream-record.ts';

export type ConsoleSink = SinkDefinition<unknown> & { readonly kind: 'console' };

/** Prints results, for a pipeline that runs on your machine. For production see `kinesis`. */
export function console(): ConsoleSink {
  return defineSink<ConsoleSink>({ kind: 'console' });
}

export const consoleKind: SinkKind<Readonly<Record<string, never>>> = {
  kind: 'console',
  usage: 'console()',
  isForDevelopment: true,
  isStream: false,
  read: () => ({}),
  destination: () => 'console',
  runsUserCode: () => false,
  encode: (_, value, about) => streamRecord({ partitionKey: undefined, identityField: undefined }, value, about),
  bytesOf: streamBytes,
  limits: () => streamLimits(everyStreamTakes),
  takesRetractions: () => false,
  grants: () => [],
};
