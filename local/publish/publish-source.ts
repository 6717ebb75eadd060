/** Where the events of a run come from, and their way into the source stream. */
import path from 'node:path';
import type { Compression } from '../../functions/pipeline/compression.ts';
import type { Services } from '../services/services.ts';
import { type StreamTarget, waitUntilActive } from '../services/streams.ts';
import { compressedEvents } from './compressed-events.ts';
import type { EventTemplate } from './event-template.ts';
import { generateEvents } from './generated-events.ts';
import { identifyFile, readInputFile } from './input-file.ts';
import { openJournal } from './publish-journal.ts';
import { type PublishReport, publish } from './publisher.ts';

export type EventSource = { readonly partitionKey?: string | undefined; readonly isFinite: boolean } & (
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'template';
      readonly template: EventTemplate;
      readonly eventsPerSecond: number;
      readonly count: number | undefined;
    }
);

export type PublishTask = {
  readonly services: Services;
  readonly stream: StreamTarget;
  readonly source: EventSource;
  /** How the pipeline expects them. */
  readonly compression: Compression;
  readonly maxRecordBytes: number;
  readonly stateDirectory: string | undefined;
  readonly signal: AbortSignal;
  readonly onPublished: (events: number) => void;
};

export async function publishTo(task: PublishTask): Promise<PublishReport> {
  const { services, stream, source, compression, maxRecordBytes, signal, onPublished } = task;
  const client = services.kinesisOnce;
  if (source.kind === 'template') {
    const events = compressedEvents(generateEvents({ ...source, signal }), compression);
    return publish({ client, stream, events, flush: 'each-chunk', maxRecordBytes, signal, onPublished });
  }
  const journal =
    task.stateDirectory === undefined ? undefined : await journalOf(task, source.path, task.stateDirectory);
  const events = compressedEvents(readInputFile(source), compression);
  return publish({ client, stream, events, journal, maxRecordBytes, signal, onPublished });
}

/** The same file to the same stream with the same keys: then, and only then, a second run goes on with the first. */
async function journalOf({ services, stream, source, compression }: PublishTask, file: string, stateDirectory: string) {
  const { createdAt } = await waitUntilActive(services.kinesis, stream);
  const identity = [
    '1',
    await identifyFile(file),
    Object.values(stream)[0] ?? '',
    `${createdAt}`,
    source.partitionKey ?? '',
    ...(compression === 'none' ? [] : [compression]),
  ];
  return openJournal(path.join(stateDirectory, 'published'), identity);
}
