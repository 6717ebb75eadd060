import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeDirectly } from '../../local/demo/flight-results.ts';
import { openServices, type Services } from '../../local/services/services.ts';
import { createStream } from '../../local/services/streams.ts';
import { type Ran, sluice } from '../support/sluice-command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const departures = fileURLToPath(new URL('./pipelines/departures.ts', import.meta.url));
const severalOutputs = fileURLToPath(new URL('./pipelines/several-outputs.ts', import.meta.url));
const flightCount = 4_000;

let directory: string;
let input: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  input = path.join(directory, 'flights.ndjson');
  const flights = gunzipSync(readFileSync(path.join(root, 'examples/data/flights.ndjson.gz')))
    .toString('utf8')
    .split('\n');
  writeFileSync(input, flights.slice(0, flightCount).join('\n'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Line = { readonly kind: string; readonly read: number; readonly published: number };

const objects = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Rows of the sink as a consumer that drops repeats sees them; a repeat must be the same, byte by byte. */
function uniqueRows(file: string) {
  const byIdentity = new Map<string, string>();
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const identity = JSON.stringify((JSON.parse(line) as { _sluice: unknown })._sluice);
    expect(byIdentity.get(identity) ?? line).toBe(line);
    byIdentity.set(identity, line);
  }
  return [...byIdentity.values()].map(
    (line) => JSON.parse(line) as { origin: string; windowStart: string; departures: number },
  );
}

async function expectCompleteResults(file: string): Promise<void> {
  const expected = await computeDirectly(input);
  const simple = (row: { origin: string; windowStart: string; departures: number }) =>
    `${row.origin} ${row.windowStart} ${row.departures}`;
  expect(uniqueRows(file).map(simple).sort()).toEqual(expected.map(simple).sort());
}

const devArguments = (...more: string[]) =>
  ['dev', departures, '--input', input, '--partition-key', 'origin', '--shards', '3', '--json', ...more] as const;

describe('sluice dev', () => {
  test('counts a file completely and prints nothing but JSON on stdout', async () => {
    const results = path.join(directory, 'complete.ndjson');
    const ran = await sluice(devArguments('--results', results));
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Page: http:\/\/127\.0\.0\.1:\d+\/$/m) });
    const lines = objects(ran.stdout);
    expect(lines.slice(0, -1).every(({ kind }) => kind === 'progress')).toBe(true);
    expect(lines.at(-1)).toMatchObject({
      kind: 'summary',
      pipeline: 'departures',
      batches: lines.length - 1,
      published: flightCount,
      read: flightCount,
      counted: flightCount,
      filtered: 0,
      late: 0,
      deadLettered: 0,
    });
    await expectCompleteResults(results);
  });

  test('reports every mistake at once, before anything starts', async () => {
    const state = path.join(directory, 'never');
    const ran = await sluice([
      'dev',
      'nowhere.ts',
      '--shards',
      '0',
      '--rate',
      '5',
      '--input',
      'nothing',
      '--state',
      state,
    ]);
    expect(ran.code).toBe(2);
    for (const word of ['nowhere.ts', '--shards 0', '--rate', '--input nothing']) expect(ran.stderr).toContain(word);
    expect(existsSync(state)).toBe(false);
  });

  test('finishes its batch on the first Ctrl-C, and goes on from there', async () => {
    const state = path.join(directory, 'stopped');
    const results = path.join(directory, 'stopped.ndjson');
    let hasStopped = false;
    const first = await sluice(devArguments('--state', state), {
      onOutput(seen, kill) {
        if (hasStopped || !seen.includes('"batchId":0')) return;
        hasStopped = true;
        kill('SIGINT');
      },
    });
    expect(first).toMatchObject({ code: 0 });
    const partial = objects(first.stdout).at(-1)!;
    expect(partial).toMatchObject({ kind: 'summary' });
    expect(partial.read).toBeLessThanOrEqual(flightCount);
    const second = await sluice(devArguments('--state', state, '--results', results));
    expect(second).toMatchObject({ code: 0 });
    expect(objects(second.stdout).at(-1)!.published + partial.published).toBe(flightCount);
    await expectCompleteResults(results);
  });

  test('ends at once on the second Ctrl-C or a SIGKILL, and loses and repeats nothing', async () => {
    const state = path.join(directory, 'killed');
    const results = path.join(directory, 'killed.ndjson');
    let interrupts = 0;
    const interrupted = await sluice(devArguments('--state', state), {
      onOutput(seen, kill) {
        if (interrupts > 1 || !seen.includes('"batchId":0')) return;
        interrupts = 2;
        kill('SIGINT');
        setTimeout(() => kill('SIGTERM'), 5);
      },
    });
    // A batch that was done before the second signal came ends as after one signal.
    expect([130, 0], interrupted.stderr).toContain(interrupted.code);
    for (const batch of [1, 2]) {
      const killed = await sluice(devArguments('--state', state), {
        onOutput: (seen, kill) => seen.includes(`batch ${batch} `) && kill('SIGKILL'),
      });
      expect([null, 0], killed.stderr).toContain(killed.code);
    }
    const last = await sluice(devArguments('--state', state, '--results', results));
    expect(last).toMatchObject({ code: 0 });
    await expectCompleteResults(results);
  });

  test('ends after the batches asked for', async () => {
    const template = '{"date":"{{date.now("YYYY-MM-DDTHH:mm:ss")}}Z","delay":{{random.number(9)}},"origin":"ORD"}';
    const ran = await sluice(['dev', departures, '--generate', template, '--rate', '200', '--batches', '2', '--json']);
    expect(ran).toMatchObject({ code: 0 });
    expect(objects(ran.stdout).map(({ kind }) => kind)).toEqual(['progress', 'progress', 'summary']);
  });
});

