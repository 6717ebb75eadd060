/** The code in the documents is the code of the examples, runs, and does what is said of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { resultIdentity } from '../support/builders.ts';
import { documentPaths, fenceNoted, fencesOf, readDocument } from './documents.ts';

const readme = readDocument('README.md');
const testing = readDocument('docs/guides/testing-a-pipeline.md');
const deploying = readDocument('docs/guides/deploying.md');
const deduplicate = readDocument('docs/guides/deduplicate.md');

describe('the examples', () => {
  const shown = documentPaths
    .flatMap((document) => fencesOf(readDocument(document)))
    .filter(({ note }) => note.startsWith('file: '));

  test('are all shown', () => {
    const files = shown.map(({ note }) => note.replace('file: ', ''));
    expect(files.toSorted()).toEqual([
      'examples/busiest-airports.ts',
      'examples/card-totals.ts',
      'examples/clickstream-sessions.ts',
      'examples/departures-by-state.ts',
      'examples/departures-per-day.ts',
      'examples/departures.ts',
      'examples/events-per-country.ts',
      'examples/fraud.ts',
      'examples/hourly-files.ts',
      'examples/live-dashboard.ts',
      'examples/orders-by-country.ts',
      'examples/orders-once.ts',
      'examples/republish.ts',
      'examples/usage-billing.ts',
    ]);
  });

  test.each(shown)('$note is the file, but for the comment at its head', ({ note, text }) => {
    const file = readFileSync(note.replace('file: ', ''), 'utf8');
    expect(text).toBe(file.replace(/^\/\*\*[\s\S]*?\*\/\n/, ''));
  });

  test("README's is a pipeline in about 20 lines", () => {
    expect(
      fenceNoted(readme, 'file: examples/departures.ts')
        .trimEnd()
        .split('\n')
        .filter((line) => line !== '').length,
    ).toBeLessThanOrEqual(20);
  });
});

/** As a module of the repository's root, with the package's own name standing for its sources. */
function run(code: string, environment: Record<string, string> = {}, cwd = '.') {
  const args = ['--conditions=sluice-source', '--input-type=module', '-e', stripTypeScriptTypes(code)];
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env: { ...process.env, ...environment } });
}

test('the test of a pipeline gives a result', { timeout: 30_000 }, () => {
  const code = fencesOf(testing).find(({ text }) => text.includes('runPipeline'))!.text;
  const { stdout, stderr } = run(`${code}\nconsole.log(JSON.stringify({ results, late, deadLetters, filtered }));`);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    results: [{ origin: 'ORD', windowStart: '2001-01-01T13:00:00.000Z', departures: 1, averageDelay: 3 }],
    late: [],
    deadLetters: [],
    filtered: 0,
  });
});

test('the run batch by batch gives what is said of it', { timeout: 30_000 }, () => {
  const { stdout, stderr } = run(`${fenceNoted(testing, 'runs: batches')}\nconsole.log(JSON.stringify(batches));`);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject([
    { results: [], open: [{ origin: 'ORD' }] },
    { results: [], open: [{ origin: 'ORD' }] },
    { results: [{ origin: 'ORD', departures: 2 }], watermark: '2001-01-01T14:00:00.000Z', open: [] },
    { results: [], late: [{ date: '2001-01-01T13:30:00Z' }] },
  ]);
});

test('the state of a test is shown as the guide says', { timeout: 30_000 }, () => {
  const { stdout, stderr } = run(fenceNoted(testing, 'runs: state'));
  expect({ stdout, stderr }).toEqual({ stdout: fenceNoted(testing, 'says: state'), stderr: '' });
});

test('the transcript passes, and fails with what is said where a number is another', { timeout: 30_000 }, () => {
  const code = fenceNoted(testing, 'runs: transcript');
  expect(run(code)).toMatchObject({ status: 0, stderr: '' });
  const { status, stderr } = run(code.replace('departures: 2', 'departures: 3'));
  expect(status).toBe(1);
  expect(stderr).toContain(`TranscriptDiffers: ${fenceNoted(testing, 'says: transcript')}`);
});

