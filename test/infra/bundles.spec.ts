/** What each function is bundled with: the steps that run no user code have none of it, and start the sooner. */
import { isBuiltin } from 'node:module';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import { openOutline } from '../../functions/pipeline/outline.ts';
import { windowKinds } from '../../functions/windows/index.ts';
import { bundleOptions } from '../../infra/bundle-step.ts';
import { filesLoaded } from '../../infra/bundled-files.ts';
import { readPipeline } from '../../infra/read-pipeline.ts';
import { type StepFolder, steps } from '../../infra/steps.ts';

/** The plan asks Kinesis and DynamoDB alike: two clients, and the logger. Plan and commit give out metrics. Executors read dead letters again, commits list them. What reads and writes records has programs for them. A small plan travels with the state machine, and waves have words of their own. */
const maxBytes = {
  'plan-batch': 338_000,
  'seal-batch': 307_000,
  'commit-batch': 327_000,
  'process-shards': 585_000,
  'reduce-key-group': 571_000,
} as const;
const withoutUserCode = ['plan-batch', 'seal-batch', 'commit-batch'] as const;
const departures = 'examples/departures.ts';

const onceEach = <Value>(make: (...given: string[]) => Value): typeof make => {
  const made = new Map<string, Value>();
  return (...given) => {
    const key = given.join(' ');
    if (!made.has(key)) made.set(key, make(...given));
    return made.get(key)!;
  };
};

const read = onceEach((path) => readPipeline(resolve(path!), false));
const { pipeline, outline } = read(departures);

/** Of departures, if no file is named. */
function bundled(step: StepFolder, path = departures, ...given: readonly ('role' | 'bucket')[]) {
  return bundledOnce(step, path, ...given.toSorted());
}

const bundledOnce = onceEach((step, path, ...given) => {
  const { outline, bringsSdk } = read(path!);
  return build({
    step: step as StepFolder,
    pipelineFile: resolve(path!),
    outline,
    bringsSdk,
    assumesRole: given.includes('role'),
    hasStateBucket: given.includes('bucket'),
  });
});

