/** The reference of findings is made from their kinds. `vitest run test/docs/findings.spec.ts --update` writes it anew. */
import { expect, test } from 'vitest';
import type { FindingKind } from '../../functions/findings/finding-kind.ts';
import { findingKinds } from '../../functions/findings/index.ts';
import { readDocument, withGenerated, wrapped } from './documents.ts';

const page = 'docs/reference/findings.md';

const entry = ({ kind, severities, when, mend }: FindingKind): string =>
  `## \`${kind}\`\n\n${wrapped(`${when} **Severity:** ${severities.join(', ')}. **Do:** ${mend}`)}`;

test('the page of findings says of each kind when it is found, and what to do', async () => {
  const told = withGenerated(readDocument(page), 'findings', findingKinds.map(entry).join('\n\n'));
  await expect(told).toMatchFileSnapshot(`../../${page}`);
});

test('kinds have names of their own, and say how bad they may be', () => {
  const names = findingKinds.map(({ kind }) => kind);
  expect(new Set(names).size).toBe(names.length);
  for (const { kind, severities } of findingKinds) {
    expect(kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(severities, kind).not.toEqual([]);
  }
});

test('the runbook says of each kind what to do', () => {
  const runbook = readDocument('docs/runbook.md');
  expect(findingKinds.filter(({ kind }) => !runbook.includes(`\`${kind}\``)).map(({ kind }) => kind)).toEqual([]);
});
