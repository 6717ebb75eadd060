/** Everything that the package exports has a docstring, and what docstrings and documents show compiles. */
import { describe, expect, test } from 'vitest';
import { fatalErrorNames, retryableErrorNames } from '../../functions/core/errors.ts';
import * as language from '../../functions/index.ts';
import { documentPaths, fencesOf, readDocument } from './documents.ts';
import { type Documented, documentedOf, objectionsTo } from './public-api.ts';

const entries = [
  { name: 'kinesis-sluice', all: documentedOf('functions/index.ts') },
  { name: 'kinesis-sluice/cdk', all: documentedOf('infra/index.ts') },
  { name: 'kinesis-sluice/protobuf', all: documentedOf('functions/protobuf.ts') },
  { name: 'kinesis-sluice/state', all: documentedOf('functions/state.ts') },
];
const everything = entries.flatMap(({ all }) => all);
const tagsOf = ({ tags }: Documented, tag: string): readonly string[] =>
  tags.filter(({ name }) => name === tag).map(({ text }) => text);

test('what is exported is found, with its members, what is nested in them, and the steps of the chain', () => {
  const names = everything.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      ...Object.keys(language),
      'EventMeta.arrivalTime',
      'KinesisSourceOptions.subscribeToShard.fallBack',
      'CheckedPipeline.problems',
      'RunResult.deadLetters[].reason',
      'SparkCheckpoint[…].isLast',
      'SluiceError.canRetry',
      'SluicePipeline.sink',
      'SluiceTableProps.encryptionKey',
    ]),
  );
  expect(names.filter((name) => name.endsWith(')'))).toEqual([
    'PipelineStart.readStream()',
    'SourceStage.decode()',
    'EventStage.writeStream()',
    'WrittenPipeline.writeStream()',
    'WrittenPipeline.outputMode()',
    'WrittenPipeline.deadLettersTo()',
    'WrittenPipeline.trigger()',
    'EventStage.groupBy()',
    'GroupedStage.window()',
    'WindowedStage.allowedLateness()',
    'WindowedStage.sideOutputLate()',
    'WindowedStage.aggregate()',
    'RowStage.filter()',
    'RowStage.map()',
    'RowStage.flatMap()',
    'RowStage.topRows()',
    'RowStage.writeStream()',
    'EventStage.filter()',
    'EventStage.map()',
    'EventStage.flatMap()',
    'EventStage.withWatermark()',
    'TimedEventStage.writeStream()',
    'TimedEventStage.groupBy()',
    'TimedEventStage.filter()',
    'TimedEventStage.map()',
    'TimedEventStage.flatMap()',
    'TimedEventStage.withReference()',
    'TimedEventStage.dropDuplicates()',
    'DistinctStage.filter()',
    'DistinctStage.map()',
    'DistinctStage.flatMap()',
    'DistinctStage.writeStream()',
    'DistinctStage.groupBy()',
    'DistinctStage.sideOutputLate()',
    'EventStage.withReference()',
  ]);
});

describe.each(entries)('of $name', ({ all }) => {
  test('every export and every member of it says what it is', () => {
    expect(all.filter(({ text }) => text.trim() === '').map(({ name }) => name)).toEqual([]);
  });

  test('every function, class and step shows an example', () => {
    const called = all.filter(({ isCalled }) => isCalled);
    expect(called.filter((each) => tagsOf(each, 'example').length === 0).map(({ name }) => name)).toEqual([]);
  });

  test('what is said to be thrown has a name that is known', () => {
    const known: readonly string[] = [...fatalErrorNames, ...retryableErrorNames, 'Error'];
    const thrown = all.flatMap((each) => tagsOf(each, 'throws').map((text) => /^`(\w+)` /.exec(text)?.[1] ?? text));
    expect(everything.flatMap((each) => tagsOf(each, 'throws')).length).toBeGreaterThan(0);
    expect(thrown.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('examples', () => {
  const examples = everything.flatMap((each) =>
    tagsOf(each, 'example').map((text, at) => ({ name: `${each.name} ${at + 1}`, text })),
  );
  /** But for the one that imports a file which its reader has made. */
  const shown = documentPaths.flatMap((path) =>
    fencesOf(readDocument(path))
      .filter(({ language: of, text }) => of === 'ts' && !text.includes("'./positions.json'"))
      .map(({ text }, at) => ({
        name: `${path}, block ${at + 1}`,
        text: `\`\`\`ts\n${text.replaceAll("'./examples/", "'../examples/")}\`\`\``,
      })),
  );
  /** What `protoc-gen-es` makes for a reader is here what it made for the tests. */
  const generated = (code: string): string =>
    code.replaceAll("'./flight_pb.ts'", "'../test/decoders/vectors/flight_pb.ts'");
  const codeOf = (text: string): string =>
    generated(/^```ts\n([\s\S]*)\n```$/.exec(text.trim())?.[1] ?? `not code: ${text}`);

  /** What an example does not import or declare itself: all of the package, zod, and the schema of the README. */
  const asModule = (code: string): string => {
    const imports = [
      `import { ${Object.keys(language).join(', ')} } from 'kinesis-sluice';`,
      "import * as z from 'zod';",
    ];
    const schema =
      'const Flight = z.object({ date: z.string(), delay: z.number(), distance: z.number(), origin: z.string(), destination: z.string() });';
    const lines = [...(code.includes('import ') ? [] : imports), ...(/\bconst Flight\b/.test(code) ? [] : [schema])];
    return code.includes('import ') ? code : `${lines.join(' ')}\n${code}`;
  };

  test('compile in a program that knows the package by its name', () => {
    expect(examples.length).toBeGreaterThan(40);
    expect(shown.length).toBeGreaterThan(20);
    const all = [...examples, ...shown];
    const sources = Object.fromEntries(all.map(({ text }, at) => [`example-${at}`, asModule(codeOf(text))]));
    const objections = objectionsTo(sources).map((objection) =>
      objection.replace(/^example-(\d+)/, (_, at) => all[Number(at)]!.name),
    );
    expect(objections).toEqual([]);
  });

  test('would not if they were wrong', () => {
    const wrong = { wrong: asModule("count();\npipeline('any').window(tumbling('1 hour'));\nsum(() => nothing);") };
    expect(objectionsTo(wrong)).toEqual([
      expect.stringMatching(/^wrong:3: Property 'window' does not exist on type 'PipelineStart'/),
      expect.stringMatching(/^wrong:4: Cannot find name 'nothing'/),
    ]);
  });
});
