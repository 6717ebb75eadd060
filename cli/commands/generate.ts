/** `sluice generate`: events into a stream, at a steady rate or from a file. */
import { compressions } from '../../functions/pipeline/compression.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { checkEvents } from '../../local/publish/check-events.ts';
import { compressedEvents } from '../../local/publish/compressed-events.ts';
import { generateEvents } from '../../local/publish/generated-events.ts';
import { readInputFile } from '../../local/publish/input-file.ts';
import type { EventSource } from '../../local/publish/publish-source.ts';
import { type PublishReport, publish } from '../../local/publish/publisher.ts';
import { waitUntilActive } from '../../local/services/streams.ts';
import type { AddCommand } from '../command.ts';
import { withEvents } from '../event-options.ts';
import { readEvents, readText } from '../event-settings.ts';
import type { Flags } from '../flags.ts';
import { print, say } from '../print.ts';
import { atStream, readStream, type StreamAccess } from '../stream/stream-access.ts';
import { untilInterrupted } from '../stream/until-interrupted.ts';

export const addGenerate: AddCommand = (program) => {
  const command = atStream(
    program.command('generate').description('publish events to a stream, in aggregated records'),
    'print one JSON object at the end',
  )
    .option('--generate <template>', 'events made from a Kinesis Data Generator template, or a file with one')
    .option('--input <file>', 'or the lines of a file (.ndjson, .csv, …), plain or .gz; of .b64 what they decode to');
  withEvents(command)
    .option('--compression <format>', 'of each event: none (the default), gzip or zstd')
    .addHelpText(
      'after',
      `
Examples:
  npx sluice generate --stream flights --input flights.ndjson --partition-key origin
  npx sluice generate --stream flights --generate event.txt --rate 500 --for 60
  npx sluice generate --stream clicks --generate '{"id":{{random.number(100)}},"at":"{{date.now}}"}'

Ctrl-C ends it.`,
    )
    .action(async (options: Flags) => generate(options));
};

async function generate(options: Flags): Promise<void> {
  const problems: string[] = [];
  const stream = readStream(options, problems);
  const source = readEvents(options, problems);
  const compression = readText(options, 'compression', problems) ?? 'none';
  const known = compressions.filter((each) => each !== 'auto');
  const format = known.find((each) => each === compression);
  if (format === undefined) problems.push(`--compression ${compression}: use ${known.join(', ')}`);
  if (options.input === undefined && options.generate === undefined)
    problems.push('--generate or --input: one of them is needed');
  if (stream === undefined || source === undefined || format === undefined)
    throw new LocalProblem('usage', problems.join('\n'));
  const report = await untilInterrupted((signal) => publishTo(stream, { source, format, signal }));
  const { events, records, kind } = report;
  if (options.json === true) print(JSON.stringify({ stream: stream.name, events, records, end: kind }));
  else
    say(
      `Published ${events.toLocaleString('en')} events in ${records.toLocaleString('en')} records to ${stream.name}.`,
    );
}

type Task = {
  readonly source: EventSource;
  readonly format: 'none' | 'gzip' | 'zstd';
  readonly signal: AbortSignal;
};

async function publishTo(stream: StreamAccess, { source, format, signal }: Task): Promise<PublishReport> {
  const { maxRecordBytes } = await waitUntilActive(stream.client(), stream.target);
  await checkEvents(source, { compression: format, maxRecordBytes });
  const made = source.kind === 'template' ? generateEvents({ ...source, signal }) : readInputFile(source);
  return publish({
    client: stream.client({ maxAttempts: 1 }),
    stream: stream.target,
    events: compressedEvents(made, format),
    flush: source.kind === 'template' ? 'each-chunk' : 'when-full',
    maxRecordBytes,
    signal,
  });
}
