/** `sluice status` names what is wrong within two batches: the shard or output, the cause, and what to do. */
import { expect, test } from 'vitest';
import type { Finding } from '../../functions/findings/finding.ts';
import {
  type PlantedTrouble,
  plantNothing,
  plantPoisonRecord,
  plantSkewedShard,
  plantSlowSink,
  plantStuckShard,
} from '../support/planted-troubles.ts';
import { runCommand } from '../support/run-command.ts';
import { useWorld } from '../support/use-world.ts';
import { table } from '../support/world.ts';

const world = useWorld();
const status = (pipeline: string, ...more: readonly string[]) =>
  runCommand('status', '--pipeline', pipeline, '--table', table, '--endpoint-url', world.dynamodb.endpoint, ...more);

/** Time goes by between two commands. */
const inAnySecond = (cause: string): string => cause.replace(/for \d+ s/, 'for a while');

async function isNamed(planted: PlantedTrouble): Promise<void> {
  const { kind, subject, cause, mend } = planted;
  const { code, stdout } = await status(planted.pipeline, '--json');
  expect(code).toBe(0);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  const of = findings.find((finding) => finding.kind === kind);
  expect(of, stdout).toMatchObject({ subject, cause: expect.stringMatching(cause), mend: expect.stringMatching(mend) });
  // Nothing that comes first hides it.
  expect(findings[0]).toBe(of);
  const text = await status(planted.pipeline);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  const [title, why, todo] = text.stdout.split('\n');
  expect(title).toMatch(new RegExp(`^(CRITICAL|WARNING) +${kind}: ${subject}$`));
  expect(inAnySecond(why!.trim())).toBe(inAnySecond(of!.cause));
  expect(todo!.trim()).toBe(`Do: ${of!.mend}`);
}

test('a stuck shard', async () => isNamed(await plantStuckShard(world)));

test('a poison record', async () => isNamed(await plantPoisonRecord(world)));

test('a skewed shard', async () => isNamed(await plantSkewedShard(world)));

test('a slow sink', async () => isNamed(await plantSlowSink(world)));

test('nothing, where nothing is wrong', async () => {
  const { pipeline } = await plantNothing(world);
  const { stdout } = await status(pipeline);
  expect(stdout).toMatch(/^pipeline +healthy/);
  expect(JSON.parse((await status(pipeline, '--json')).stdout)).toMatchObject({ findings: [], committedBatch: 2 });
});
