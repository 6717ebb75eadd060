/** The page of options has every option, with its default, and no other. */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { checkRole } from '../../functions/pipeline/check-role.ts';
import { parseDuration } from '../../functions/pipeline/duration.ts';
import { checkPipeline, count, json, kinesis, pipeline, tumbling } from '../../functions/pipeline/index.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { readDocument, section, tableIn } from './documents.ts';

type Place =
  | 'source'
  | 'source.getRecords'
  | 'source.role'
  | 'source.subscribeToShard'
  | 'decode'
  | 'sink'
  | 'sink.role'
  | 'options'
  | 'withWatermark'
  | 'window'
  | 'trigger';
const page = readDocument('docs/reference/options.md');

/** An option with a name that resembles none: the refusal lists all that exist. */
const unknown = { qqqqqqqqqqqqqqqqqqqq: 1 };

function definitionWith(place: Place | undefined) {
  const at = (candidate: Place): object => (candidate === place ? unknown : {});
  const source: { readonly streamName: string } = {
    streamName: 'in',
    ...at('source'),
    ...(place === 'source.getRecords' ? { getRecords: unknown } : {}),
    ...(place === 'source.role' ? { role: unknown } : {}),
    ...(place === 'source.subscribeToShard' ? { subscribeToShard: unknown } : {}),
  };
  const sink: { readonly streamName: string } = {
    streamName: 'out',
    ...at('sink'),
    ...(place === 'sink.role' ? { role: unknown } : {}),
  };
  return pipeline('any', at('options'))
    .readStream(kinesis(source))
    .decode(json(z.any(), at('decode')))
    .withWatermark((_, meta) => meta.arrivalTime, { delay: '0 seconds', ...at('withWatermark') })
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(tumbling('1 hour', at('window')))
    .aggregate({ events: count() })
    .writeStream(kinesis(sink))
    .trigger(at('trigger'));
}

function knownOptions(place: Place): string[] {
  const checked = checkPipeline(definitionWith(place));
  if (checked.kind === 'valid') throw new Error(`${place} takes any option`);
  const [problem] = checked.problems.filter(({ message }) => message.includes('there is no such option'));
  return problem!.allowed.replace(/^one of /, '').split(', ');
}

function defaults(): Pipeline {
  const checked = checkPipeline(definitionWith(undefined));
  if (checked.kind === 'invalid') throw new Error(checked.problems.map(({ message }) => message).join('\n'));
  return checked.pipeline;
}

const { decoder, source, outputs, operations, aggregation, trigger, ...rest } = defaults();
const sink = outputs[0]!.sink as Extract<(typeof outputs)[number]['sink'], { kind: 'kinesis' }>;
const { eventTime } = operations[0] as Extract<(typeof operations)[number], { kind: 'watermark' }>;
const { offsetMs } = aggregation!.window as Extract<NonNullable<typeof aggregation>['window'], { kind: 'tumbling' }>;

/** Without a role it has no options: these are of one of which only the ARN is given. */
const { durationMs, ...role } = checkRole('role', { arn: 'arn:aws:iam::123456789012:role/any' }, undefined, [])!;
const roleDefaults = {
  'role.arn': undefined,
  'role.sessionName': role.sessionName,
  'role.externalId': role.externalId,
  'role.duration': durationMs,
  'role.stsRegion': role.stsRegion,
  'role.stsEndpointUrl': role.stsEndpointUrl,
};

/** What each option is when it is not given; undefined: nothing. */
const sections: Readonly<
  Record<string, { readonly places: readonly Place[]; readonly defaults: Readonly<Record<string, unknown>> }>
