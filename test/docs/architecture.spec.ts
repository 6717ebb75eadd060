/**
 * docs/architecture.md: the picture of imports is drawn from the code (`npx vitest run test/docs/architecture.spec.ts --update`
 * draws it anew), the tree is the repository's, and the way of a record names what there is.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeIn, fencesOf, readDocument, section, withGenerated } from './documents.ts';

const page = 'docs/architecture.md';
const text = readDocument(page);
const folders = ['functions', 'state-machine', 'infra', 'local', 'cli'];

/** The parts of `functions`, and the other folders whole. */
const partOf = (file: string): string =>
  file.startsWith('functions/') ? file.split('/').slice(0, 2).join('/') : file.split('/')[0]!;

function importsByPart(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const file = path.join(folder, name);
      const from = partOf(file);
      if (!found.has(from)) found.set(from, new Set());
      for (const [, target] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s[^;'"]*?from '(\.[^']+)'/gm)) {
        const to = partOf(path.join(path.dirname(file), target!));
        if (to !== from) found.get(from)!.add(to);
      }
    }
  }
  return found;
}

/** Who reaches most comes first. */
function byReach(imports: Map<string, Set<string>>): string[] {
  const reach = (part: string, seen = new Set<string>()): Set<string> => {
    for (const next of imports.get(part) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      reach(next, seen);
    }
    return seen;
  };
  const depth = (part: string): number => reach(part).size;
  return [...imports.keys()].toSorted((one, other) => depth(other) - depth(one) || one.localeCompare(other));
}

test('the picture of imports is what the code imports', async () => {
  const imports = importsByPart();
  const order = byReach(imports);
  const width = Math.max(...order.map((part) => part.length));
  const lines = order.map((part) => {
    const known = order
      .filter((other) => imports.get(part)!.has(other))
      .map((other) => other.replace('functions/', ''));
    return `${part.padEnd(width)} ──► ${known.length === 0 ? 'nothing' : known.join(', ')}`;
  });
  expect(lines.length).toBeGreaterThan(8);
  const drawn = `\`\`\`text\n${lines.join('\n')}\n\`\`\``;
  await expect(withGenerated(text, 'imports', drawn)).toMatchFileSnapshot(`../../${page}`);
});

test('the tree has every folder of the repository', () => {
  const tree = fencesOf(section0('## The tree'))[0]!.text;
  const told: string[] = [];
  let parent = '';
  for (const [, indent, name] of tree.matchAll(/^( *)([\w.-]+)\/? /gm)) {
    if (indent === '') parent = name!;
    told.push(indent === '' ? name! : `${parent}/${name}`);
  }
  for (const name of told) expect(existsSync(name), name).toBe(true);
  const own = readdirSync('.', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^(node_modules|dist|cdk\.out)$/.test(entry.name))
    .map(({ name }) => name);
  expect(told.filter((name) => !name.includes('/')).toSorted()).toEqual(own.toSorted());
  expect(told.filter((name) => name.startsWith('functions/')).toSorted()).toEqual(
    readdirSync('functions')
      .map((name) => `functions/${name}`)
      .toSorted(),
  );
});

/** With its fences. */
function section0(heading: string): string {
  const from = text.indexOf(`\n${heading}\n`);
  return text.slice(from, text.indexOf('\n## ', from + 4));
}

describe('names stand in a file that is named with them', () => {
  const items = ['## One record, from GetRecords to the sink', '## The other decisions'].flatMap((heading) =>
    section(text, heading)
      .split(/^(?:\d+\.|-) /m)
      .slice(1),
  );

  test.each(items.map((item) => ({ title: item.split('\n')[0]!, item })))('$title', ({ item }) => {
    const isFile = (code: string): boolean => code.includes('/');
    const sources = codeIn(item)
      .filter(isFile)
      .map((file) => readFileSync(file, 'utf8'));
    expect(sources.length).toBeGreaterThan(0);
    for (const name of codeIn(item).filter((code) => !isFile(code)))
      expect(
        sources.some((source) => new RegExp(`\\b${name}\\b`).test(source)),
        name,
      ).toBe(true);
  });
});
