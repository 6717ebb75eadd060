/**
 * The SDK's own clients on the simulated services: their serialisation, errors, repeats and pauses, with HTTP ending in
 * this process. Their timers and their chance are the simulation's for as long as a run lasts.
 */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { leaveThrottlingToReaders } from '../../../functions/adapters/kinesis/reading-client.ts';
import { scanEvents, scanGetRecords } from '../../../functions/adapters/kinesis/scanned-answers.ts';
import { scanPutRecords } from '../../../functions/adapters/kinesis/taken-results.ts';
import { rememberServerDate } from '../../../functions/adapters/server-date.ts';
import { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { StreamedEvent } from '../services/kinesis/event-stream.ts';
import { httpDate } from '../services/service-client.ts';
import type { ServiceError } from '../services/service-error.ts';
import type { Request, ServiceName } from './calls.ts';
import { framesOf } from './event-frames.ts';
import { unlessAborted } from './network.ts';
import { oddly, withEscape } from './odd-wire.ts';

export type Attempt = (request: Request, signal?: AbortSignal) => Promise<object>;
/** Travels beside a request through the SDK's middleware: who asks, and what time it is at the service. */
type CallOptions = {
  readonly attempt?: Attempt;
  readonly date?: () => number;
  readonly abortSignal?: AbortSignal;
};

type HttpRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: unknown };
type HttpResponse = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function handlerFor(service: ServiceName, random: Random) {
  const wireOf = (value: object): string => withEscape(JSON.stringify(oddly(value, random), toWire), random);
  return {
    async handle(request: HttpRequest, options: CallOptions = {}): Promise<{ readonly response: HttpResponse }> {
      const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
      const date = httpDate(options.date?.() ?? 0);
      if (options.attempt === undefined) return { response: responseOf(200, '{}', date) };
      try {
        const asked = options.attempt({ service, operation, input: parseBody(request.body) }, options.abortSignal);
        const output = await unlessAborted(asked, options.abortSignal);
        const { EventStream } = output as { readonly EventStream?: AsyncIterable<StreamedEvent> };
        if (EventStream !== undefined) return { response: streamOf(framesOf(EventStream, wireOf), date) };
        return { response: responseOf(200, wireOf(output), httpDate(options.date!())) };
      } catch (error) {
        const { name, message, $metadata } = error as ServiceError;
        // No answer at all: the connection's own error.
        if (!$metadata?.httpStatusCode) throw error;
        return { response: responseOf($metadata.httpStatusCode, JSON.stringify({ __type: name, message }), date) };
      }
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  };
}

const streamOf = (body: AsyncIterable<Uint8Array>, date: string): HttpResponse => ({
  statusCode: 200,
  headers: { 'content-type': 'application/vnd.amazon.eventstream', date, 'x-amzn-requestid': 'simulated' },
  body,
});

function responseOf(statusCode: number, text: string, date: string): HttpResponse {
  const body = encoder.encode(text);
  const ofAnswer = { 'content-type': 'application/x-amz-json-1.1', 'content-length': `${body.length}` };
  return { statusCode, headers: { ...ofAnswer, date, 'x-amzn-requestid': 'simulated' }, body };
}

/** Dates are seconds and bytes are base64 in AWS's JSON; `this` holds the value before its own toJSON. */
function toWire(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const given = this[key];
  if (given instanceof Date) return given.getTime() / 1000;
  if (given instanceof Uint8Array)
    return Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString('base64');
  return value;
}

const byteFields = new Set(['Data', 'B']);
const timeFields = new Set(['Timestamp', 'StreamCreationTimestamp']);

function parseBody(body: unknown): unknown {
  const text = typeof body === 'string' ? body : decoder.decode(body as Uint8Array);
  return JSON.parse(text, (key, value: unknown) => {
    if (byteFields.has(key) && typeof value === 'string') return new Uint8Array(Buffer.from(value, 'base64'));
    if (timeFields.has(key) && typeof value === 'number') return new Date(value * 1000);
    return value;
  });
}

const settings = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
  maxAttempts: 3,
  retryMode: 'standard' as const,
  defaultsMode: 'standard' as const,
  endpoint: 'http://127.0.0.1:1',
};

export type SdkClients = { readonly kinesis: KinesisClient; readonly dynamodb: DynamoDBClient };

/**
 * New ones for each run, since a client counts its repeats over its whole life. It reads files when it is first used,
 * and no run may wait for those: one call each goes ahead.
 */
export async function createSdkClients(seed: number): Promise<SdkClients> {
  const random = new Random(seed).fork('wire');
  const kinesis = new KinesisClient({ ...settings, requestHandler: handlerFor('kinesis', random) as never });
  const dynamodb = new DynamoDBClient({ ...settings, requestHandler: handlerFor('dynamodb', random) as never });
  rememberServerDate(kinesis);
  leaveThrottlingToReaders(kinesis);
  scanGetRecords(kinesis);
  scanPutRecords(kinesis);
  scanEvents(kinesis);
  await kinesis.send(new ListStreamsCommand({}));
  await dynamodb.send(new GetItemCommand({ TableName: 'any', Key: { pk: { S: 'a' }, sk: { S: 'a' } } }));
  return { kinesis, dynamodb };
}

/** A client for one invocation: every request says who makes it. */
export function onBehalfOf<Client extends KinesisClient | DynamoDBClient>(
  client: Client,
  options: Required<Omit<CallOptions, 'abortSignal'>>,
): Client {
  const send = (command: unknown, given: object = {}) =>
    (client.send as (command: unknown, options: unknown) => Promise<unknown>)(command, { ...options, ...given });
  return { send } as unknown as Client;
}

/** Until the returned function is called, timers and the clock are of virtual time and chance comes from the seed. */
export function takeOverTime(scheduler: Scheduler, random: Random): () => void {
  const { setTimeout: realTimeout, clearTimeout: realClear } = globalThis;
  const realRandom = Math.random;
  const realNow = Date.now;
  const cancels = new Map<object, () => void>();
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const timer = { ref: () => timer, unref: () => timer, hasRef: () => false };
    cancels.set(
      timer,
      scheduler.at(scheduler.now + ms, () => run(...args)),
    );
    return timer;
  }) as never;
  globalThis.clearTimeout = ((timer: object) => cancels.get(timer)?.()) as never;
  Math.random = () => random.next();
  // The SDK compares it with the services' clock, and repeats what failed while the two were apart.
  Date.now = () => Math.floor(scheduler.now);
  return () => {
    globalThis.setTimeout = realTimeout;
    globalThis.clearTimeout = realClear;
    Math.random = realRandom;
    Date.now = realNow;
  };
}

/** So are signals by time, until the returned function is called: what waits for a function that is slow gives up at its own deadline. */
export function takeOverSignals(scheduler: Scheduler): () => void {
  const real = AbortSignal.timeout;
  AbortSignal.timeout = (ms) => {
    const aborts = new AbortController();
    scheduler.at(scheduler.now + ms, () =>
      aborts.abort(new DOMException('injected: no answer in time', 'TimeoutError')),
    );
    return aborts.signal;
  };
  return () => {
    AbortSignal.timeout = real;
  };
}
