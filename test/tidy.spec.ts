/** The code as text: who may import whom, what the core may not know, how long a function is, which errors there are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fatalErrorNames, retryableErrorNames, SluiceError } from '../functions/core/errors.ts';
import { fatalErrors, temporaryErrors } from '../state-machine/retry.ts';

const root = path.resolve(import.meta.dirname, '..');
const folders = ['functions', 'state-machine', 'infra', 'local', 'cli', 'examples', 'bench', 'test'].filter((folder) =>
  existsSync(path.join(root, folder)),
);

type Source = { readonly name: string; readonly text: string; readonly imports: readonly Import[] };
type Import = { readonly target: string; readonly isType: boolean };

const sources: readonly Source[] = folders.flatMap((folder) => {
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8', withFileTypes: true });
  return files
    .filter((file) => file.isFile() && /\.(ts|mts)$/.test(file.name) && !file.parentPath.includes('node_modules'))
    .map((file) => {
      const name = path.relative(root, path.join(file.parentPath, file.name));
      const text = readFileSync(path.join(root, name), 'utf8');
      return { name, text, imports: importsOf(name, text) };
    });
});
const code = sources.filter(({ name }) => !name.startsWith('test/'));
const within = (folder: string) => code.filter(({ name }) => name.startsWith(`${folder}/`) || name === folder);

/** Relative targets become paths from the root; packages keep their names. */
function importsOf(name: string, text: string): Import[] {
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\bimport\(()['"]([^'"]+)['"]\)/g),
  ];
  return found.map(([, type, target = '']) => ({
    target: target.startsWith('.') ? path.join(path.dirname(name), target) : target,
    isType: type !== undefined && type !== '',
  }));
}

const isLocal = (target: string): boolean => folders.some((folder) => target.startsWith(`${folder}/`));
const isBelow = (target: string, allowed: readonly string[]): boolean =>
  allowed.some((folder) => target === folder || target.startsWith(`${folder}/`));

const kinds = ['functions/windows', 'functions/aggregates', 'functions/decoders', 'functions/sinks'];
const language = ['functions/pipeline', ...kinds, 'functions/user-code'];
/** What a kind says of itself with. The rest of the language knows the kinds. */
const wordsOfLanguage = ['registry', 'option-rules', 'options', 'problems', 'duration', 'callback'].map(
  (word) => `functions/pipeline/${word}.ts`,
);

const wordsOfStreams = [
  ...['stream', 'endpoint', 'stream-location', 'same-stream', 'role-options', 'check-role', 'errors'],
  ...['murmur3', 'sha256', 'utf8', 'side-outputs'],
].map((word) => `functions/pipeline/${word}.ts`);

const atTheTopOfLocal = ['local/listen-here.ts', 'local/local-problem.ts', 'local/process-alive.ts'];

/** Each may import itself and what stands beside it; everything else in the project is above it. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'functions/user-code': ['functions/pipeline/errors.ts'],
  'functions/windows': wordsOfLanguage,
  'functions/aggregates': [...wordsOfLanguage, 'functions/pipeline/murmur3.ts', 'functions/user-code'],
  'functions/webassembly': [],
  'functions/decoders': [...wordsOfLanguage, 'functions/user-code', 'functions/webassembly'],
  'functions/sinks': [...wordsOfLanguage, ...wordsOfStreams, 'functions/user-code'],
  'functions/reporters': ['functions/pipeline/reporter.ts', 'functions/pipeline/metrics.ts'],
  'functions/pipeline': kinds,
  'functions/core': language,
  'functions/findings': ['functions/core', 'functions/pipeline'],
  'functions/testing': [...language, 'functions/core'],
  'functions/index.ts': [...language, 'functions/testing'],
  'functions/protobuf.ts': ['functions/decoders'],
  'functions/state.ts': [
    'functions/pipeline',
    'functions/core',
    'functions/adapters',
    'functions/steps/system-clock.ts',
  ],
  'functions/concurrency': [],
  'functions/ports': ['functions/pipeline', 'functions/sinks', 'functions/core', 'functions/concurrency'],
  'functions/adapters': [
    'functions/webassembly',
    'functions/pipeline',
    'functions/sinks',
    'functions/core',
    'functions/concurrency',
    'functions/ports',
  ],
  'functions/operations': [
    'functions/pipeline',
    'functions/core',
    'functions/concurrency',
    'functions/ports',
    'functions/adapters',
  ],
  'functions/steps': [
    'functions/pipeline',
    'functions/sinks',
    'functions/reporters',
    'functions/core',
    'functions/concurrency',
    'functions/ports',
    'functions/adapters',
  ],
  'state-machine': [],
  infra: ['state-machine', 'functions'],
  'local/services': ['functions', ...atTheTopOfLocal],
  'local/driver': ['functions', 'state-machine', ...atTheTopOfLocal],
  'local/publish': ['functions', 'local/services', ...atTheTopOfLocal],
  'local/report': ['functions'],
  'local/page': ['functions', 'local/cost', 'local/driver', 'local/report', ...atTheTopOfLocal],
  'local/step-functions': ['functions', 'state-machine', 'local/driver', ...atTheTopOfLocal],
  'local/session': [
    ...['functions', 'local/services', 'local/driver', 'local/publish', 'local/report', 'local/step-functions'],
    ...atTheTopOfLocal,
  ],
};

/** The files of each group in which every file reaches every other, and those that import themselves. */
function circlesOf(files: readonly Pick<Source, 'name' | 'imports'>[]): readonly string[][] {
  const targets = new Map(files.map(({ name, imports }) => [name, imports.map(({ target }) => target)]));
  const reachedFrom = (start: string): ReadonlySet<string> => {
    const reached = new Set<string>();
    const next = [start];
    for (let file = next.pop(); file !== undefined; file = next.pop())
      for (const target of targets.get(file) ?? []) {
        if (reached.has(target)) continue;
        reached.add(target);
        next.push(target);
      }
    return reached;
  };
  const reached = new Map(files.map(({ name }) => [name, reachedFrom(name)]));
  const inCircle = files.map(({ name }) => name).filter((name) => reached.get(name)!.has(name));
  const groups = inCircle.map((name) =>
    inCircle.filter((other) => reached.get(name)!.has(other) && reached.get(other)!.has(name)).sort(),
  );
  return [...new Map(groups.map((group) => [group.join(), group])).values()];
}