test('the guide to aggregates of your own gives what it says', { timeout: 30_000 }, () => {
  const guide = readDocument('docs/guides/custom-aggregates.md');
  const { stdout, stderr } = run(`${fenceNoted(guide, 'runs: distinct gates')}\nconsole.log(JSON.stringify(results));`);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject([{ origin: 'ORD', departures: 3, gates: 2 }]);
  expect(guide).toContain('`results` is one row with `departures: 3` and `gates: 2`.');
});

test('the guide to a function as a sink: a call that comes again changes nothing, and its test passes', {
  timeout: 30_000,
}, () => {
  const guide = readDocument('docs/guides/for-each-batch.md');
  const again = `
    const row = (origin) => ({ value: { origin, windowStart: '2026-01-01T10:00:00.000Z', flights: 1 }, retracted: false });
    for (const id of ['a', 'a', 'b']) await save([row('ORD'), row('SEA')], { id });
    await save([row('ORD'), row(undefined)], { id: 'c' }).catch(() => {});
    console.log(JSON.stringify(database.prepare('select origin, count(*) as rows from departures group by origin').all()));`;
  const { stdout, stderr } = run(`${fenceNoted(guide, 'runs: for each batch')}${again}`);
  expect(stdout, stderr).toBe('[{"origin":"ORD","rows":2},{"origin":"SEA","rows":2}]\n');
  expect(run(fenceNoted(guide, 'runs: a test of it'))).toMatchObject({ status: 0, stderr: '' });
});

test('the guide to a sink of your own sends what it says', { timeout: 30_000 }, () => {
  const code = fenceNoted(readDocument('docs/guides/own-sink.md'), 'runs: webhook').replace('const url =', 'let url =');
  const sent = `
    import { createServer } from 'node:http';
    const server = createServer(async (request, response) => {
      console.log(request.method, (await Array.fromAsync(request)).join(''));
      response.writeHead(request.headers['content-length'] > 20 ? 503 : 200).end();
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    url = 'http://127.0.0.1:' + server.address().port;
    const about = { signal: AbortSignal.timeout(9_000) };
    await put([{ key: 'a', data: '{"a":1}' }, { key: 'b', data: '{"b":2}' }], about);
    await put([{ key: 'a', data: '{"a":"long enough"}' }], about).catch(({ code }) => console.log(code));
    server.close().closeAllConnections();`;
  const { stdout, stderr } = run(`${code}${sent}`);
  expect(stdout, stderr).toBe('POST [{"a":1},{"b":2}]\nPOST [{"a":"long enough"}]\n503\n');
});

test('the guide to a format of your own gives what it says', { timeout: 30_000 }, () => {
  const guide = readDocument('docs/guides/own-decoder.md');
  const { stdout, stderr } = run(
    `${fenceNoted(guide, 'runs: own format')}\nconsole.log(JSON.stringify([results, deadLetters]));`,
  );
  expect(stderr).toBe('');
  const [results, letters] = JSON.parse(stdout) as [unknown, { message: string }[]];
  expect(results).toMatchObject([{ sensor: 7, readings: 2 }]);
  expect(letters).toMatchObject([{ reason: 'callback-failed', message: 'a reading has 16 bytes, not 15' }]);
  expect(guide).toContain(`with the message \`${letters[0]!.message}\`.`);
});

test('the guide to windows gives what it says', { timeout: 30_000 }, () => {
  const guide = readDocument('docs/guides/windows.md');
  const { stdout, stderr } = run(`${fenceNoted(guide, 'runs: lately')}\nconsole.log(JSON.stringify(results));`);
  expect(stderr).toBe('');
  const rows = JSON.parse(stdout) as { windowEnd: string; clicks: number }[];
  expect(rows.map(({ windowEnd, clicks }) => [windowEnd.slice(11, 16), clicks])).toEqual([
    ['09:01', 2],
    ['09:02', 3],
    ['09:03', 1],
  ]);
  expect(guide).toContain('three rows, which end at 09:01, 09:02 and 09:03, with 2, 3 and 1 clicks.');
});