test('sluice dev with a run of what is available now publishes all events first, and ends by itself without any', async () => {
  const availableNow = fileURLToPath(new URL('./pipelines/available-now.ts', import.meta.url));
  const published = await sluice(['dev', availableNow, '--generate', '{"id": 1}', '--count', '300']);
  expect(published).toMatchObject({ code: 0 });
  expect(published.stderr).toContain('published 300 · read 300 = counted 300');
  const alone = await sluice(['dev', availableNow]);
  expect(alone).toMatchObject({ code: 0 });
  expect(alone.stderr).toContain('read 0 = counted 0');
});

describe('sluice dev with a console sink and an hour between batches', () => {
  const leftBehind = fileURLToPath(new URL('./pipelines/left-behind.ts', import.meta.url));
  const consoleErrors = fileURLToPath(new URL('./pipelines/console-errors.ts', import.meta.url));

  test('shows the results of each batch, and does not wait for the hour to be over', async () => {
    const logs = path.join(directory, 'logs.ndjson');
    writeFileSync(logs, '{"level":"error","n":41}\n{"level":"info","n":2}\nnot json\n{"level":"error","n":43}\n');
    const ran = await sluice(['dev', consoleErrors, '--input', logs]);
    expect(ran).toMatchObject({ code: 0 });
    for (const word of ['2 results', '41', '43']) expect(ran.stdout).toContain(word);
    expect(ran.stderr).toContain('read 4 = counted 2 + filtered 1 + late 0 + dead-lettered 1');
  });

  test('outlives promises that a callback leaves behind, and says where they come from', async () => {
    const numbers = path.join(directory, 'numbers.ndjson');
    writeFileSync(numbers, '{"n":1}\n{"n":2}\n');
    const ran = await sluice(['dev', leftBehind, '--input', numbers, '--json']);
    expect(ran).toMatchObject({ code: 0 });
    expect(objects(ran.stdout).at(-1)).toMatchObject({ read: 2, emitted: 2 });
    expect(ran.stderr).toMatch(/left behind was rejected \(RangeError at .*left-behind\.ts:\d+/);
    expect(ran.stderr).not.toContain('secret');
  });

  test('writes the records of each output to a stream and a file of its own, and shows its own rows of a common stream', async () => {
    const numbers = path.join(directory, 'several.ndjson');
    writeFileSync(numbers, [1, 2, 3, 4].map((id) => `{"id":${id}}\n`).join(''));
    const [all, even] = ['all', 'even'].map((name) => path.join(directory, `${name}.ndjson`));
    const flags = ['--sink', 'even=elsewhere', '--results', all!, '--results', `even=${even}`];
    const ran = await sluice(['dev', severalOutputs, '--input', numbers, ...flags]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain(`8 sink records of main written to ${all}`);
    expect(ran.stderr).toContain(`2 sink records of even written to ${even}`);
    const rows = readFileSync(even!, 'utf8').trim().split('\n');
    expect(rows.map((line) => (JSON.parse(line) as { id: number }).id).sort()).toEqual([2, 4]);
    const counts = (output: string): number =>
      [...ran.stdout.matchAll(new RegExp(`, ${output}: (\\d+) results`, 'g'))].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
    expect(['main', 'even', 'ids', 'shown'].map(counts)).toEqual([4, 2, 4, 4]);
  });

  test('refuses to write the results of a sink that is no stream', async () => {
    const ran = await sluice(['dev', consoleErrors, '--results', path.join(directory, 'none.ndjson')]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--results');
  });
});

// Side by side with what follows: half a minute of this is patience with a server that does not answer.
describe.concurrent('sluice dev on servers that run already', () => {
  let services: Services;
  let environment: Record<string, string>;

  beforeAll(async () => {
    services = await openServices({}, undefined);
    environment = {
      AWS_ENDPOINT_URL_KINESIS: services.kinesisEndpoint,
      AWS_ENDPOINT_URL_DYNAMODB: services.dynamodbEndpoint,
      AWS_REGION: services.region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
  });

  afterAll(() => services.close());

  test('needs their streams to be there', async () => {
    const missing = await sluice(devArguments('--source', 'no-such-stream'), { environment });
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain('no-such-stream');
  });

  test.concurrent('needs the servers to answer', async () => {
    const dead = {
      ...environment,
      AWS_ENDPOINT_URL_KINESIS: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    };
    const unanswered = await sluice(devArguments(), { environment: dead });
    expect(unanswered).toMatchObject({ code: 3 });
    expect(unanswered.stderr).toMatch(/(Kinesis|DynamoDB) at http:\/\/127\.0\.0\.1:1 has not answered for 30 s/);
    const half = { ...environment, AWS_ENDPOINT_URL_DYNAMODB: '' };
    expect(await sluice(devArguments(), { environment: half })).toMatchObject({ code: 2 });
    const wrong = { ...environment, AWS_ENDPOINT_URL_KINESIS: 'ftp://127.0.0.1:1', AWS_ENDPOINT_URL_DYNAMODB: 'here' };
    expect(await sluice(devArguments(), { environment: wrong })).toMatchObject({
      code: 2,
      stderr:
        'AWS_ENDPOINT_URL_DYNAMODB here: use a URL such as http://127.0.0.1:4567\n' +
        'AWS_ENDPOINT_URL_KINESIS ftp://127.0.0.1:1: use a URL such as http://127.0.0.1:4567\n',
    });
  });

  test.concurrent('leaves the pipeline to the one of two drivers that was first', async () => {
    for (const name of ['flights', 'departures']) await createStream(services.kinesis, name, 2);
    const results = path.join(directory, 'external.ndjson');
    const drivers = [1, 2].map(() => sluice(devArguments('--results', results), { environment }));
    const [one, other] = (await Promise.all(drivers)) as [Ran, Ran];
    expect([one.code, other.code].sort()).toEqual([0, 4]);
    const winner = one.code === 0 ? one : other;
    expect(objects(winner.stdout).at(-1)).toMatchObject({ published: flightCount, read: flightCount });
    await expectCompleteResults(results);
  });
});

describe.concurrent('sluice status and stop', () => {
  test('tell about a running pipeline and end it', async () => {
    const services = await openServices({}, undefined);
    try {
      const environment = {
        AWS_ENDPOINT_URL_KINESIS: services.kinesisEndpoint,
        AWS_ENDPOINT_URL_DYNAMODB: services.dynamodbEndpoint,
        AWS_REGION: services.region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      };
      for (const name of ['flights', 'departures']) await createStream(services.kinesis, name, 1);
      const unknown = await sluice(['status', '--pipeline', 'departures'], { environment });
      expect(unknown.code).toBe(3);
      const template = '{"date":"{{date.now("YYYY-MM-DDTHH:mm:ss")}}Z","delay":1,"origin":"ORD"}';
      let told: Promise<{ status: Ran; stop: Ran }> | undefined;
      const running = await sluice(['dev', departures, '--generate', template, '--rate', '100', '--json'], {
        environment,
        onOutput(seen) {
          if (told !== undefined || !seen.includes('"batchId":1')) return;
          told = (async () => ({
            status: await sluice(['status', '--pipeline', 'departures', '--json'], { environment }),
            stop: await sluice(['stop', '--pipeline', 'departures'], { environment }),
          }))();
        },
      });
      const { status, stop } = await told!;
      expect(running).toMatchObject({ code: 0 });
      expect(status).toMatchObject({ code: 0 });
      expect(objects(status.stdout)[0]).toMatchObject({ pipeline: 'departures', state: 'running', control: 'run' });
      expect(stop).toMatchObject({ code: 0 });
      const after = await sluice(['status', '--pipeline', 'departures', '--json'], { environment });
      expect(objects(after.stdout)[0]).toMatchObject({ state: 'stopped', control: 'stop' });
    } finally {
      await services.close();
    }
  });

  test('reach a run with embedded services at the endpoint that it names', async () => {
    const template = '{"date":"{{date.now("YYYY-MM-DDTHH:mm:ss")}}Z","delay":1,"origin":"ORD"}';
    let told: Promise<{ status: Ran; stop: Ran }> | undefined;
    const running = await sluice(['dev', departures, '--generate', template, '--rate', '100', '--json'], {
      onOutput(seen) {
        if (told !== undefined || !seen.includes('"batchId":1')) return;
        const place = /npx sluice status (.*), or stop/.exec(seen)![1]!.split(' ');
        told = (async () => ({
          status: await sluice(['status', ...place, '--json']),
          stop: await sluice(['stop', ...place]),
        }))();
      },
    });
    const { status, stop } = await told!;
    expect(running).toMatchObject({ code: 0 });
    expect(objects(status.stdout)[0]).toMatchObject({ pipeline: 'departures', state: 'running' });
    expect(stop).toMatchObject({ code: 0 });
  });
});

describe.concurrent('sluice dead-letters', () => {
  const halves = fileURLToPath(new URL('./pipelines/halves.ts', import.meta.url));

  test('lists and shows what a run could not process, from the state it has kept', async () => {
    const lines = path.join(directory, 'halves.ndjson');
    writeFileSync(lines, '{"id":2}\n{"id":3}\n{"id":"x"}\n{"id":12345678901234567890}\n');
    const state = path.join(directory, 'halves-state');
    const run = await sluice(['dev', halves, '--input', lines, '--state', state, '--json']);
    expect(run).toMatchObject({ code: 0 });
    expect(objects(run.stdout).at(-1)).toMatchObject({
      ...{ read: 4, counted: 2, deadLettered: 2, isAllLost: false },
      rows: { results: 2, emitted: 1, filtered: 0, refused: 1 },
    });
    expect(run.stderr).toContain('2 dead-lettered (1 schema-mismatch, 1 invalid-key)');
    expect(run.stderr).toContain('refused result: callback-failed, for example results/group-0/');

    const at = ['--pipeline', 'halves', '--state', state] as const;
    const listed = await sluice(['dead-letters', 'list', ...at, '--json']);
    type Listed = {
      readonly hasMore: boolean;
      readonly deadLetters: { readonly id: string; readonly reason: string }[];
    };
    const { deadLetters, hasMore } = JSON.parse(listed.stdout) as Listed;
    const reasons = ['schema-mismatch', 'invalid-key', 'callback-failed'];
    expect({ hasMore, reasons: deadLetters.map(({ reason }) => reason) }).toEqual({ hasMore: false, reasons });
    const large = await sluice(['dead-letters', 'show', deadLetters[1]!.id, ...at]);
    expect(large.stdout).toContain('reason     invalid-key');
    expect(large.stdout).toContain('{"id":12345678901234567890}');
    const some = await sluice(['dead-letters', 'list', ...at, '--source', 'results', '--shard', 'group-0']);
    expect(some.stdout).not.toContain('invalid-key');
    expect(some.stdout).toContain('3 has no half');
    expect(await sluice(['dead-letters', 'show', 'results/group-0/1-1/0', ...at])).toMatchObject({ code: 2 });

    // The same state is what savepoints are made of, and what is taken back.
    expect(await sluice(['savepoint', 'kept', ...at])).toMatchObject({ code: 0, stderr: '' });
    const rewound = await sluice(['rewind', '--to-savepoint', 'kept', ...at]);
    expect(rewound).toMatchObject({ code: 0, stderr: '' });
    expect(rewound.stdout).toContain('of savepoint halves@kept, committed 2');
  });
});
