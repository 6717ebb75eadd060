/** `sluice tail`: the events of a stream, as they come. */
import { LocalProblem } from '../../local/local-problem.ts';
import { oneLine } from '../../local/report/letter-text.ts';
import { readable } from '../../local/report/readable-payload.ts';
import { type EventWithin, eventsWithin } from '../../local/services/events-within.ts';
import { type TailFrom, tailStream } from '../../local/services/tail-stream.ts';
import type { AddCommand } from '../command.ts';
import { readNumber, readText } from '../event-settings.ts';
import type { Flags } from '../flags.ts';
import { print, say } from '../print.ts';
import { atStream, readStream, type StreamAccess } from '../stream/stream-access.ts';
import { readFrom } from '../stream/tail-settings.ts';
import { untilInterrupted } from '../stream/until-interrupted.ts';

export const addTail: AddCommand = (program) => {
  atStream(
    program
      .command('tail')
      .description('print the events of a stream as they come, out of aggregated records and expanded (gzip, zstd)'),
    'print JSON objects, one a line',
  )
    .option('--from <place>', 'latest (the default), trim-horizon, a moment with its zone, or epoch milliseconds')
    .option(
      '--output <form>',
      'text (the default): shard, sequence number, key and payload; payload: that alone, a line each',
    )
    .option('--count <n>', 'end after so many events')
    .option('--until-caught-up', 'end when everything that is there was read')
    .addHelpText(
      'after',
      `
Examples:
  npx sluice tail --stream departures
  npx sluice tail --stream departures --from 2026-03-01T00:00:00Z --count 100 --json
  npx sluice tail --stream flights --from trim-horizon --until-caught-up --output payload > flights.ndjson

It follows splits and merges, each key in its order. What is no text is shown in base64. Ctrl-C ends it.`,
    )
    .action(async (options: Flags) => tail(options));
};

const forms = { text: textOf, payload: payloadOf, json: jsonOf } as const;

async function tail(options: Flags): Promise<void> {
  const problems: string[] = [];
  const stream = readStream(options, problems);
  const from = readFrom(options, { kind: 'latest' }, problems);
  const { count = Number.POSITIVE_INFINITY } = readNumber(
    'count',
    options,
    { whole: true, max: 1_000_000_000 },
    problems,
  );
  const output = readText(options, 'output', problems) ?? 'text';
  if (output !== 'text' && output !== 'payload') problems.push(`--output ${output}: use text or payload`);
  if (options.json === true && options.output !== undefined) problems.push('--json and --output: use one of them');
  if (problems.length > 0 || stream === undefined) throw new LocalProblem('usage', problems.join('\n'));
  const format = forms[options.json === true ? 'json' : (output as 'text' | 'payload')];
  const untilCaughtUp = options.untilCaughtUp === true;
  await untilInterrupted((signal) => follow(stream, { from, count, untilCaughtUp, format, signal }));
}

type Follow = {
  readonly from: TailFrom;
  readonly count: number;
  readonly untilCaughtUp: boolean;
  readonly format: (event: EventWithin) => string;
  readonly signal: AbortSignal;
};

async function follow(stream: StreamAccess, { count, format, ...options }: Follow): Promise<void> {
  let left = count;
  const onPlaced = () => say(`Following ${stream.name}.`);
  for await (const records of tailStream(stream.client(), stream.target, { ...options, onPlaced })) {
    for (const event of records.flatMap(eventsWithin)) {
      if (options.signal.aborted) return;
      print(format(event));
      left -= 1;
      if (left === 0) return;
    }
  }
}

function textOf({ shardId, sequenceNumber, subSequenceNumber, partitionKey, data, unreadable }: EventWithin): string {
  const { form, text } = readable(data);
  const notes = [
    ...(form === 'base64' ? ['base64'] : []),
    ...(unreadable === undefined ? [] : [`can't be read: ${unreadable}`]),
  ];
  const note = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `${shardId} ${sequenceNumber}/${subSequenceNumber} ${oneLine(partitionKey)}${note} ${oneLine(text)}`;
}

/** Each is a line, as `--input` takes them. */
function payloadOf({ data }: EventWithin): string {
  return oneLine(readable(data).text);
}

function jsonOf({ data, arrivalTime, ...event }: EventWithin): string {
  const { form, text } = readable(data);
  const arrival = arrivalTime === null ? null : new Date(arrivalTime).toISOString();
  return JSON.stringify({ ...event, arrivalTime: arrival, payload: { [form]: text } });
}