/** From `name -> target`. */
const product = (...arrows: readonly string[]): Pick<Source, 'name' | 'imports'>[] =>
  arrows.map((arrow) => {
    const [name = '', target = ''] = arrow.split(' -> ');
    return { name, imports: [{ target, isType: true }] };
  });

describe('imports', () => {
  it('are found: this test reads what it is about', () => {
    expect(within('functions/core').length).toBeGreaterThan(20);
    expect(within('functions').flatMap(({ imports }) => imports).length).toBeGreaterThan(150);
    expect(
      importsOf('a/b.ts', "import type { X } from '../c/d.ts';\nexport * from './e.ts';\nimport {\n  y,\n} from 'z';"),
    ).toEqual([
      { target: 'c/d.ts', isType: true },
      { target: 'a/e.ts', isType: false },
      { target: 'z', isType: false },
    ]);
  });

  it.each(Object.entries(mayImport))('of %s point one way', (folder, allowed) => {
    for (const { name, imports } of within(folder)) {
      const strays = imports.filter(({ target }) => isLocal(target) && !isBelow(target, [folder, ...allowed]));
      expect(strays, name).toEqual([]);
    }
  });

  it('of the ports are types only: they have nothing that runs', () => {
    const found = within('functions/ports').flatMap(({ imports }) => imports);
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter(({ isType }) => !isType)).toEqual([]);
  });

  it('go in no circle, those of types neither', () => {
    expect(circlesOf(product('a.ts -> b.ts', 'b.ts -> c.ts', 'c.ts -> b.ts', 'd.ts -> b.ts'))).toEqual([
      ['b.ts', 'c.ts'],
    ]);
    expect(circlesOf(product('a.ts -> a.ts', 'b.ts -> a.ts'))).toEqual([['a.ts']]);
    expect(circlesOf(code)).toEqual([]);
  });

  it('of what is deployed never reach local, cli or test; of nothing reach test', () => {
    for (const folder of ['functions', 'state-machine', 'infra']) {
      for (const { name, imports } of within(folder))
        expect(
          imports.filter(({ target }) => isBelow(target, ['local', 'cli', 'test'])),
          name,
        ).toEqual([]);
    }
    for (const { name, imports } of code)
      expect(
        imports.filter(({ target }) => isBelow(target, ['test'])),
        name,
      ).toEqual([]);
  });

  it('of the AWS SDK stand in the adapters, and outside of what is deployed', () => {
    const found = within('functions').filter(({ imports }) =>
      imports.some(({ target, isType }) => /^@(aws-sdk|smithy)\//.test(target) && !isType),
    );
    expect(found.length).toBeGreaterThan(10);
    expect(found.map(({ name }) => name).filter((name) => !name.startsWith('functions/adapters/'))).toEqual([]);
  });
});

/** Of packages: an interface, and what is made of nothing but the language, where a format takes it. */
const mayKnow = (name: string): readonly string[] => {
  if (name === 'functions/sinks/parquet.ts') return ['hyparquet-writer/src/write.js'];
  return name.startsWith('functions/decoders/protobuf') ? ['@bufbuild/protobuf'] : ['@standard-schema/spec'];
};

