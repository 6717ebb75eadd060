/** Links lead somewhere, and files that the documents name exist. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorOf } from '../../docs/.vitepress/navigation.ts';
import { codeIn, documentPaths, readDocument, withoutFences } from './documents.ts';

function anchorsOf(document: string): string[] {
  return [...withoutFences(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
}

function linksOf(document: string): string[] {
  return [...withoutFences(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

describe.each(documentPaths)('%s', (document) => {
  const text = readDocument(document);

  test('links to files and headings that exist', () => {
    for (const link of linksOf(text).filter((target) => !/^https?:/.test(target))) {
      const [file, anchor] = link.split('#') as [string, string | undefined];
      const target = file === '' ? document : path.join(path.dirname(document), file);
      expect(existsSync(target), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readDocument(target)), link).toContain(anchor);
    }
  });

  test('links outside over https', () => {
    for (const link of linksOf(text).filter((target) => /^http/.test(target)))
      expect(() => new URL(link)).not.toThrow();
    expect(linksOf(text).filter((target) => target.startsWith('http:'))).toEqual([]);
  });

  test('has nothing that a merge has left', () => {
    expect(text).not.toMatch(/^(<{7}|>{7}) /m);
  });

  test('names files of the project that exist', () => {
    const files = codeIn(text).filter((code) =>
      /^(functions|state-machine|infra|local|cli|events|examples|test|docs)\/[\w./-]+\.\w+$/.test(code),
    );
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
