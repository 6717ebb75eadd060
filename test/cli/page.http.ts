/** `sluice page` of a pipeline that has run on embedded services: what it serves, and how it ends. */
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../cli/program.ts';
import { departures, departuresPipeline } from '../support/departures-case.ts';
import { sluice } from '../support/sluice-command.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, runToEnd, runtimeOf, table, uniqueName } from '../support/world.ts';

const world = useWorld();

/** The first event of the page's stream. */
async function firstOf(address: string): Promise<Record<string, unknown>> {
  const ended = new AbortController();
  const response = await fetch(`${address}events`, { signal: ended.signal });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const models = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Record<string, unknown>);
    const all = Object.assign({}, ...models) as Record<string, never>;
    if ((all.loop as { committedBatch: number | null } | undefined)?.committedBatch != null) {
      ended.abort();
      return all;
    }
  }
  throw new Error('the stream has ended');
}

test('serves what the table says, reads letters and state when asked, writes nothing, and ends with Ctrl-C', async () => {
  const name = uniqueName('paged');
  const streams = await makeStreams(world, 2);
  const runtime = runtimeOf(world, departuresPipeline(name, streams));
  await publishEvents(world, streams.source, [...departures(40), { key: 'bad', data: { origin: 7 } }]);
  await runToEnd(runtime, { untilCaughtUp: true });
  const before = await runtime.ports.head.load();

  let seen: Promise<{ models: Record<string, unknown>; letters: unknown; windows: unknown }> | undefined;
  const look = async (address: string) => {
    const ask = async (path: string) => (await fetch(`${address}${path}`)).json();
    return { models: await firstOf(address), letters: await ask('letters'), windows: await ask('state/windows') };
  };
  const ran = await sluice(['page', '--pipeline', name, '--table', table, '--page-port', '0', '--json'], {
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: world.dynamodb.endpoint,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_REGION: 'us-east-1',
    },
    onOutput(output, kill) {
      const address = /"address":"([^"]+)"/.exec(output)?.[1];
      if (address === undefined || seen !== undefined) return;
      seen = look(address);
      seen.finally(() => kill('SIGINT')).catch(() => {});
    },
  });
  const { models, letters, windows } = (await seen)!;
  expect(ran).toMatchObject({ code: 0, stderr: 'Ctrl-C ends it.\n' });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    pipeline: name,
    address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
  });
  expect(models).toMatchObject({
    page: { pipeline: name, mode: 'table' },
    loop: { knownFrom: 'head', committedBatch: before?.committed?.batchId },
    'dead-letters': { events: [{ reason: 'schema-mismatch', count: 1 }] },
    results: {},
  });
  expect((models.reconciliation as { lines: { events: string; isEven: boolean }[] }).lines[0]).toMatchObject({
    events: 'read 41 = counted 40 + filtered 0 + late 0 + dead-lettered 1',
    isEven: true,
  });
  expect((models.shards as { shards: { position: string }[] }).shards).toHaveLength(2);
  expect(letters).toMatchObject({ letters: [{ reason: 'schema-mismatch' }], hasMore: false });
  expect((windows as { windows: { keys: number }[] }).windows.reduce((sum, { keys }) => sum + keys, 0)).toBe(10);
  expect(await runtime.ports.head.load()).toEqual(before);
});

test('of sluice dev is refused where its options contradict each other, before any server is started', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const file = fileURLToPath(new URL('./pipelines/departures.ts', import.meta.url));
  const dev = async (...args: string[]) => [await run(['dev', file, ...args]), said.splice(0).join('')];
  expect(await dev('--page-port', '70000')).toEqual([2, '--page-port 70000: use a whole number from 0 to 65,535\n']);
  expect(await dev('--page-port', '4600', '--no-page')).toEqual([2, '--page-port and --no-page: use one of them\n']);
});

test('names what is wrong before it serves anything', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const page = async (...args: string[]) => {
    said.length = 0;
    const code = await run(['page', '--endpoint-url', world.dynamodb.endpoint, ...args]);
    return [code, said.join('')];
  };
  expect(await page('--page-port', 'x')).toEqual([2, '--page-port x: use a whole number from 0 to 65,535\n']);
  expect(await page('--table', table)).toEqual([2, '--pipeline: its name is needed, or its file\n']);
  const unknown = ['--pipeline', 'nobody', '--table', table];
  expect(await page(...unknown)).toEqual([2, 'Pipeline nobody has never run on this table.\n']);
});
