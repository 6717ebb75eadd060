/** What a pipeline will do, in words: everything here follows from the checked pipeline, and nothing is asked of any server. */
import { formatDuration } from '../../functions/pipeline/duration.ts';
import { filesADay, filesText } from '../../functions/pipeline/files-a-day.ts';
import {
  type Aggregation,
  consumerNameOf,
  type EventTime,
  type Output,
  type Pipeline,
} from '../../functions/pipeline/pipeline.ts';
import type { ShardPlaces, StartingPosition } from '../../functions/pipeline/positions.ts';
import { lateOutput } from '../../functions/pipeline/side-outputs.ts';
import type { StreamReference } from '../../functions/pipeline/stream.ts';
import { guaranteeText } from './guarantee-text.ts';
import { windowText } from './window-text.ts';

/** What it is about, and what is said of it. */
export type PlanLine = { readonly about: string; readonly text: string };

type Section = (pipeline: Pipeline) => readonly PlanLine[];

export const planOf = (pipeline: Pipeline): readonly PlanLine[] => sections.flatMap((section) => section(pipeline));

/** In the order in which they are shown. Another one, such as what it costs, is a line here. */
const sections: readonly Section[] = [source, events, watermark, grouping, outputs, running, scale];

const line = (about: string, ...parts: readonly (string | undefined)[]): PlanLine => ({
  about,
  text: parts.filter((part) => part !== undefined && part !== '').join('; '),
});

const streamText = (stream: StreamReference): string => (stream.kind === 'name' ? stream.streamName : stream.streamArn);

function source(pipeline: Pipeline): readonly PlanLine[] {
  const { stream, region, consumerType, startingPosition, endingPosition, deduplicate, role } = pipeline.source;
  const reading =
    consumerType === 'GetRecords' ? 'polled' : `by enhanced fan-out as consumer ${consumerNameOf(pipeline)}`;
  const end = endingPosition === undefined ? undefined : `ends ${placeText(endingPosition)}`;
  const { failOnDataLoss } = pipeline.source;
  return [
    line(
      'source',
      `stream ${streamText(stream)}${region === undefined ? '' : ` in ${region}`}`,
      reading,
      `begins ${placeText(startingPosition)}`,
      end,
      role && `as ${role.arn}`,
    ),
    line(
      'loss',
      failOnDataLoss
        ? 'stops where retention has passed over a shard'
        : 'goes on where retention has passed over a shard',
    ),
    ...(deduplicate === undefined
      ? []
      : [
          line(
            'repeats',
            `of Sluice's sinks are dropped, by ${deduplicate.identityField}`,
            `a sender is forgotten after ${formatDuration(deduplicate.forgetAfterMs)}`,
          ),
        ]),
  ];
}

type Place = StartingPosition | { readonly kind: 'per-shard'; readonly shards: ShardPlaces };

function placeText(place: Place): string {
  switch (place.kind) {
    case 'latest':
      return 'at the tip (LATEST)';
    case 'trim-horizon':
      return 'with the oldest record (TRIM_HORIZON)';
    case 'at-timestamp':
      return `at ${new Date(place.timestamp).toISOString()}`;
    case 'per-shard':
      return `at a place of its own in each of ${Object.keys(place.shards).length} shards`;
  }
}

function events({ source: { compression }, decoder, operations, references }: Pipeline): readonly PlanLine[] {
  const steps = operations.filter(({ kind }) => kind !== 'watermark').map(({ kind }) => kind);
  const form = compression === 'none' ? undefined : `compressed (${compression})`;
  return [
    line(
      'events',
      decoder.kind.kind,
      form,
      decoder.kind.describe?.(decoder.options),
      'what cannot be read becomes a dead letter',
    ),
    ...(steps.length === 0 ? [] : [line('steps', steps.join(', then '))]),
    ...references.map(({ name, everyMs }) => line('reference', name, `loaded every ${formatDuration(everyMs)}`)),
  ];
}

function watermark({ operations }: Pipeline): readonly PlanLine[] {
  const found = operations.find((operation) => operation.kind === 'watermark');
  return found === undefined ? [] : [watermarkLine(found.eventTime)];
}

const watermarkLine = ({ delayMs, idleTimeoutMs, maxFutureMs }: EventTime): PlanLine =>
  line(
    'watermark',
    `${formatDuration(delayMs)} behind the latest event of the slowest shard`,
    idleTimeoutMs === undefined
      ? 'a shard without events holds it'
      : `a shard without events holds it for ${formatDuration(idleTimeoutMs)}`,
    `an event more than ${formatDuration(maxFutureMs)} ahead of its arrival is a dead letter`,
  );