test('the guide to windows gives the totals that it says', { timeout: 30_000 }, () => {
  const guide = readDocument('docs/guides/windows.md');
  const shown = 'console.log(JSON.stringify(batches.map(({ results, versions }) => [results, versions])));';
  const { stdout, stderr } = run(`${fenceNoted(guide, 'runs: totals')}\n${shown}`);
  expect(stderr).toBe('');
  const batches = JSON.parse(stdout) as [{ paid?: number }[], { retracted: boolean }[]][];
  const told = batches.map(([[row], [version]]) => [row?.paid, version?.retracted]);
  expect(told).toEqual([
    [5, false],
    [12, false],
    [undefined, true],
  ]);
  expect(guide).toContain('The rows are 5, 12, and a [retraction]');
});

describe('the guide from SQL applications', () => {
  const guide = readDocument('docs/guides/from-sql-applications.md');

  test('gives a minute what came in it, and a correction in place of a second row', { timeout: 30_000 }, () => {
    const shown = 'console.log(JSON.stringify(batches.map(({ results, versions }) => [results, versions])));';
    const { stdout, stderr } = run(`${fenceNoted(guide, 'runs: stagger')}\n${shown}`);
    expect(stderr).toBe('');
    const given = (JSON.parse(stdout) as [{ windowStart: string; sales: number }[], { revision: number }[]][]).flatMap(
      ([rows, versions]) =>
        rows.map(({ windowStart, sales }, at) => [windowStart.slice(11, 16), sales, versions[at]!.revision]),
    );
    expect(given).toEqual([
      ['10:00', 3, 0],
      ['10:01', 1, 0],
      ['10:00', 4, 1],
    ]);
    const [, , , here] = fenceNoted(guide, 'says: stagger').split('\n');
    expect(here!.split(/ {2,}/)).toEqual(['here', '3, then 4 (revision 1)', '1']);
  });

  test('cuts sessions into windows that open at their first event', { timeout: 30_000 }, () => {
    const { stdout, stderr } = run(fenceNoted(guide, 'runs: from the first event'));
    expect({ stdout, stderr }).toEqual({ stdout: fenceNoted(guide, 'says: from the first event'), stderr: '' });
  });
});

test('the guide from event source mappings: a bad record is one letter, and the others go on', {
  timeout: 30_000,
}, () => {
  const guide = readDocument('docs/guides/from-event-source-mappings.md');
  const { stdout, stderr } = run(fenceNoted(guide, 'runs: a bad record'));
  expect({ stdout, stderr }).toEqual({ stdout: fenceNoted(guide, 'says: a bad record'), stderr: '' });
});

test('the tutorial gives the rows that it says, and one letter for the bad line', { timeout: 30_000 }, () => {
  const tutorial = readDocument('docs/tutorial.md');
  const bad = fencesOf(tutorial).find(({ language }) => language === 'json')!.text;
  const code = fenceNoted(tutorial, 'runs: tutorial').replace('export default pipeline', 'const departures = pipeline');
  const counted = `
    import { readFileSync } from 'node:fs';
    import { runPipeline } from 'kinesis-sluice';
    const lines = (readFileSync('template/flights.ndjson', 'utf8') + process.env.BAD).trim().split('\\n');
    const { results, deadLetters } = runPipeline(departures, { events: lines.map((line) => JSON.parse(line)) });
    console.log(JSON.stringify([lines.length, results.length, deadLetters.map(({ reason, message }) => [reason, message])]));`;
  const { stdout, stderr } = run(`${code}${counted}`, { BAD: bad });
  expect(stderr).toBe('');
  const letter = ['schema-mismatch', 'delay: Invalid input: expected number, received string'];
  expect(JSON.parse(stdout)).toEqual([114, 9, [letter]]);
  for (const text of [...letter, 'read 114 = counted 113', 'results 9 = emitted 9']) expect(tutorial).toContain(text);
});

test('the test that the guide shows passes', { timeout: 30_000 }, () => {
  const { status, stdout } = run(fenceNoted(testing, 'test'));
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/ pass 2$/m);
});

const templateIn = (folder: string): string => readdirSync(folder).find((name) => name.endsWith('.template.json'))!;

/** Nothing is bundled: test/infra and test/package do that. */
const withoutBundles = JSON.stringify({ 'aws:cdk:bundling-stacks': [] });

