/** What no run on this machine has a service for: what would be sent is shown, as by `console()`, and nothing is sent. */
import type { RecordIdentity } from '../../../functions/sinks/record-identity.ts';
import { localConsole } from './console.ts';
import type { LocalSink } from './local-sink.ts';

export const localShown: LocalSink<RecordIdentity> = {
  open: (_, show) => localConsole.open!(undefined, show),
  identityField: ({ identity, identityField }) => (identity === 'field' ? identityField : undefined),
};
