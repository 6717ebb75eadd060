/** What belongs together in the reference, in the order in which a newcomer meets it. */
import type { Exported } from './read-api.ts';

export type Group = {
  /** The page's file, without its ending. */
  readonly page: string;
  readonly title: string;
  readonly about: string;
  /** Files of the sources, or folders; where several fit, the longest. */
  readonly files: readonly string[];
};

export const groups: readonly Group[] = [
  {
    page: 'chain',
    title: 'The chain',
    about: 'The steps that a pipeline is written in: see [the pipeline](../reference/pipeline.md).',
    files: ['functions/pipeline/'],
  },
  {
    page: 'sources',
    title: 'Sources and streams',
    about:
      'Kinesis, read and written, and where reading begins and ends: see [positions](../guides/positions.md) and [reading shards](../concepts/reading-shards.md).',
    files: ['functions/pipeline/kinesis.ts', 'functions/pipeline/positions.ts', 'functions/pipeline/role-options.ts'],
  },
  {
    page: 'decoders',
    title: 'Decoders',
    about: 'What payloads are made events by: see [formats](../guides/formats.md).',
    files: ['functions/decoders/', 'functions/protobuf.ts'],
  },
  {
    page: 'windows',
    title: 'Windows',
    about: 'What `window` takes: see [windows](../guides/windows.md) and [late data](../guides/late-data.md).',
    files: ['functions/windows/'],
  },
  {
    page: 'aggregates',
    title: 'Aggregates',
    about:
      'What `aggregate` takes: see [aggregates](../reference/aggregates.md) and [your own](../guides/custom-aggregates.md).',
    files: ['functions/aggregates/'],
  },
  {
    page: 'sinks',
    title: 'Sinks',
    about:
      'What `writeStream` takes beside [`kinesis`](sources.md#kinesis), and what is written there: see [exactly once, by sink](../guides/exactly-once-by-sink.md).',
    files: ['functions/sinks/', 'functions/pipeline/side-outputs.ts'],
  },
  {
    page: 'checks',
    title: 'Checks and errors',
    about: 'What is said of a pipeline that is wrong: see [errors](../reference/errors.md).',
    files: ['functions/pipeline/check-pipeline.ts', 'functions/pipeline/errors.ts', 'functions/pipeline/problems.ts'],
  },
  {
    page: 'testing',
    title: 'Testing',
    about: 'A pipeline on values alone: see [testing](../guides/testing-a-pipeline.md).',
    files: ['functions/testing/'],
  },
  {
    page: 'construct',
    title: 'The construct',
    about:
      'A pipeline in an app of the CDK: see [deploying](../guides/deploying.md) and [metrics and alarms](../reference/metrics.md).',
    files: ['infra/'],
  },
  {
    page: 'state',
    title: 'State',
    about:
      'What a deployed pipeline keeps, for programs: see [`sluice state`](../reference/command-line.md#sluice-state).',
    files: ['functions/state.ts', 'functions/core/state/', 'functions/adapters/dynamodb/'],
  },
];

/** Functions and classes before the types that they take and give. */
export function exportsIn(group: Group, all: readonly Exported[]): readonly Exported[] {
  const own = all.filter((each) => groupOf(each) === group);
  return [...own.filter(({ kind }) => kind !== 'type'), ...own.filter(({ kind }) => kind === 'type')];
}

export function groupOf({ name, file }: Pick<Exported, 'name' | 'file'>): Group {
  const fits = groups.flatMap((group) =>
    group.files.filter((part) => file.startsWith(part)).map((part) => ({ group, length: part.length })),
  );
  const [best] = fits.toSorted((one, other) => other.length - one.length);
  if (best === undefined) throw new Error(`${name} of ${file} is in no group of docs/.vitepress/api/groups.ts`);
  return best.group;
}