describe('the core and the language', () => {
  const pure = [
    ...['functions/core', 'functions/findings', ...language],
    ...['functions/testing', 'functions/index.ts', 'functions/ports'],
  ].flatMap(within);

  it('import no module of Node and no SDK', () => {
    for (const { name, imports } of pure) {
      expect(
        imports.filter(({ target }) => !isLocal(target) && !mayKnow(name).includes(target)),
        name,
      ).toEqual([]);
    }
  });

  it.each([
    ['the clock', /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\./],
    ['chance', /\bMath\.random\b|\bcrypto\b/],
    // What a bundle says of itself is a constant there: functions/steps/bundled.d.ts.
    ['the process', /\bprocess\.|\bglobalThis\b(?!\.SLUICE_)/],
    ['timers', /\bset(Timeout|Interval|Immediate)\b/],
    ['the console', /\bconsole\.(log|info|warn|error|debug)\b/],
    ['Buffer', /\bBuffer\./],
  ])('know nothing of %s', (_, pattern) => {
    for (const { name, text } of pure) expect(withoutComments(text), name).not.toMatch(pattern);
  });
});

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

/** A function begins with a line that opens a body at its end, and ends with the bracket at the same indentation. */
function functionsOf(text: string): { readonly line: number; readonly length: number }[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const opens =
      /(=>|\)(: .+)?) \{$/.test(line) &&
      !/^\s*(\}? ?else\b|if|for|while|switch|do|try|\} catch|return new)\b/.test(line);
    if (!opens) return [];
    const indentation = /^\s*/.exec(line)![0];
    const end = lines.findIndex((candidate, index) => index > at && candidate.startsWith(`${indentation}}`));
    return end < 0
      ? []
      : [{ line: at + 1, length: lines.slice(at + 1, end).filter((each) => each.trim() !== '').length }];
  });
}

it('has functions of 60 lines at most', () => {
  expect(functionsOf('function a(\n  b: number,\n): string {\n  c(() => {\n    d;\n  });\n}')).toEqual([
    { line: 3, length: 3 },
    { line: 4, length: 1 },
  ]);
  const long = code.flatMap(({ name, text }) =>
    functionsOf(text)
      .filter(({ length }) => length > 60)
      .map(({ line }) => `${name}:${line}`),
  );
  expect(long).toEqual([]);
  expect(code.flatMap(({ text }) => functionsOf(text)).length).toBeGreaterThan(200);
});

it('has files of 250 lines at most in what is deployed, but for those whose head says why they are longer', () => {
  const saysWhy = (text: string): boolean => /^\/\*\*(?:(?!\*\/)[\s\S])*\bLong because\b/.test(text);
  expect(saysWhy('/**\n * What it is.\n *\n * Long because it has to be.\n */\n')).toBe(true);
  expect(saysWhy('/** What it is. */\n// Long because\n')).toBe(false);
  const long = within('functions').filter(({ text }) => text.trimEnd().split('\n').length > 250 && !saysWhy(text));
  expect(long.map(({ name }) => name)).toEqual([]);
});

describe('the names of invariants', () => {
  /** Of a file's head, where each begins a line: the concept and a number. */
  const namesGivenIn = (text: string): string[] =>
    [...(/^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '').matchAll(/^ \* ([A-Z][A-Z\d]*-\d+) /gm)].map(([, name]) => name!);
  const given = code.flatMap(({ text }) => namesGivenIn(text));

  it('are given once', () => {
    expect(
      namesGivenIn('/**\n * What it is.\n *\n * A-1 Holds.\n * B2-10 Holds\n *    too: A-2 is another.\n */\n'),
    ).toEqual(['A-1', 'B2-10']);
    expect(given.length).toBeGreaterThan(100);
    expect(given.filter((name, at) => given.indexOf(name) !== at)).toEqual([]);
  });

  it('without a concept are those of the protocol alone', () => {
    const bare = code.filter(({ text }) => /^ \* [A-Z]{1,2}\d{1,2} +[A-Z`]/m.test(text));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it('are given wherever they are spoken of', () => {
    const concepts = new Set(given.map((name) => name.replace(/-\d+$/, '')));
    const documents = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => ({ name, text: readFileSync(path.join(root, 'docs', name), 'utf8') }));
    const unknown = [...sources, ...documents].flatMap(({ name, text }) =>
      [...text.matchAll(/\b([A-Z][A-Z\d]*)-\d+\b/g)]
        .filter(([spoken, concept]) => concepts.has(concept!) && !given.includes(spoken))
        .map(([spoken]) => `${name}: ${spoken}`),
    );
    expect(unknown).toEqual([]);
  });
});

it('has nothing left to do', () => {
  const marks = new RegExp(`\\b(${['TO', 'FIX'].map((start, at) => start + ['DO', 'ME'][at]).join('|')})\\b`);
  expect(sources.filter(({ text }) => marks.test(text)).map(({ name }) => name)).toEqual([]);
});

describe('errors', () => {
  it('that the functions raise are those that the state machine knows', () => {
    expect([...fatalErrors].sort()).toEqual([...fatalErrorNames].sort());
    expect([...temporaryErrors].sort()).toEqual([...retryableErrorNames].sort());
  });

  it('say themselves whether another try can help', () => {
    for (const name of fatalErrorNames) expect(new SluiceError(name, '')).toMatchObject({ name, canRetry: false });
    for (const name of retryableErrorNames) expect(new SluiceError(name, '')).toMatchObject({ name, canRetry: true });
  });
});
