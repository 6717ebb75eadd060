/**
 * docs/reference/errors.md says of each error what the docstring of `SluiceErrorName` says;
 * `npx vitest run test/docs/errors.spec.ts --update` writes it anew.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fatalErrorNames, retryableErrorNames } from '../../functions/pipeline/errors.ts';
import { readDocument, withGenerated, wrapped } from './documents.ts';

const page = 'docs/reference/errors.md';
const source = readFileSync('functions/pipeline/errors.ts', 'utf8');
const [, docstring = ''] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport type SluiceErrorName =/.exec(source) ?? [];
const told = docstring
  .split(/^ \* - /m)
  .slice(1)
  .map((item) => {
    const [, name = '', says = ''] = /^`(\w+)`: (.*)$/.exec(item.replaceAll(/\s*\n \*\s*/g, ' ').trim())!;
    return { name, says };
  });

describe('the docstring of the names of errors', () => {
  test('has each of them, in the order of the lists', () => {
    expect(told.map(({ name }) => name)).toEqual([...retryableErrorNames, ...fatalErrorNames]);
  });

  test.each(told)('says of $name when it comes, whether another try helps, and what to do', ({ says }) => {
    expect(says).toMatch(/^\S.*\. \*\*Retry:\*\* \S.*\. \*\*Do:\*\* \S.*\.$/);
  });
});

/** The docstring names places from the root of the package, the page from where it lies. */
function entry({ name, says }: (typeof told)[number]): string {
  const linked = says.replace(/ See docs\/(\S+)\.$/, ' [More](../$1).');
  return `### \`${name}\`\n\n${wrapped(linked.charAt(0).toUpperCase() + linked.slice(1))}`;
}

test('the page says the same', async () => {
  const entries = (names: readonly string[]): string =>
    told
      .filter(({ name }) => names.includes(name))
      .map(entry)
      .join('\n\n');
  const stopping = withGenerated(readDocument(page), 'errors that stop', entries(fatalErrorNames));
  await expect(withGenerated(stopping, 'errors that pass', entries(retryableErrorNames))).toMatchFileSnapshot(
    `../../${page}`,
  );
});