function build(bundle: Parameters<typeof bundleOptions>[0]) {
  const { metafile, warnings } = buildSync({
    ...bundleOptions(bundle),
    sourcemap: false,
    outdir: 'bundle',
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const filesIn = (paths: Iterable<string>) =>
    [...paths].flatMap((path) =>
      Object.entries(outputs[path]!.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    );
  // Nothing lies beside a bundle, and an import of Node's own modules says so.
  const imports = [...filesLoaded(metafile, 'ever')].flatMap((path) => outputs[path]!.imports);
  expect(imports.filter(({ path, external }) => external === true && !isBuiltin(path))).toEqual([]);
  const begun = filesLoaded(metafile, 'at its start');
  const bytes = [...begun].reduce((sum, path) => sum + outputs[path]!.bytes, 0);
  return { bytes, begun: filesIn(begun), files: filesIn(filesLoaded(metafile, 'ever')), warnings };
}

const parts = {
  zod: /node_modules\/zod\//,
  'other decoders': /decoders\/(csv|text|avro|protobuf)/,
  'the pipeline file': /examples\/departures/,
  MD5: /adapters\/md5-/,
  'a sink': /kinesis-sink/,
  'the sink of files': /client-s3|adapters\/s3\/objects|files-sink|sinks\/(s3|ndjson|file-f)/,
  'the sink of views': /dynamodb\/view-sink|sinks\/(dynamodb|event-key|view-item|view-key|item-value)/,
  'what reads records': /polling-cursor|fan-out-source|read-shard|scanned-answers|webassembly\/record/,
  threads: /adapters\/isolation/,
  STS: /nested-clients\/.*\/sts\//,
  "the SDK's search for credentials": /credential-provider-(node|sso|ini|process|login)/,
};
const partsOf = (step: StepFolder, ...given: readonly 'role'[]) => {
  const { files } = bundled(step, departures, ...given);
  return Object.entries(parts).flatMap(([name, pattern]) => (files.some((file) => pattern.test(file)) ? [name] : []));
};

test.each(steps.map(({ folder }) => folder))('%s has at most so many bytes', (step) => {
  const { bytes, warnings } = bundled(step);
  expect(warnings).toEqual([]);
  expect(bytes).toBeLessThanOrEqual(maxBytes[step]);
  expect(bytes).toBeGreaterThan(100_000);
});

describe('a bundle has what its step needs', () => {
  test.each(withoutUserCode)('%s: no user code, and nothing that it would need', (step) => {
    expect(partsOf(step)).toEqual([]);
  });

  test('process-shards: user code, and what reads and sends', () => {
    expect(partsOf('process-shards')).toEqual([
      'zod',
      'the pipeline file',
      'MD5',
      'a sink',
      'what reads records',
      'threads',
    ]);
  });

  test('reduce-key-group: user code, and what sends', () => {
    const found = partsOf('reduce-key-group');
    expect(found).toEqual(expect.arrayContaining(['zod', 'the pipeline file', 'a sink', 'threads']));
    expect(found).not.toContain('what reads records');
  });

  test.each(steps.map(({ folder }) => folder))('%s: a client of STS exactly if it assumes a role', (step) => {
    expect(partsOf(step)).not.toContain('STS');
    expect(partsOf(step, 'role')).toContain('STS');
  });
});

test.each(steps.map(({ folder }) => folder))(
  '%s: what reaches a bucket exactly if it has one, and later (LAZY-1)',
  (step) => {
    const [without, having] = [bundled(step), bundled(step, departures, 'bucket')];
    const ofBucket = (files: readonly string[]) =>
      files.filter((file) => /client-s3\/.*Client\.js|adapters\/s3\/bucket\.ts/.test(file)).length;
    expect([ofBucket(without.files), ofBucket(having.files)]).toEqual([0, 2]);
    expect(having.warnings).toEqual([]);
    expect(ofBucket(having.begun)).toBe(0);
    // What it shares with the other clients stays with them.
    expect(having.bytes - without.bytes).toBeLessThan(43_000);
  },
);

test('a decoder is in the bundles of those who name it, with what it is made of', () => {
  const { files, warnings } = bundled('process-shards', 'test/infra/pipelines/protobuf.ts');
  expect(warnings).toEqual([]);
  const found = (pattern: RegExp) => files.some((file) => pattern.test(file));
  expect(found(/node_modules\/@bufbuild\/protobuf\//)).toBe(true);
  expect(found(/decoders\/protobuf\.ts/)).toBe(true);
  expect(found(/decoders\/(json|csv|avro)\.ts/)).toBe(false);
});

test('the sink of views is in the bundles of who has one', () => {
  const bundle = {
    step: 'reduce-key-group',
    pipelineFile: resolve(departures),
    assumesRole: false,
    hasStateBucket: false,
  } as const;
  const bytesWith = (sinks: readonly string[]) =>
    build({ ...bundle, bringsSdk: false, outline: { ...outline, used: { ...outline.used, sinks } } }).bytes;
  const more = bytesWith(['dynamodb']) - bytesWith(['kinesis']);
  expect(more).toBeGreaterThan(1_000);
  expect(more).toBeLessThan(8_000);
});

test.each(['firehose', 'lambda'])(
  'the adapter of %s is in the bundles of those who name it, with its client',
  (kind) => {
    const ofSink = new RegExp(`sinks/${kind}\\.ts|${kind}-sink|client-${kind}/`);
    const { files, warnings } = bundled('reduce-key-group', `test/infra/pipelines/${kind}.ts`);
    expect(warnings).toEqual([]);
    expect(
      files.filter((path) => new RegExp(`${kind}-sink\\.ts|client-${kind}/.*Client\\.js`).test(path)),
    ).toHaveLength(2);
    expect(bundled('reduce-key-group').files.filter((path) => ofSink.test(path))).toEqual([]);
  },
);

test('what puts files is in the bundles of those who write some, and of who lists them', () => {
  const withFiles = 'test/infra/pipelines/files.ts';
  const has = (step: StepFolder, path?: string) =>
    bundled(step, path).files.some((path) => /client-s3\/.*Client\.js/.test(path));
  expect((['reduce-key-group', 'commit-batch'] as const).map((step) => has(step, withFiles))).toEqual([true, true]);
  expect(has('seal-batch', withFiles)).toBe(false);
  expect((['reduce-key-group', 'process-shards', 'commit-batch'] as const).map((step) => has(step))).toEqual([
    false,
    false,
    false,
  ]);
});

test('what writes Parquet is in the bundles of those whose files are of that format', () => {
  const hasWriter = (path: string) =>
    bundled('reduce-key-group', path).files.some((file) => /hyparquet-writer/.test(file));
  expect(hasWriter('examples/hourly-files.ts')).toBe(true);
  expect(hasWriter('test/infra/pipelines/files.ts')).toBe(false);
});

test('the adapter of forEachBatch is in the bundles of those who name it', () => {
  const ofSink = /sinks\/for-each-batch\.ts|for-each-batch-sink\.ts/;
  const { files, warnings } = bundled('reduce-key-group', 'test/infra/pipelines/for-each-batch.ts');
  expect(warnings).toEqual([]);
  expect(files.filter((path) => ofSink.test(path))).toHaveLength(2);
  expect(bundled('reduce-key-group').files.filter((path) => ofSink.test(path))).toEqual([]);
});

test.each([
  ['topRows', 'examples/busiest-airports.ts', /core\/top-rows\.ts|gather-ranked|check-top-rows/, 3],
  ['dropDuplicates', 'examples/orders-once.ts', /core\/(passing-events|distinct-aggregate)\.ts|windows\/passing/, 3],
  ['withReference', 'examples/departures-by-state.ts', /check-references\.ts/, 1],
  ['files', 'test/infra/pipelines/files.ts', /send-files\.ts/, 1],
  ['aggregate', 'test/infra/pipelines/aggregate.ts', /pack-by-hash\.ts/, 1],
  ['forEachBatch', 'test/infra/pipelines/for-each-batch.ts', /send-parts\.ts|noted-calls\.ts/, 2],
])('the parts of the engine for %s are in the bundles of those who use it', (_, path, pattern, count) => {
  const partsIn = (path: string) => bundled('reduce-key-group', path).files.filter((file) => pattern.test(file));
  expect(partsIn(path)).toHaveLength(count);
  expect(partsIn(departures)).toEqual([]);
});

describe('kinds that are more than a few lines are in the bundles of those who use them', () => {
  const used = (step: StepFolder, kinds: Partial<typeof outline.used>, files: RegExp) => {
    const ofKinds = { ...outline, used: { ...outline.used, ...kinds } };
    const noExtras = { assumesRole: false, hasStateBucket: false, bringsSdk: false };
    const bundle = { step, pipelineFile: resolve(departures), ...noExtras } as const;
    return build({ ...bundle, outline: ofKinds }).files.flatMap((file) => files.exec(file)?.[1] ?? []);
  };
  const fileOf = (kind: string) => kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const small = ['count', 'sum', 'min', 'max', 'avg'];

  test.each([0, 1])('aggregates', (half) => {
    const kinds = aggregateKinds.all.map(({ kind }) => kind).filter((kind) => !small.includes(kind));
    const some = kinds.filter((_, at) => at % 2 === half);
    const files = new RegExp(`aggregates/(${kinds.map(fileOf).join('|')})\\.ts`);
    expect(used('reduce-key-group', { aggregates: some }, files).sort()).toEqual(some.map(fileOf).sort());
    expect(bundled('reduce-key-group').files.filter((file) => files.test(file))).toEqual([]);
  });

  test.each([0, 1])('windows, where no user code is', (half) => {
    const kinds = windowKinds.all.map(({ kind }) => kind).filter((kind) => kind !== 'tumbling');
    const some = kinds.filter((_, at) => at % 2 === half);
    const files = new RegExp(`windows/(${kinds.map(fileOf).join('|')})(?:-window)?\\.ts`);
    expect(used('commit-batch', { windows: some }, files).sort()).toEqual(some.map(fileOf).sort());
    expect(bundled('commit-batch').files.filter((file) => files.test(file))).toEqual([]);
  });

  test.each([
    [departures, { windows: ['tumbling'], aggregates: ['count', 'avg'], sinks: ['kinesis'] }],
    ['test/infra/pipelines/fan-out.ts', { windows: [], aggregates: [], sinks: ['kinesis'] }],
    ['examples/orders-once.ts', { windows: ['drop-duplicates'], aggregates: [] }],
  ])('%s says what it uses', (path, expected) => {
    expect(read(path).outline.used).toMatchObject(expected);
  });
});

describe('HTTP/2, streams of events and the consumer are in the bundles', () => {
  const ofSubscriptions = {
    'HTTP/2': /node-http2-handler/,
    'streams of events': /submodules\/event-streams\//,
    'a source by fan-out': /kinesis\/fan-out-source/,
    'a consumer': /kinesis\/consumer/,
  };
  const found = (path: string) =>
    Object.fromEntries(
      steps.flatMap(({ folder }) => {
        const { files, warnings } = bundled(folder, path);
        expect(warnings).toEqual([]);
        const names = Object.entries(ofSubscriptions).flatMap(([name, pattern]) =>
          files.some((file) => pattern.test(file)) ? [name] : [],
        );
        return names.length === 0 ? [] : [[folder, names]];
      }),
    );

  test('of no step that polls', () => {
    expect(found(departures)).toEqual({});
  });

  test('of those who read by fan-out: the executor all, the plan what it looks after', () => {
    expect(found('test/infra/pipelines/fan-out.ts')).toEqual({
      'plan-batch': ['a consumer'],
      'process-shards': ['HTTP/2', 'streams of events', 'a source by fan-out', 'a consumer'],
    });
  });

  test("of steps that run user code with clients of its own: what the SDK's clients may need", () => {
    expect(found('test/infra/pipelines/own-client.ts')).toEqual({
      'process-shards': ['HTTP/2', 'streams of events'],
      'reduce-key-group': ['HTTP/2', 'streams of events'],
    });
  });
});

test('the outline is plain data: what a step reads in a bundle is what it was made of', () => {
  const { operations, aggregation, ...rest } = outline.pipeline;
  expect(JSON.parse(JSON.stringify(outline.pipeline))).toEqual(outline.pipeline);
  expect(pipeline).toMatchObject(rest);
  const { window } = pipeline.aggregation!;
  expect(aggregation).toEqual({ window: { kind: 'tumbling', options: window.options } });
  expect(openOutline(JSON.parse(JSON.stringify(outline)), {}).aggregation).toMatchObject({
    window: { kind: { kind: 'tumbling' }, options: window.options },
  });
  const { selector: _, ...eventTime } = pipeline.operations.flatMap((one) =>
    one.kind === 'watermark' ? [one.eventTime] : [],
  )[0]!;
  expect(operations).toEqual([{ kind: 'watermark', eventTime }]);
});
