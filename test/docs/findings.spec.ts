/** The reference of findings is made from their kinds. `vitest run test/docs/findings.spec.ts --update` writes it anew. */
import { expect, test } from 'vitest';
import { findingKinds } from '../../functions/findings/index.ts';
import { readDocument } from './documents.ts';

const begin = '<!-- generated: findings -->\n';
const end = '<!-- end -->';

function written(): string {
  return findingKinds
    .map(
      ({ kind, severities, when, mend }) => `\n## \`${kind}\`\n\n${severities.join(', ')}. ${when} **Do:** ${mend}\n`,
    )
    .join('');
}

test('the page of findings says of each kind when it is found, and what to do', async () => {
  const page = readDocument('docs/reference/findings.md');
  const [head = '', rest = ''] = page.split(begin);
  const tail = rest.slice(rest.indexOf(end));
  await expect(`${head}${begin}${written()}\n${tail}`).toMatchFileSnapshot('../../docs/reference/findings.md');
});

test('kinds have names of their own, and say how bad they may be', () => {
  const names = findingKinds.map(({ kind }) => kind);
  expect(new Set(names).size).toBe(names.length);
  for (const { kind, severities } of findingKinds) {
    expect(kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(severities, kind).not.toEqual([]);
  }
});
