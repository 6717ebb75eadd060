/** Results on the screen. */
import { developmentSink } from './development-sink.ts';
import { defineSink, type SinkDefinition, type SinkKind } from './sink-kind.ts';

export type ConsoleSink = SinkDefinition<unknown> & { readonly kind: 'console' };

/** Prints results, for a pipeline that runs on your machine. For production see `kinesis`. */
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
