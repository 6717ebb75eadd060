/** `sluice state` on the embedded DynamoDB: its answers are those of docs/operations.md. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { fenceNoted, readDocument } from '../docs/documents.ts';
import { sluice } from '../support/sluice-command.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, runToEnd, runtimeOf, table } from '../support/world.ts';
import departures from './pipelines/departures.ts';

const file = fileURLToPath(new URL('./pipelines/departures.ts', import.meta.url));
const operations = readDocument('docs/operations.md');
const flights = [
  [
    { date: '2001-01-01T10:05:00Z', delay: 2, origin: 'ORD' },
    { date: '2001-01-01T10:10:00Z', delay: 4, origin: 'ORD' },
  ],
  [
    { date: '2001-01-01T10:15:00Z', delay: 9, origin: 'ORD' },
    { date: '2001-01-01T10:20:00Z', delay: -1, origin: 'SEA' },
  ],
];
const world = useWorld();
/** The last batch with the first two flights, and the last of all. */
let [first, last] = [0, 0];

beforeAll(async () => {
  const streams = await makeStreams(world, 1);
  const runtime = runtimeOf(world, requirePipeline(departures, streams));
  const afterRun = async (some: (typeof flights)[number]): Promise<number> => {
    await publishEvents(
      world,
      streams.source,
      some.map((data) => ({ key: data.origin, data })),
    );
    await runToEnd(runtime, { untilCaughtUp: true });
    return (await runtime.ports.head.load())!.committed!.batchId;
  };
  first = await afterRun(flights[0]!);
  last = await afterRun(flights[1]!);
}, 60_000);

const at = () => ['--table', table, '--endpoint-url', world.dynamodb.endpoint];
const shown = (...more: string[]) => sluice(['state', file, ...at(), ...more]);
const byName = (...more: string[]) => sluice(['state', '--pipeline', 'departures', ...at(), ...more]);
/** Without the first line, which says how large it is. */
const linesOf = (stdout: string): string => stdout.slice(stdout.indexOf('\n') + 1);

test('shows what is open, as the documents say', async () => {
  const { code, stdout, stderr } = await shown('--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({
    ...{ kind: 'state', view: 'rows', pipeline: 'departures', batchId: last, parallelism: 2 },
    ...{ shown: 2, hasMore: false },
  });
  expect(linesOf(stdout)).toBe(fenceNoted(operations, 'says: state'));
});

test('shows what two batches differ in, as the documents say', async () => {
  const { code, stdout } = await shown('--changes', `${first}..${last}`, '--json');
  expect(code).toBe(0);
  expect(linesOf(stdout)).toBe(fenceNoted(operations, 'says: changes of state'));
});

test('shows a table for people, says that there is more, and tells the state of a batch before', async () => {
  const { stdout } = await shown('--limit', '1', '--batch', `${last}`);
  expect(stdout).toContain(`batch      ${last}\n`);
  expect(stdout).toContain('│ averageDelay │');
  expect(stdout).toContain('There are more: --limit, --group, --key');
  const earlier = await byName('--batch', `${first}`, '--by-window');
  expect(earlier.stdout).toMatch(/window │ 2001-01-01T10:00:00.000Z │ 2001-01-01T11:00:00.000Z │ 1 +│ 0 /);
});

test('refuses a batch that there is not, by name', async () => {
  expect(await shown('--batch', `${last + 1}`)).toMatchObject({
    ...{ code: 2, stdout: '', stderr: `batch ${last + 1} is not committed: use one from 0 to ${last}, the last one\n` },
  });
});
