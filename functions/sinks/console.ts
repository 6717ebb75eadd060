/** Results on the screen. */
import { developmentSink } from './development-sink.ts';
import { defineSink, type SinkDefinition, type SinkKind } from './sink-kind.ts';

/** What `console` returns. */
export type ConsoleSink = SinkDefinition<unknown> & {
  /** Always 'console'. */
  readonly kind: 'console';
};

/**
 * Prints results, for a pipeline that runs on your machine; a deployment refuses it. For production see
 * `kinesis`.
 *
 * @example
 * ```ts
 * pipeline('delayed')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .filter((flight) => flight.delay >= 60)
 *   .writeStream(console());
 * ```
 */
export function console(): ConsoleSink {
  return defineSink<ConsoleSink>({ kind: 'console' });
}

export const consoleKind: SinkKind<Readonly<Record<string, never>>> = {
  ...developmentSink,
  kind: 'console',
  usage: 'console()',
  read: () => ({}),
  destination: () => 'console',
};
