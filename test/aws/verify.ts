/**
 * `npm run verify:aws -- --account <id> --region <region> [--dry-run] [--fis <role>]`: deploys the example to the caller's account, puts known events while
 * it disturbs the pipeline, compares what came out, measures, and destroys all of it. docs/guides/verify-on-aws.md
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { computeFrom } from '../../local/demo/flight-results.ts';
import { readInputFile } from '../../local/publish/input-file.ts';
import type { EventToPublish } from '../../local/publish/publisher.ts';
import { dynamodbClient, kinesisClient } from '../../local/services/clients.ts';
import { acts } from './act/index.ts';
import type { Learnt, World } from './act/world.ts';
import type { Command } from './commands.ts';
import { inParts } from './parts.ts';
import { isRight, planText, reportText } from './report.ts';
import { runSteps } from './run-steps.ts';
import { readSettings, type Settings } from './settings.ts';
import { partsOf, stepsOf } from './steps.ts';

const flights = 'examples/data/flights.ndjson.gz';
const pauseMs = 5_000;
const metricsMs = 180_000;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const read = readSettings(process.argv.slice(2), process.env);
  if (read.kind === 'invalid') {
    for (const problem of read.problems) say(`verify:aws: ${problem}`);
    return 2;
  }
  const { settings } = read;
  if (settings.isDry) {
    process.stdout.write(`${planText(settings, stepsOf(settings))}\n`);
    return 0;
  }
  return verify(settings);
}

async function verify(settings: Settings): Promise<number> {
  const world = await openWorld(settings);
  const learnt: Learnt = { puts: [], findings: {} };
  const interrupted = new AbortController();
  // A second one kills nothing either: what was made would stay.
  process
    .on('SIGINT', () => interrupted.abort(new Error('interrupted')))
    .on('SIGTERM', () => interrupted.abort(new Error('ended')));
  const outcomes = await runSteps(stepsOf(settings), {
    perform: ({ kind, part }, signal) => acts[kind](world, learnt, { part, signal }),
    onStep: ({ title }, what, problem) => say(`${what}: ${title}${problem === undefined ? '' : `: ${problem}`}`),
    signal: interrupted.signal,
    now: Date.now,
  });
  process.stdout.write(`${reportText(settings, outcomes, learnt.findings)}\n`);
  return isRight(outcomes, learnt.findings) ? 0 : 1;
}

async function openWorld(settings: Settings): Promise<World> {
  const { region, profile, events: count } = settings;
  const environment = {
    ...process.env,
    AWS_REGION: region,
    ...(profile === undefined ? {} : { AWS_PROFILE: profile }),
  };
  // The SDK's clients look there, too.
  Object.assign(process.env, environment);
  const events: EventToPublish[] = [];
  for await (const some of readInputFile({ path: flights, partitionKey: 'origin' })) events.push(...some);
  const put = events.slice(0, count);
  return {
    settings,
    kinesis: kinesisClient({ region }),
    kinesisOnce: kinesisClient({ region, maxAttempts: 1 }),
    states: new SFNClient({ region }),
    dynamodb: dynamodbClient({ region }),
    command: (command, signal) => runCommand(command, environment, signal),
    readFile: (path) => readFile(path, 'utf8'),
    now: Date.now,
    pause: (signal) => sleep(pauseMs, undefined, { signal }).catch(() => {}),
    metricsCome: (signal) => sleep(metricsMs, undefined, { signal }).catch(() => {}),
    parts: inParts(put, partsOf(stepsOf(settings))),
    expected: await computeFrom([put]),
  };
}

/** A process group of its own: Ctrl-C in the terminal is for us, and a deployment that is cut off is told to end. */
function runCommand([name = '', ...args]: Command, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const end = () => void process.kill(-child.pid!, 'SIGTERM');
    signal?.addEventListener('abort', end, { once: true });
    child.once('error', reject).once('close', (code) => {
      signal?.removeEventListener('abort', end);
      if (code === 0) resolve(Buffer.concat(out).toString('utf8'));
      else
        reject(
          new Error(
            `${name} ${args[0]} ended with ${code}: ${Buffer.concat(err).toString('utf8').trim().slice(-2_000)}`,
          ),
        );
    });
  });
}

process.exitCode = await main();
