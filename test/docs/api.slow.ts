/** The reference that the site makes of docstrings, and the list of its names. `vitest run test/docs/api.slow.ts --update` writes the list anew. */
import { describe, expect, test } from 'vitest';
import { exportsIn, groupOf, groups } from '../../docs/.vitepress/api/groups.ts';
import { addressesOf, calledIn, type Known, pageOf } from '../../docs/.vitepress/api/markdown.ts';
import { type Exported, readApi } from '../../docs/.vitepress/api/read-api.ts';
import { readDocument, section, withGenerated, wrapped } from './documents.ts';

const exports = readApi();
const titleOf = (page: string): string | undefined => (page === 'docs/guides/files.md' ? 'Files in S3' : undefined);
const known = (all: readonly Exported[]): Known => ({ exports: all, titleOf, errors: new Set(['InvalidInput']) });
const groupNamed = (name: string) => groups.find(({ page }) => page === name)!;
const exported = (name: string): Exported => exports.find((each) => each.name === name)!;

test('every export has a group, and its page a place for it; every step has one', () => {
  expect(groups.flatMap((group) => exportsIn(group, exports))).toHaveLength(exports.length);
  const addresses = addressesOf(exports);
  for (const name of ['tumbling', 'SluicePipeline', 'readState', 'protobuf', 'runPipeline', 'SluiceError'])
    expect(addresses.get(name), name).toBe(`/docs/api/${groupOf(exported(name)).page}.md#${name}`);
  expect(addresses.get('withWatermark')).toBe('/docs/api/chain.md#EventStage-withWatermark');
  expect(addresses.get('aggregate')).toBe('/docs/api/aggregates.md#aggregate');
  expect(addresses.get('.aggregate')).toBe('/docs/api/chain.md#WindowedStage-aggregate');
  expect(() => groupOf({ name: 'stray', file: 'local/stray.ts' })).toThrow(
    'stray of local/stray.ts is in no group of docs/.vitepress/api/groups.ts',
  );
});

test('the list of names is that of the groups', async () => {
  const items = groups.map(
    (group) =>
      `- **${group.title}**: ${calledIn(group, exports)
        .map((name) => `\`${name}\``)
        .join(', ')}.`,
  );
  const text = items.map((item) => wrapped(item, '  ')).join('\n');
  await expect(withGenerated(readDocument('docs/reference/api.md'), 'api', text)).toMatchFileSnapshot(
    '../../docs/reference/api.md',
  );
});

describe('a page', () => {
  const anywhere: Known = { ...known(exports), titleOf: () => 'A page' };
  const page = (name: string): string => pageOf(groupNamed(name), anywhere).replaceAll(/ \{#[\w-]+\}$/gm, '');

  test('shows a function as it is declared, what it does, and how it is used', () => {
    const shown = section(page('windows'), '## tumbling()');
    expect(shown).toContain('Windows of event time of one size, one after the other');
    expect(page('windows')).toContain(
      '## tumbling()\n\n```ts\nfunction tumbling<Size extends Duration>(\n  size: PositiveDuration<Size>,\n  options?: TumblingOptions,\n): TumblingWindow\n```\n',
    );
    expect(page('windows')).toContain("  .window(tumbling('1 day', { zone: 'Europe/Berlin' }))");
    expect(shown).toContain('See also: [`Duration`](chain.md#Duration), [`TumblingOptions`](#TumblingOptions)');
  });

  test('shows the fields of an object, those within them, and what holds without them', () => {
    const fields = section(page('sources'), '## KinesisSourceOptions');
    expect(fields).toMatch(/^- \*\*`getRecords\?`\*\* `\{ … \}`<br>/m);
    expect(fields).toMatch(/^ {2}- \*\*`fetchInterval\?`\*\* `Duration`<br>.* Default: /m);
    expect(section(page('sources'), '## kinesis()')).toContain('[`KinesisSourceOptions`](#KinesisSourceOptions)');
  });

  test('shows steps and methods each with all ways to call it', () => {
    const chain = page('chain');
    expect(section(chain, '### RowStage.filter')).toContain('With a type predicate, later steps see the rows');
    expect(chain).toContain('### GroupedStage.window\n\n```ts\nwindow: <Window extends Allowed>(window: Window) =>');
    expect(page('construct')).toContain(
      '### SluicePipeline.grantStart\n\n```ts\ngrantStart(grantee: IGrantable): Grant\n```',
    );
    expect(page('construct')).toContain('new SluicePipeline(scope: Construct, id: string, props: SluicePipelineProps)');
    expect(page('construct')).not.toContain('super(scope');
  });

  test('links what a docstring names, and refuses names and pages that are not there', () => {
    const saying = (text: string): string =>
      pageOf(groupNamed('windows'), known([{ ...exported('tumbling'), text }, exported('EventStage')]));
    expect(saying('As {@link tumbling}, behind {@link EventStage.withWatermark}; see docs/guides/files.md.')).toContain(
      'As [`tumbling`](#tumbling), behind [`EventStage.withWatermark`](chain.md#EventStage-withWatermark); see [Files in S3](../guides/files.md).',
    );
    expect(() => saying('{@link hopping}')).toThrow('a docstring links to hopping, which the package does not export');
    expect(() => saying('{@link EventStage.window}')).toThrow('links to EventStage.window');
    expect(() => saying('See docs/guides/fires.md.')).toThrow(
      'a docstring names docs/guides/fires.md, which is no page',
    );
  });
});
