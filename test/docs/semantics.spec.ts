/** Each row of the tables of semantics names tests that are there, and for each of the others a page of theirs. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { suites } from '../conformance/suites.ts';
import { readDocument } from './documents.ts';

const page = 'docs/concepts/semantics.md';
const lines = readDocument(page).split('\n');
const rows = lines.flatMap((line) =>
  [...line.matchAll(/^\| (\d+) \| (.*) \|$/g)].map(([, number, cells]) => ({
    ...{ number: Number(number), cells: cells!.split(' | ') },
  })),
);
const told = new Map(
  lines.flatMap((line) => [...line.matchAll(/^(\d+)\. (.*)$/g)].map(([, at, text]) => [Number(at), text!])),
);

const linksIn = (text: string) =>
  [...text.matchAll(/\[((?:[^[\]]|\[[^\]]*[)\]])+)\]\(([^)\s]+)\)/g)].map(([, name, target]) => ({
    ...{ name: name!, target: target! },
  }));

const conformance = new Map(suites.flatMap(({ cases }) => Object.entries(cases)));
const titlesIn = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/\b(?:it|test)(?:\.\w+)?\([^']*?'((?:[^'\\]|\\.)+)'/g)].map(
    ([, title]) => title!,
  );

const theirs = {
  Spark: ['https://spark.apache.org/docs/latest/', 'https://github.com/apache/spark/'],
  Flink: ['https://nightlies.apache.org/flink/', 'https://github.com/apache/flink/'],
  Beam: ['https://beam.apache.org/', 'https://github.com/apache/beam/'],
};

test('rows and what is said of them go together', () => {
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_, at) => at + 1));
  expect([...told.keys()]).toEqual(rows.map(({ number }) => number));
  for (const { cells } of rows) expect(cells.filter((cell) => cell.trim() !== '')).toHaveLength(5);
});

describe.each(rows)('$number, $cells.0', ({ number }) => {
  const [ours, ...others] = told.get(number)!.split(/ (?=(?:Spark|Flink|Beam): \[)/);

  test('is shown by tests that are there', () => {
    const named = linksIn(ours!).filter(({ target }) => target.includes('/test/'));
    expect(named).not.toEqual([]);
    for (const { name, target } of named) {
      const file = path.join(path.dirname(page), target);
      expect(existsSync(file), target).toBe(true);
      if (file.startsWith('test/conformance/')) expect(conformance.get(name), name).toHaveProperty('check');
      else expect(titlesIn(file)).toContain(name);
    }
  });

  test('has a source for each of the others', () => {
    expect(others.map((text) => text.split(':')[0])).toEqual(Object.keys(theirs));
    for (const [at, addresses] of Object.values(theirs).entries()) {
      const links = linksIn(others[at]!);
      expect(links).not.toEqual([]);
      for (const { target } of links)
        expect(
          addresses.some((address) => target.startsWith(address)),
          target,
        ).toBe(true);
    }
  });
});