function grouping({ aggregation, parallelism, outputs: all }: Pipeline): readonly PlanLine[] {
  if (aggregation === undefined) return [line('keys', 'none: events pass one by one, and nothing is kept')];
  const { keys, window, aggregates, distinct, operator } = aggregation;
  const groups = `${parallelism} key group${parallelism === 1 ? '' : 's'}`;
  const by = keys.map(({ name }) => name).join(', ');
  if (operator === 'dropDuplicates')
    return [
      line(
        'keys',
        `the first event of each ${by} passes`,
        `others near it are kept out: ${windowText(window)}`,
        groups,
      ),
    ];
  const counted = distinct && `only the first event of each ${distinct.keys.map(({ name }) => name).join(', ')} counts`;
  return [
    line('keys', by, groups, counted),
    line('windows', windowText(window)),
    line('aggregates', aggregates.map(({ name }) => name).join(', ')),
    line('results', resultsText(aggregation), topText(aggregation)),
    ...lateLines(aggregation, all),
  ];
}

function resultsText({ mode, window, discards, maxRows }: Aggregation): string {
  const each = window.kind.of === 'micro-batch' ? 'with each batch' : 'when its window closes';
  if (mode === undefined) return `one for each key and window, ${each}`;
  const amount = discards === undefined ? '' : ', each of what has come since the one before';
  return mode === 'update'
    ? `in each batch that changes them${amount}`
    : `all of them in each batch, at most ${maxRows?.toLocaleString('en')} of a key group`;
}

const topText = ({ top }: Aggregation): string | undefined =>
  top === undefined ? undefined : `of each window only the ${top.n} ${top.order === 'highest' ? 'highest' : 'lowest'}`;

function lateLines({ window }: Aggregation, all: Pipeline['outputs']): readonly PlanLine[] {
  if (window.kind.of === 'micro-batch') return [];
  const side = all.find(({ id }) => id === lateOutput);
  const rest = side === undefined ? 'left out, and reported' : `written to ${placeOf(side)}`;
  return window.latenessMs === undefined
    ? [line('late', `what comes after its window has closed is ${rest}`)]
    : [
        line(
          'late',
          `for ${formatDuration(window.latenessMs)} after its end a window is corrected`,
          `what comes later is ${rest}`,
        ),
      ];
}

function outputs(pipeline: Pipeline): readonly PlanLine[] {
  return pipeline.outputs.flatMap((output) => [
    line(`output ${output.id}`, `${of[output.from]} to ${placeOf(output)}`, guaranteeText(output)),
    ...(output.files === undefined ? [] : [line('files', filesText(output.id, filesADay(pipeline, output)))]),
  ]);
}

const of: Readonly<Record<Output['from'], string>> = {
  results: 'results',
  events: 'events',
  late: 'late events',
  letters: 'dead letters',
};

/** As messages of the engine name it, without what is empty there. */
const placeOf = ({ sink: { kind, options } }: Pick<Output, 'sink'>): string => {
  const place = kind.destination(options).trim().replace(/\s+/g, ' ');
  return place.startsWith(kind.kind) ? place : `${kind.kind} ${place}`;
};

function running({ trigger, source: { endingPosition } }: Pipeline): readonly PlanLine[] {
  const { everyMs, stopWhenIdleMs, availableNow } = trigger;
  const every =
    everyMs === 0 ? 'a batch begins when the one before has ended' : `a batch begins every ${formatDuration(everyMs)}`;
  if (availableNow === true) return [line('runs', 'until what the stream held when it began is read', every)];
  const idle =
    stopWhenIdleMs === undefined
      ? undefined
      : `ends after ${formatDuration(stopWhenIdleMs)} without events; the schedule starts it again`;
  return [line('runs', every, idle ?? (endingPosition === undefined ? 'without an end' : undefined))];
}

function scale({ parallelism, shardsPerTask, maxTasks, aggregation }: Pipeline): readonly PlanLine[] {
  const executors = `up to ${maxTasks} executors`;
  const shards = shardsPerTask === 'auto' ? 'shards dealt by their load' : `${shardsPerTask} shards each`;
  return [
    line(
      'scale',
      executors,
      shards,
      aggregation === undefined ? undefined : `${parallelism} reducer${parallelism === 1 ? '' : 's'}`,
    ),
  ];
}
