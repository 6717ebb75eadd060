/**
 * Calls of a function until it has taken everything, or time is over (`functions/adapters/delivery.ts`).
 *
 * LAMBDA-1 Taken is what a call returned without an error for, but for what `batchItemFailures` names.
 * LAMBDA-2 Behind a record that was refused, those of its key count as refused, too: they come again, in order.
 * LAMBDA-3 What the function says of its failure may hold payload: the name of the error alone is told.
 */
import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { RequestShare } from '../../core/request-share.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { type CheckedLambdaSink, lambdaItem, lambdaKind, mostPayloadBytes } from '../../sinks/lambda.ts';
import type { OutputRecord, OutputSink } from '../../sinks/output-sink.ts';
import { type ClientSettings, clientConfig, createRequestHandler } from '../aws-client.ts';
import { fromAws, isThrottling } from '../aws-errors.ts';
import { type Used, useRole } from '../credentials/use-role.ts';
import { deliverAll, type Refusal, type Service } from '../delivery.ts';
import { givenUpAfter, overtimeOfSinkMs } from '../given-up-after.ts';
import { failuresIn } from './batch-item-failures.ts';

/** The deadline ends a call before. */
const requestTimeoutMs = 60_000;

/** It tries once: another call is another run of the function, and who counts them is the delivery. */
export function createLambdaClient(settings: ClientSettings): LambdaClient {
  const client = new LambdaClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? requestTimeoutMs),
    maxAttempts: 1,
    ...clientConfig(settings),
  });
  if (settings.role !== undefined) useRole(client, settings.role, ofLambda);
  return client;
}

const ofLambda: Used = {
  service: 'lambda',
  action: 'InvokeFunction',
  thingIn: (input) => `function ${(input as { readonly FunctionName?: string }).FunctionName ?? ''}`,
};

type Parts = { readonly clock: Clock; readonly random?: Random; readonly share?: RequestShare };

export function createLambdaSink(
  client: LambdaClient,
  {
    name,
    account,
    region,
    partition,
    batchSize,
  }: Pick<CheckedLambdaSink, 'name' | 'account' | 'region' | 'partition' | 'batchSize'>,
  { clock, random = Math.random, share = new RequestShare() }: Parts,
): OutputSink {
  const FunctionName = account === undefined ? name : `arn:${partition}:lambda:${region}:${account}:function:${name}`;
  const doing = `function ${name}: invoke`;
  const serviceUntil = (deadline: number): Service => ({
    ...{ doing, maxRecords: batchSize, maxBytes: mostPayloadBytes - 100, bytesOf: lambdaKind.bytesOf },
    async put(records) {
      const command = new InvokeCommand({
        FunctionName,
        InvocationType: 'RequestResponse',
        Payload: payloadOf(records),
      });
      try {
        return refusalsIn(await client.send(command, givenUpAfter(deadline, clock, overtimeOfSinkMs)), records);
      } catch (error) {
        if (isThrottling(error)) return records.map(() => ({ code: (error as Error).name, isLimit: true }));
        throw fromAws(error, doing, { ResourceNotFoundException: 'NotAllowed' });
      }
    },
  });
  return {
    send: (records, deadline) =>
      deliverAll({ service: serviceUntil(deadline), clock, random, share }, records, deadline),
  };
}

const encoder = new TextEncoder();

const payloadOf = (records: readonly OutputRecord[]): Uint8Array =>
  encoder.encode(`{"records":[${records.map(lambdaItem).join(',')}]}`);

function refusalsIn(
  { FunctionError, Payload }: InvokeCommandOutput,
  records: readonly OutputRecord[],
): readonly (Refusal | undefined)[] {
  const answer = parsed(Payload);
  if (FunctionError !== undefined) return records.map(() => ({ code: errorTypeIn(answer), isLimit: false }));
  const failed = answer === undefined ? 'all' : failuresIn(answer.value, records.length);
  if (failed === 'all') return records.map(() => ({ code: 'unreadable answer', isLimit: false }));
  const keys = new Set<string>();
  return records.map(({ partitionKey }, at) => {
    if (failed.has(at)) keys.add(partitionKey);
    return keys.has(partitionKey) ? { code: 'batchItemFailures', isLimit: false } : undefined;
  });
}

/** Undefined: it is no JSON. */
function parsed(payload: Uint8Array | undefined): { readonly value: unknown } | undefined {
  // Of an empty answer the SDK makes something else.
  if (!(payload instanceof Uint8Array) || payload.length === 0) return { value: null };
  try {
    return { value: JSON.parse(new TextDecoder().decode(payload)) };
  } catch {
    return undefined;
  }
}

/** The name of a class, or of what the runtime met (`Sandbox.Timedout`). */
function errorTypeIn(answer: { readonly value: unknown } | undefined): string {
  const type = (answer?.value as { readonly errorType?: unknown } | null | undefined)?.errorType;
  return typeof type === 'string' && /^[\w.]{1,64}$/.test(type) ? type : 'function error';
}
