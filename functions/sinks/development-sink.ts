/** What sinks on a machine of one's own have in common: they show what a stream would be sent, without an identity. */
import type { SinkKind } from './sink-kind.ts';
import { everyStreamTakes, streamBytes, streamLimits, streamRecord } from './stream-record.ts';

export const developmentSink = {
  isForDevelopment: true,
  isStream: false,
  runsUserCode: () => false,
  encode: (_, value, about) => streamRecord({ partitionKey: undefined, identityField: undefined }, value, about),
  bytesOf: streamBytes,
  limits: () => streamLimits(everyStreamTakes),
  takesRetractions: () => false,
  grants: () => [],
} satisfies Partial<SinkKind>;
