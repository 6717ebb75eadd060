/** `sluice dev` on servers that run already, with streams of other accounts. STS is a fake of ours, and found by its variable. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kinesisClient } from '../../local/services/clients.ts';
import { createStream } from '../../local/services/streams.ts';
import { type FakeSts, startFakeSts } from '../support/fake-sts.ts';
import { type Guarded, guard } from '../support/guarded-kinesis.ts';
import { useWorld } from '../support/use-world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const world = useWorld();
const reader = 'arn:aws:iam::222222222222:role/reader';
const writer = 'arn:aws:iam::333333333333:role/writer';
let directory: string;
let file: string;
let sts: FakeSts;
let door: Guarded;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'sluice-roles-'));
  file = path.join(directory, 'copy.ts');
  writeFileSync(
    file,
    `import { json, kinesis, pipeline } from '${path.join(root, 'functions/index.ts')}';
    import * as z from '${path.join(root, 'node_modules/zod/index.js')}';
    export default pipeline('copy')
      .readStream(kinesis({ streamName: 'theirs', startingPosition: 'TRIM_HORIZON', role: { arn: '${reader}', externalId: 'partner-42' } }))
      .decode(json(z.object({ id: z.number() })))
      .map((event) => ({ id: event.id }))
      .writeStream(kinesis({ streamName: 'partners', identity: 'none', role: { arn: '${writer}' } }));`,
  );
  writeFileSync(path.join(directory, 'in.ndjson'), '{"id":1}\n{"id":2}\n{"id":3}\n');
  sts = await startFakeSts();
  door = await guard(world.kinesis.endpoint, sts);
  for (const [account, stream] of [
    ['222222222222', 'theirs'],
    ['333333333333', 'partners'],
  ] as const) {
    const credentials = { accessKeyId: account, secretAccessKey: 'any' };
    await createStream(
      kinesisClient({ endpoint: world.kinesis.endpoint, region: 'us-east-1', credentials }),
      stream,
      1,
    );
  }
});
afterAll(async () => {
  await Promise.all([sts.stop(), door.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

const running = () => ({
  AWS_ENDPOINT_URL_KINESIS: door.endpoint,
  AWS_ENDPOINT_URL_DYNAMODB: world.dynamodb.endpoint,
  AWS_ENDPOINT_URL_STS: sts.endpoint,
});

async function dev(args: readonly string[], servers: Record<string, string> = running()) {
  const child = spawn(
    process.execPath,
    ['--conditions=sluice-source', path.join(root, 'cli/main.ts'), 'dev', file, ...args],
    {
      env: {
        ...process.env,
        ...servers,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

const secretsIn = (said: string) => [...sts.secrets, ...sts.sessions.keys()].filter((secret) => said.includes(secret));

test('publishes, reads, writes and shows with the roles of the streams, and says no secret', async () => {
  sts.roles.set(reader, { externalId: 'partner-42' });
  sts.roles.set(writer, {});
  const results = path.join(directory, 'results.ndjson');
  const ran = await dev(['--input', path.join(directory, 'in.ndjson'), '--results', results, '--verbose']);
  expect(ran).toMatchObject({ code: 0 });
  expect(readFileSync(results, 'utf8').trim().split('\n').toSorted()).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
  expect(new Set(door.calls.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['222222222222', '333333333333']));
  expect(ran.stderr).toContain('"message":"committed"');
  expect(sts.secrets.size).toBeGreaterThan(1);
  expect(secretsIn(ran.stdout + ran.stderr)).toEqual([]);
});

test('ends with 3 and the name of a role that it may not assume, with the stack in verbose mode, and says no secret', async () => {
  sts.roles.delete(reader);
  const ran = await dev(['--until-caught-up', '--verbose']);
  expect(ran).toMatchObject({ code: 3 });
  expect(ran.stderr).toContain(`sts:AssumeRole of ${reader}: AccessDenied`);
  expect(secretsIn(ran.stdout + ran.stderr)).toEqual([]);
});

test('assumes no role on servers of its own, and says so', async () => {
  const asked = sts.calls.length;
  const ran = await dev(['--input', path.join(directory, 'in.ndjson')], {});
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).toContain(`Not assumed on servers of this run: ${reader}, ${writer}.`);
  expect(ran.stderr).toContain('read 3');
  expect(sts.calls).toHaveLength(asked);
});
