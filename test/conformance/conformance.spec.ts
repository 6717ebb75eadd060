/**
 * What other engines' own tests expect, from this one. docs/concepts/conformance.md has the lists;
 * `npx vitest run test/conformance --update` writes it anew.
 */
import { describe, expect, it } from 'vitest';
import { readDocument, withGenerated, wrapped } from '../docs/documents.ts';
import { arroyoSql } from './arroyo-sql.ts';
import { beamTriggerTranscripts } from './beam-trigger-transcripts.ts';
import { hasShared, namesShared, notThere, readShared } from './shared.ts';
import type { Case, Suite } from './suite.ts';
import { suites } from './suites.ts';

/** Those whose data lies beside the repository. */
const needsData: readonly Suite[] = [arroyoSql];
const page = 'docs/concepts/conformance.md';

describe.each(suites)('$name', (suite) => {
  const checked = Object.entries(suite.cases).flatMap(([name, each]) => ('check' in each ? [{ name, ...each }] : []));

  it.for(checked)('$name', { timeout: suite.timeoutMs }, ({ check }, { skip }) => {
    if (needsData.includes(suite) && !hasShared) skip(notThere);
    for (const variant of suite.variants) check(variant);
  });
});

describe('the lists have all tests', () => {
  it('of Beam, by the names in its file', ({ skip }) => {
    if (!hasShared) skip(notThere);
    const names = [...readShared('beam/trigger_transcripts.yaml').matchAll(/^name: (.*)$/gm)].map(([, name]) => name);
    // One name is there twice.
    expect(Object.keys(beamTriggerTranscripts.cases).map((name) => name.replace(', transformed', ''))).toEqual(names);
  });

  it('of Arroyo, by the files of what it expects', ({ skip }) => {
    if (!hasShared) skip(notThere);
    const files = namesShared('arroyo').filter((name) => name.endsWith('.json') && name !== 'impulse.json');
    expect(Object.keys(arroyoSql.cases).toSorted()).toEqual(files.map((name) => name.replace('.json', '')).toSorted());
  });
});

const kinds = [
  'passes',
  'passes in part',
  'differs',
  'waits',
  'no counterpart',
] as const satisfies readonly Case['kind'][];

function table(): string {
  const rows = suites.map(({ name, cases }) => {
    const all = Object.values(cases);
    return [
      `[${name}](#${anchorOf(name)})`,
      all.length,
      ...kinds.map((kind) => all.filter((each) => each.kind === kind).length),
    ];
  });
  return [
    '| Tests of | All | Pass | In part | Differ | Wait | No counterpart |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 ]/g, '')
    .replaceAll(' ', '-');

const headings: Readonly<Record<Case['kind'], string>> = {
  passes: 'Pass',
  'passes in part': 'Pass in part',
  differs: 'Differ, and are held to what is right here',
  waits: 'Wait for what is not built yet',
  'no counterpart': 'No counterpart',
};

function listOf({ name, source, cases }: Suite): string {
  const lists = kinds.flatMap((kind) => {
    const all = Object.entries(cases).filter(([, each]) => each.kind === kind);
    return all.length === 0 ? [] : [`${headings[kind]}:\n\n${itemsOf(all)}`];
  });
  return [`### ${name}`, wrapped(`${source}.`, ''), ...lists].join('\n\n');
}

/** Those of one note together. */
function itemsOf(cases: readonly (readonly [string, Case])[]): string {
  const byNote = Map.groupBy(cases, ([, { note }]) => note ?? '');
  const items = Array.from(byNote, ([note, all]) => {
    const names = all.map(([name]) => `\`${name}\``).join(', ');
    return `- ${wrapped(note === '' ? names : `${names}: ${note}.`, '  ')}`;
  });
  return items.join('\n');
}

it('the page has the lists and their numbers', async () => {
  const withTable = withGenerated(readDocument(page), 'numbers', table());
  const text = withGenerated(withTable, 'lists', suites.map(listOf).join('\n\n'));
  await expect(text).toMatchFileSnapshot(`../../${page}`);
});
