/** `sluice progress`, `shards`, `cost` and `stop --now` on embedded services. */
import { expect, test } from 'vitest';
import { plantNothing, plantSlowSink } from '../support/planted-troubles.ts';
import { runCommand } from '../support/run-command.ts';
import { sluice } from '../support/sluice-command.ts';
import { useWorld } from '../support/use-world.ts';
import { runToEnd, table } from '../support/world.ts';

const world = useWorld();
const at = (pipeline: string) => ['--pipeline', pipeline, '--table', table, '--endpoint-url', world.dynamodb.endpoint];
const lines = (stdout: string) => stdout.trimEnd().split('\n');

test('progress shows the last batches, follows the next ones, and ends with Ctrl-C', async () => {
  const { pipeline, nextBatch } = await plantNothing(world);
  const some = await runCommand('progress', ...at(pipeline), '--last', '2');
  expect(some).toMatchObject({ code: 0, stderr: '' });
  expect(lines(some.stdout)).toEqual([
    expect.stringMatching(/^batch 1 · .* · 12 records · /),
    expect.stringMatching(/^batch 2 · /),
  ]);
  const first = JSON.parse(lines((await runCommand('progress', ...at(pipeline), '--json')).stdout)[0]!);
  expect(first).toMatchObject({ kind: 'progress', batchId: 0, read: 12, seconds: 0 });

  let next: Promise<void> | undefined;
  const followed = await sluice(['progress', ...at(pipeline), '--last', '1', '--follow'], {
    onOutput: (seen, kill) => {
      if (seen.includes('batch 2')) next ??= nextBatch();
      if (seen.includes('batch 3')) kill('SIGINT');
    },
  });
  await next;
  expect(followed).toMatchObject({ code: 0, stderr: '' });
  expect(lines(followed.stdout)).toHaveLength(2);

  const { stdout } = await runCommand('shards', ...at(pipeline), '--json');
  const { shards } = JSON.parse(stdout) as { shards: object[] };
  expect(shards).toHaveLength(4);
  expect(shards[1]).toMatchObject({
    ...{ shardId: 'shardId-000000000001', parents: [], children: [], state: 'caught-up', millisBehindLatest: 0 },
    ...{ position: expect.stringMatching(/^after \d+$/), lastArrival: expect.any(Number) },
  });
  const text = await runCommand('shards', ...at(pipeline));
  expect(lines(text.stdout)[0]).toBe(`${pipeline}: 4 open and 0 ended, after batch 3`);
  expect(text.stdout).toContain('│ shardId-000000000003 │');

  const cost = JSON.parse((await runCommand('cost', ...at(pipeline), '--json')).stdout);
  expect(cost).toMatchObject({ pipeline, machine: 'EXPRESS', batches: 4, idleTurnsADay: null });
  const { total, ...parts } = cost.dollars as Record<string, number>;
  expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total!, 9);
  // Each of four shards with an executor of its own, at most.
  expect(cost.usage.lambdaRequests / cost.batchesADay).toBeCloseTo(5, -1);
  const inWords = await runCommand('cost', ...at(pipeline), '--last', '2', '--machine', 'STANDARD');
  expect(lines(inWords.stdout)[0]).toMatch(
    /^\S+, as its last 2 batches were: [\d,]+ batches a day; turns that find nothing/,
  );
});

test('stop --now asks, ends the driver, and the next start finishes what it has sealed', async () => {
  const { pipeline, runtime } = await plantSlowSink(world);
  const { head } = runtime.ports;
  const before = await head.load();
  expect(await runCommand('stop', '--now', ...at(pipeline))).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringMatching(/is stopped at once: .*\n--yes: it is needed where nobody can be asked/),
  });
  expect(await head.load()).toEqual(before);
  const stopped = await runCommand('stop', '--now', '--yes', ...at(pipeline), '--json');
  expect(stopped).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(stopped.stdout)).toEqual({
    ...{ pipeline, control: 'stop', sealedBatch: 1 },
    fenced: { execution: before!.holder!.execution },
  });
  expect((await head.load())!.epoch).toBe(before!.epoch + 1);
  await head.setControl('run');
  await runToEnd(runtime, { untilBatch: 1 });
  expect(await head.load()).toMatchObject({ committed: { batchId: 1, ref: before!.sealed!.ref } });
});

test('what is asked wrongly is named, before anything is done', async () => {
  expect(await runCommand('progress', ...at('nobody'), '--last', '0')).toMatchObject({
    ...{ code: 2, stderr: '--last 0: use a whole number from 1 to 10,000\n' },
  });
  for (const command of ['progress', 'shards', 'stop --now --yes'])
    expect(await runCommand(...command.split(' '), ...at('nobody')), command).toMatchObject({
      ...{ code: 2, stdout: '', stderr: 'Pipeline nobody has never run on this table.\n' },
    });
  expect(await runCommand('cost', '--table', table, '--last', '1', '--machine', 'Express')).toMatchObject({
    code: 2,
    stderr:
      '--last 1: use a whole number from 2 to 10,000\n--machine Express: use EXPRESS or STANDARD\n--pipeline: its name is needed, or its file\n',
  });
  expect(await runCommand('shards', '--table', table)).toMatchObject({
    ...{ code: 2, stderr: '--pipeline: its name is needed\n' },
  });
});
