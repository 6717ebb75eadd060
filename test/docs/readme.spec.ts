/** README stays a first page: what it holds in full has a page of its own. */
import { expect, test } from 'vitest';
import { documentPaths, readDocument } from './documents.ts';

const readme = readDocument('README.md');

test('README has 8 to 12 KB', () => {
  const bytes = Buffer.byteLength(readme);
  expect(bytes).toBeGreaterThanOrEqual(8 * 1024);
  expect(bytes).toBeLessThanOrEqual(12 * 1024);
});

test('README links the list of pages, which links every page, once', () => {
  expect(readme).toContain('](docs/index.md)');
  const links = [...readDocument('docs/index.md').matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => `docs/${target}`);
  const pages = documentPaths.filter((path) => path.startsWith('docs/') && path !== 'docs/index.md');
  expect(links.filter((link) => !link.includes('..')).toSorted()).toEqual(pages.toSorted());
});

test('README has the two lines that run and test it', () => {
  expect(readme).toContain('```sh\nnpm ci && npm start\nnpm ci && npm test\n```');
});

/** These are read beside code, in an editor; the older pages have tables of whole sentences. */
const older = ['decisions', 'migrating-from-spark', 'planted-faults', 'protocol', 'simulation'];
const narrow = documentPaths.filter((path) => !older.includes(path.replace(/^docs\/|\.md$/g, '')));

test.each(narrow)('tables of %s fit into an editor', (path) => {
  const rows = readDocument(path)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(rows.filter((row) => row.length > 130)).toEqual([]);
});
