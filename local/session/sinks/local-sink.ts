/** What a run on this machine does for sinks of one kind: a file each, and a line in `index.ts`. What is absent needs nothing. */
import type { StreamPlace } from '../../../functions/pipeline/stream.ts';
import type { OutputSink } from '../../../functions/sinks/output-sink.ts';
import type { Services } from '../../services/services.ts';
import type { StreamFacts } from '../../services/streams.ts';

export type LocalSink<Options = unknown> = {
  /** What its options are on these servers: a region, endpoint or account in the file is for its deployment. */
  optionsAt?(options: Options, servers: Services): Options;
  /** ARNs of the roles that it names. */
  rolesOf?(options: Options): readonly string[];
  /** Its name, where on these servers it is what is read, and must not be. */
  nameOfLoop?(options: Options, source: StreamPlace): string | undefined;
  /** The field of its records that is for programs. */
  identityField?(options: Options): string | undefined;
  /** Makes what is missing on servers of this run's own, and waits for it elsewhere. */
  prepare?(options: Options, around: AroundSink): Promise<void>;
  /** Rows that came since the last call, for people. */
  followRows?(options: Options, around: AroundSink): () => Promise<readonly Uint8Array[]>;
  /** Writes all that it holds, a line each. Returns how many there are. */
  writeResults?(options: Options, around: Pick<AroundSink, 'servicesFor'>, file: string): Promise<number>;
  /** Where no adapter opens it. `show`: rows for people, with the batch. `resultsFile`: what it is asked to write, as it is sent. */
  open?(options: Options, show: (rows: readonly Uint8Array[]) => void, resultsFile?: string): OutputSink;
};

export type AroundSink = {
  /** Reached with the role of a stream, if it has one. */
  readonly servicesFor: (place: Pick<StreamPlace, 'role'>) => Services;
  /** Of streams that the run makes. */
  readonly prepareStream: (stream: StreamPlace['stream'], services: Services) => Promise<StreamFacts>;
};