test.each([
  { where: 'the template of a project', code: readDocument('template/app.ts'), cwd: 'template', streams: 2 },
  { where: 'the guide', code: fenceNoted(deploying, 'runs'), cwd: '.', streams: 1 },
  { where: 'the guide, of a live view,', code: fenceNoted(deploying, 'table'), cwd: '.', streams: 0 },
])('the app in $where becomes a template, in 15 lines', { timeout: 60_000 }, ({ code, cwd, streams }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-readme-'));
  try {
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
    const { status, stderr } = run(code, { CDK_OUTDIR: folder, CDK_CONTEXT_JSON: withoutBundles }, cwd);
    expect(status, stderr).toBe(0);
    const { Resources } = JSON.parse(readFileSync(path.join(folder, templateIn(folder)), 'utf8'));
    const types = Object.values<{ Type: string }>(Resources).map(({ Type }) => Type);
    // The steps, and the one by which the CDK empties the bucket when the stack goes.
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(5 + 1);
    expect(types.filter((type) => type === 'AWS::Kinesis::Stream')).toHaveLength(streams);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the reader that drops repeats', () => {
  type Identity = { pipeline: string; output: string; group: number; ref: number; index: number; row: number };
  const code = stripTypeScriptTypes(fenceNoted(deduplicate, 'reader'));
  /** A reader with a memory of its own. */
  let readers = 0;
  const newReader = async (): Promise<(id: Identity) => boolean> => {
    readers += 1;
    const module = await import(`data:text/javascript,${encodeURIComponent(`${code}\n// ${readers}`)}`);
    return module.isFirst;
  };
  const identity = (ref: number, index: number, group = 0): Identity => ({
    pipeline: 'p',
    output: 'main',
    group,
    ref,
    index,
    row: 0,
  });

  test('takes each result once, whatever is repeated and in whatever order within a batch', async () => {
    const isFirst = await newReader();
    const sent = [
      identity(5, 1),
      identity(5, 0),
      identity(5, 1),
      identity(9, 0),
      identity(5, 0),
      identity(9, 0),
      identity(9, 3),
    ];
    expect(sent.map(isFirst)).toEqual([true, true, false, true, false, false, true]);
  });

  test('keeps rows of one result apart', async () => {
    const isFirst = await newReader();
    const sent = [0, 1, 1, 2, 0].map((row) => ({ ...identity(5, 1), row }));
    expect(sent.map(isFirst)).toEqual([true, true, false, true, false]);
  });

  test('keeps key groups, outputs and pipelines apart', async () => {
    const isFirst = await newReader();
    expect([identity(5, 0, 0), identity(3, 0, 1), { ...identity(1, 0), pipeline: 'q' }].map(isFirst)).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('the reader that keeps the latest', () => {
  const code = stripTypeScriptTypes(fenceNoted(deduplicate, 'latest'));
  const version = (given: object, result: string) => [resultIdentity(given), result] as const;
  let readers = 0;
  const read = async (records: readonly (readonly [unknown, string])[]): Promise<unknown[]> => {
    readers += 1;
    const reader = await import(`data:text/javascript,${encodeURIComponent(`${code}\n// ${readers}`)}`);
    for (const [id, result] of records) reader.take(id, result);
    return reader.results().sort();
  };
  const records = [
    version({ ref: 5 }, 'first'),
    version({ ref: 5, revision: 1 }, 'corrected in its batch'),
    version({ ref: 9, revision: 0 }, 'from a restored table'),
    version({ ref: 5, window: [10, 20] }, 'of another window'),
    version({ ref: 5, window: [0, 20] }, 'of one that ends later'),
    version({ ref: 5, key: '["j"]' }, 'of another key'),
    version({ ref: 5, row: 1 }, 'a second row'),
    version({ ref: 5, output: 'second' }, 'of another output'),
    version({ ref: 5, row: 2 }, 'given out'),
    version({ ref: 9, row: 2, revision: 1, retracted: true }, 'taken back'),
  ];
  const right = [
    ...['a second row', 'from a restored table', 'of another key', 'of another output', 'of another window'],
    'of one that ends later',
  ];

  test('has of each window, key, row and output what came last, and nothing of what was taken back', async () => {
    expect(await read(records)).toEqual(right);
  });

  test('has the same in whatever order they come, and however often', async () => {
    expect(await read([...records, ...records.toReversed()])).toEqual(right);
    expect(await read(records.toReversed())).toEqual(right);
  });
});
