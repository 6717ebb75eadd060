/** A stream as a command reaches it: with the user's own credentials, or those of a server on this machine. */
import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Command } from 'commander';
import { createRequestHandler } from '../../functions/adapters/aws-client.ts';
import { endpointProblem, endpointProblems } from '../../local/services/endpoint-url.ts';
import type { StreamTarget } from '../../local/services/streams.ts';
import { readText } from '../event-settings.ts';
import type { Flags } from '../flags.ts';
import { clientSettings } from '../table-access.ts';

/** Options of all commands that read or write a stream. */
export const atStream = (command: Command, json: string): Command =>
  command
    .option('--stream <stream>', 'name or ARN of the stream')
    .option('--region <region>', 'region of AWS (default: that of the ARN, or as the AWS command line has it)')
    .option('--profile <profile>', 'profile of the shared AWS configuration')
    .option('--endpoint-url <url>', 'another server than AWS (default: AWS_ENDPOINT_URL_KINESIS)')
    .option('--json', json)
    .option('--verbose', 'show where an error came from');

export type StreamAccess = {
  /** As the user has named it. */
  readonly name: string;
  readonly target: StreamTarget;
  /** `maxAttempts` 1: for requests whose repeat does harm. */
  client(settings?: { readonly maxAttempts: number }): KinesisClient;
};

/** Records of 10 MiB take their time. */
const requestTimeoutMs = 20_000;
const arnPattern = /^arn:aws[a-z-]*:kinesis:([a-z0-9-]+):\d{12}:stream\/[A-Za-z0-9_.-]{1,128}$/;

/** Undefined: what is wrong has been told. */
export function readStream(options: Flags, problems: string[]): StreamAccess | undefined {
  const name = readText(options, 'stream', problems);
  const given = readText(options, 'endpointUrl', problems);
  const endpointUrl = given ?? (process.env.AWS_ENDPOINT_URL_KINESIS || undefined);
  if (options.stream === undefined) problems.push('--stream: the name or ARN of a stream is needed');
  const region = name === undefined ? undefined : arnPattern.exec(name)?.[1];
  const isName = name !== undefined && /^[A-Za-z0-9_.-]{1,128}$/.test(name);
  if (name !== undefined && !isName && region === undefined)
    problems.push(`--stream ${name}: use a name of 1 to 128 letters, digits, _ . or -, or the ARN of a stream`);
  const wrong = given === undefined ? undefined : endpointProblem('--endpoint-url', given);
  problems.push(...(wrong === undefined ? [] : [wrong]), ...endpointProblems(process.env));
  if (problems.length > 0 || name === undefined) return undefined;
  return {
    name,
    target: isName ? { StreamName: name } : { StreamARN: name },
    client: (settings) =>
      new KinesisClient({
        requestHandler: createRequestHandler(requestTimeoutMs),
        ...clientSettings({ ...options, region: options.region ?? region, endpointUrl }),
        ...settings,
      }),
  };
}