> = {
  '## Source': {
    places: ['source', 'source.getRecords', 'source.role', 'source.subscribeToShard'],
    defaults: {
      streamName: undefined,
      streamArn: undefined,
      region: source.region,
      endpointUrl: source.endpointUrl,
      ...roleDefaults,
      consumerType: source.consumerType,
      startingPosition: { latest: 'LATEST' }[source.startingPosition.kind as 'latest'],
      endingPosition: source.endingPosition,
      describeShardInterval: source.describeShardIntervalMs,
      maxFetchRecordsPerShard: source.maxFetchRecordsPerShard,
      maxFetchTimePerShard: source.maxFetchTimePerShardMs,
      'getRecords.numberOfRecordsPerFetch': source.numberOfRecordsPerFetch,
      'getRecords.fetchInterval': source.fetchIntervalMs,
      'subscribeToShard.consumerName': source.subscribeToShard.consumerName,
      'subscribeToShard.adopt': source.subscribeToShard.adopt,
      'subscribeToShard.fallBack': source.subscribeToShard.fallBack,
      'subscribeToShard.httpVersion': source.subscribeToShard.httpVersion,
      failOnDataLoss: source.failOnDataLoss,
      compression: source.compression,
      maxDecompressedBytes: source.maxDecompressedBytes,
    },
  },
  '## Decoder': {
    places: ['decode'],
    defaults: { largeIntegers: decoder.kind === 'json' ? decoder.largeIntegers : undefined },
  },
  '## Sink': {
    places: ['sink', 'sink.role'],
    defaults: {
      streamName: undefined,
      streamArn: undefined,
      region: sink.region,
      endpointUrl: sink.endpointUrl,
      ...roleDefaults,
      partitionKey: sink.partitionKey,
      identity: sink.identity,
      identityField: sink.identityField,
      allowLoop: sink.allowLoop,
    },
  },
  '## Pipeline': {
    places: ['options'],
    defaults: {
      parallelism: rest.parallelism,
      minBatchesToRetain: rest.minBatchesToRetain,
      shardsPerTask: rest.shardsPerTask,
      maxTasks: rest.maxTasks,
    },
  },
  '## Watermark': {
    places: ['withWatermark'],
    defaults: { delay: 'required', idleTimeout: eventTime.idleTimeoutMs, maxFutureTime: eventTime.maxFutureMs },
  },
  '## Window': { places: ['window'], defaults: { offset: offsetMs } },
  '## Trigger': {
    places: ['trigger'],
    defaults: { every: trigger.everyMs, stopWhenIdle: trigger.stopWhenIdleMs, availableNow: trigger.availableNow },
  },
};

/** Objects of options: their own options have rows. */
const nestedNames = new Set(['getRecords', 'role', 'subscribeToShard']);

/** A cell as the value it stands for. */
function valueIn(cell: string): unknown {
  if (cell === '–') return undefined;
  if (cell === 'required') return cell;
  const code = /^`(.*)`$/.exec(cell)?.[1] ?? '';
  const text = /^'(.*)'$/.exec(code)?.[1];
  if (text !== undefined) return parseDuration(text) ?? text;
  return JSON.parse(code);
}

describe.each(Object.entries(sections))('%s', (heading, { places, defaults: expected }) => {
  const rows = tableIn(section(page, heading)).map(([option, value]) => [option!.replaceAll('`', ''), value!] as const);

  test('has every option and no other', () => {
    const known = places.flatMap((place) => {
      const [, nested] = place.split('.');
      const prefix = nested === undefined ? '' : `${nested}.`;
      return knownOptions(place).map((name) => `${prefix}${name}`);
    });
    expect(rows.map(([option]) => option).toSorted()).toEqual(
      known.filter((name) => !nestedNames.has(name)).toSorted(),
    );
  });

  test('has their defaults', () => {
    expect(Object.fromEntries(rows.map(([option, value]) => [option, valueIn(value)]))).toEqual(expected);
  });
});

test('the page has every option of `runPipeline`, and no other', () => {
  const source = readDocument('functions/core/run-pipeline.ts');
  const type = /export type RunOptions<Input> = \{([\s\S]*?)\n\};/.exec(source)![1]!;
  const known = [...type.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!);
  const told = tableIn(section(page, '## Tests')).map(([option]) => option!.replaceAll('`', ''));
  expect(told).toEqual(known);
});
