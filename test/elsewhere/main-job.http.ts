/**
 * The main job where nothing but the bundles is this project's: Kinesis, DynamoDB, S3 and the interpreter of the state machine are moto's,
 * and the functions run under AWS's runtime interface client. `.ci/foreign` installs both and starts moto; their addresses are in
 * SLUICE_MOTO, MOTO_PORT (where moto's interpreter finds functions) and SLUICE_RIC (index.mjs of aws-lambda-ric).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeDirectly, differences, readResults } from '../../local/demo/flight-results.ts';
import { readTemplate, synthesisedFunctions } from '../../local/invoke/synthesised-function.ts';
import { readInputFile } from '../../local/publish/input-file.ts';
import { publish } from '../../local/publish/publisher.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { dynamodbClient, kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { createStream } from '../../local/services/streams.ts';
import { deployedDefinition } from './deployed-definition.ts';
import { openFront } from './in-front-of-moto.ts';
import { type Answer, createLambdaHost, type LambdaHost } from './lambda-host.ts';

const moto = process.env.SLUICE_MOTO ?? '';
/** DynamoDB Local, for one who has it and accepts its terms. */
const dynamodb = process.env.SLUICE_DYNAMODB_UNDER_TEST ?? moto;
const client = process.env.SLUICE_RIC ?? '';
const port = Number(process.env.MOTO_PORT ?? '0');
const region = 'us-east-1';
const flights = 'examples/data/flights.ndjson.gz';
const folder = mkdtempSync(join(tmpdir(), 'sluice-elsewhere-'));
const seconds = 1000;

describe.skipIf(moto === '' || client === '')('on implementations that are not of this project', () => {
  const settings = { region, endpoint: moto, credentials: localCredentials };
  const kinesis = kinesisClient(settings);
  const states = new SFNClient(settings);
  const answers: (Answer & { readonly name: string })[] = [];
  const output: string[] = [];
  const dying = new Set<string>();
  const stops: (() => Promise<unknown>)[] = [];
  let host: LambdaHost;
  let stateMachineArn: string | undefined;
  let onDone = () => {};

  beforeAll(async () => {
    const args = ['--conditions=sluice-source', 'infra/app.ts'];
    const app = spawnSync(process.execPath, args, { env: { ...process.env, CDK_OUTDIR: folder }, encoding: 'utf8' });
    if (app.status !== 0) throw new Error(app.stderr);
    host = createLambdaHost({
      functions: synthesisedFunctions(folder),
      client,
      hasNativeClient: existsSync(join(dirname(client), 'rapid-client.node')),
      environment: {
        ...{ AWS_REGION: region, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
        ...{
          SLUICE_TABLE: 'sluice',
          SLUICE_SOURCE: 'flights',
          SLUICE_SINK: 'departures',
          SLUICE_STATE_BUCKET: 'state',
        },
        ...{ SLUICE_KINESIS_ENDPOINT: moto, SLUICE_DYNAMODB_ENDPOINT: dynamodb, SLUICE_S3_ENDPOINT: moto },
      },
      onOutput: (text) => output.push(text),
    });
    stops.push(host.close, await openFront({ port, moto, invoke }));
    await createStream(kinesis, 'flights', 2);
    await createStream(kinesis, 'departures', 1);
    await ensureTable(dynamodbClient({ ...settings, endpoint: dynamodb }), 'sluice');
    await new S3Client({ ...settings, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'state' }));
    const config = { method: 'POST', body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }) };
    expect((await fetch(`${moto}/moto-api/config`, config)).ok).toBe(true);
    const { definition, type } = deployedDefinition(readTemplate(folder));
    const machine = { name: 'departures', roleArn: 'arn:aws:iam::123456789012:role/driver', definition };
    ({ stateMachineArn } = await states.send(new CreateStateMachineCommand({ ...machine, type: type as 'EXPRESS' })));
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function invoke(name: string, payload: string): Promise<Answer> {
    // It has done its work, and nobody hears of it.
    const answer = await host.invoke(name, payload, { dies: dying.delete(name) });
    answers.push({ name, ...answer });
    if (!answer.isError && JSON.parse(answer.body)?.next === 'done') onDone();
    return answer;
  }

  async function publishFlights(from: number, to: number): Promise<void> {
    async function* some() {
      let at = 0;
      for await (const events of readInputFile({ path: flights, partitionKey: 'origin' })) {
        yield events.slice(Math.max(0, from - at), Math.max(0, to - at));
        at += events.length;
      }
    }
    await publish({ client: kinesis, stream: { StreamName: 'flights' }, events: some() });
  }

  /** Until a driver step says that there is nothing more to do: no interface shows an Express execution. */
  async function run(input: object): Promise<void> {
    const done = new Promise<'done'>((resolve) => {
      onDone = () => resolve('done');
    });
    // moto gives all that have no name the same one.
    const named = { stateMachineArn, name: crypto.randomUUID() };
    await states.send(new StartExecutionCommand({ ...named, input: JSON.stringify(input) }));
    const end = await Promise.race([done, sleep(60 * seconds, 'too long', { ref: false })]);
    expect(end, `${JSON.stringify(answers.slice(-5), undefined, 1)}\n${output.slice(-20).join('')}`).toBe('done');
  }

  test('a refusal has its name, as the state machine looks for it', async () => {
    const { body, isError } = await host.invoke('SealBatch', JSON.stringify({ batchId: 'first' }));
    expect(isError).toBe(true);
    expect(JSON.parse(body)).toMatchObject({ errorType: 'InvalidInput', errorMessage: expect.any(String) });
  });

  test('the main job runs to its end though functions die, and its results equal the direct computation', async () => {
    await publishFlights(0, 9_000);
    dying.add('ProcessShards').add('SealBatch').add('CommitBatch');
    await run({ untilCaughtUp: true });
    await publishFlights(9_000, Number.POSITIVE_INFINITY);
    dying.add('PlanBatch').add('ReduceKeyGroup');
    await run({ untilCaughtUp: true, closeWindows: true });
    expect(dying).toEqual(new Set());
    expect(new Set(answers.filter(({ isError }) => isError).map(({ body }) => JSON.parse(body).errorType))).toEqual(
      new Set(['Runtime.ExitError']),
    );
    const [expected, sent] = [await computeDirectly(flights), await readResults(kinesis, 'departures')];
    // The reducer that died had sent its rows, and they are sent again: a reader knows them by their identities.
    const results = [...new Map(sent.map((result) => [result.identity, result])).values()];
    expect([...differences(expected, results)]).toEqual([]);
    const again = sent.filter((result) => !results.includes(result));
    expect(again.filter((row) => !results.some((one) => isDeepStrictEqual(one, row)))).toEqual([]);
    const figures = `${results.length} of ${expected.length} results, ${again.length} of them sent again`;
    process.stdout.write(`${figures}; ${answers.length} invocations\n`);
  });
});
