/**
 * Calls one function as it is deployed: the bundle and the environment of the synthesised template.
 *
 *     npm run invoke -- <function> events/<name>.json [-c key=value] [--save-event <file>] [--keep]
 *
 * Kinesis and DynamoDB are embedded ones with some flights in the source, or those that AWS_ENDPOINT_URL_KINESIS and
 * AWS_ENDPOINT_URL_DYNAMODB name. The steps before the function's own are taken first, so that the batch the event
 * speaks of is there. The answer is on stdout, all else on stderr.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCodes, LocalProblem } from '../local-problem.ts';
import { readInputFile } from '../publish/input-file.ts';
import { type EventToPublish, publish } from '../publish/publisher.ts';
import { ensureTable } from '../services/checkpoint-table.ts';
import { dynamodbClient, kinesisClient, localCredentials } from '../services/clients.ts';
import { startEmbeddedDynamodb } from '../services/embedded-dynamodb.ts';
import { startEmbeddedKinesis } from '../services/embedded-kinesis.ts';
import { externalEndpoints } from '../services/services.ts';
import { createStream } from '../services/streams.ts';
import { type Call, type Event, type FunctionName, functionNames, rehearse } from './rehearsal.ts';
import { contextOf, type Handler, loadHandler, synthesisedFunctions } from './synthesised-function.ts';

const region = 'us-east-1';
const kinesisPort = 4566;
const dynamodbPort = 8000;
const eventsToPublish = 1_000;
const sourceShards = 2;

type Services = { readonly kinesis: string; readonly dynamodb: string; stop(): Promise<void> };
type Order = {
  readonly name: FunctionName;
  readonly event: Event;
  readonly context: readonly string[];
  readonly input: string;
  readonly partitionKey: string;
  readonly saveEvent: string | undefined;
  readonly keep: boolean;
};

const answers = process.stdout.write.bind(process.stdout);
// What the functions log belongs beside the answer, not into it.
process.stdout.write = process.stderr.write.bind(process.stderr);
main(process.argv.slice(2)).catch((error: Error) => {
  note(error instanceof LocalProblem ? error.message : (error.stack ?? String(error)));
  process.exit(error instanceof LocalProblem ? exitCodes[error.kind] : 1);
});

async function main(args: string[]): Promise<void> {
  const order = parseOrder(args);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-invoke-'));
  const services = await startServices(order.keep);
  try {
    const functions = synthesisedFunctions(synthesise(folder, order.context));
    const environment = setEnvironment(functions.get(order.name)!.environment, services);
    await prepare(environment, services, order);
    const call = caller(functions);
    const event = await rehearse(order.name, order.event, call);
    note(`${order.name} gets ${textOf(event)}`);
    if (order.saveEvent !== undefined) writeFileSync(order.saveEvent, textOf(event));
    answers(textOf(await call(order.name, event)));
    if (order.keep) await waitForInterrupt(services, environment);
  } finally {
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
}

function parseOrder(args: string[]): Order {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      input: { type: 'string', default: 'examples/data/flights.ndjson.gz' },
      'partition-key': { type: 'string', default: 'origin' },
      'save-event': { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const [asked = '', file] = positionals;
  const name = functionNames.find((candidate) => candidate === asked || kebabOf(candidate) === asked);
  if (name === undefined || file === undefined) {
    throw new LocalProblem('usage', `npm run invoke -- <${functionNames.map(kebabOf).join(' | ')}> events/<name>.json`);
  }
  const { context, input, keep, 'partition-key': partitionKey, 'save-event': saveEvent } = values;
  return { name, event: readJson(file), context, input, partitionKey, saveEvent, keep };
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function kebabOf(name: FunctionName): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function readJson(file: string) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new LocalProblem('usage', `Can't read ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** The app itself, in a process and a folder of its own: `cdk.out` may be someone's last deployment. */
function synthesise(folder: string, context: readonly string[]): string {
  const args = ['--conditions=sluice-source', 'infra/app.ts', ...context.flatMap((pair) => ['-c', pair])];
  const { status } = spawnSync(process.execPath, args, {
    env: { ...process.env, CDK_OUTDIR: folder },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new LocalProblem('usage', 'The template could not be made.');
  return folder;
}

/** Kept services have the ports that `events/env.json` names. */
async function startServices(keep: boolean): Promise<Services> {
  const external = externalEndpoints(process.env);
  if (external !== undefined) return { ...external, stop: async () => {} };
  const kinesis = await startEmbeddedKinesis(keep ? { port: kinesisPort } : {});
  const dynamodb = await startEmbeddedDynamodb(keep ? { port: dynamodbPort } : {});
  return {
    kinesis: kinesis.endpoint,
    dynamodb: dynamodb.endpoint,
    async stop() {
      await Promise.all([kinesis.stop(), dynamodb.stop()]);
    },
  };
}

/** The template's variables with those of `events/env.json` in their places, as `sam local invoke --env-vars` has it. */
function setEnvironment(declared: Readonly<Record<string, string>>, { kinesis, dynamodb }: Services) {
  const { NODE_OPTIONS: _, ...variables } = declared;
  const { Parameters: ofSam } = readJson('events/env.json');
  const environment: Record<string, string> = {
    AWS_REGION: process.env.AWS_REGION ?? region,
    AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID ?? localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY ?? localCredentials.secretAccessKey,
    ...variables,
    ...ofSam,
    SLUICE_KINESIS_ENDPOINT: kinesis,
    SLUICE_DYNAMODB_ENDPOINT: dynamodb,
    // No bucket here: large values lie in the table.
    SLUICE_STATE_BUCKET: '',
  };
  Object.assign(process.env, environment);
  return environment;
}

async function prepare(environment: Readonly<Record<string, string>>, services: Services, order: Order): Promise<void> {
  const { SLUICE_SOURCE: source = '', SLUICE_SINK: sink = '', SLUICE_TABLE: table = '' } = environment;
  const kinesis = kinesisClient({ region, endpoint: services.kinesis });
  await createStream(kinesis, source, sourceShards);
  await createStream(kinesis, sink, 1);
  await ensureTable(dynamodbClient({ region, endpoint: services.dynamodb }), table);
  const events = firstEvents(readInputFile({ path: order.input, partitionKey: order.partitionKey }));
  const { events: published } = await publish({ client: kinesis, stream: { StreamName: source }, events });
  note(`${published} events of ${order.input} are in ${source}, in ${sourceShards} shards.`);
}

async function* firstEvents(
  chunks: AsyncIterable<readonly EventToPublish[]>,
): AsyncGenerator<readonly EventToPublish[]> {
  let left = eventsToPublish;
  for await (const chunk of chunks) {
    yield chunk.slice(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

function caller(functions: ReturnType<typeof synthesisedFunctions>): Call {
  const handlers = new Map<FunctionName, Promise<Handler>>();
  return async (name, event) => {
    const fn = functions.get(name);
    if (fn === undefined) throw new LocalProblem('usage', `The template has no function ${name}.`);
    const loading = handlers.get(name) ?? loadHandler(fn);
    handlers.set(name, loading);
    const handler = await loading;
    return handler(event, contextOf(fn));
  };
}

async function waitForInterrupt(
  services: Services,
  { SLUICE_TABLE, SLUICE_SOURCE, SLUICE_SINK }: Record<string, string>,
) {
  note(`Kinesis is at ${services.kinesis}, DynamoDB at ${services.dynamodb}, until Ctrl-C.`);
  note(`Table ${SLUICE_TABLE}, source ${SLUICE_SOURCE}, sink ${SLUICE_SINK}.`);
  await new Promise((resolve) => process.once('SIGINT', resolve));
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
