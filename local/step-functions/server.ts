/**
 * One address for a run's services: Step Functions answers here, requests to Kinesis and DynamoDB are passed on.
 *
 * ENDPOINT-1 It listens on 127.0.0.1 alone, and answers nobody who calls it by another name (DNS rebinding). A page of another site can't ask it: its header
 *    `x-amz-target` is one that browsers ask leave for, and nobody gives it.
 * ENDPOINT-2 Whatever goes wrong is answered by type, as the protocol awsJson1_0 has it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { host, isCalledByName, listenHere } from '../listen-here.ts';
import type { LocalMachine } from './local-machine.ts';
import { readRequest } from './members.ts';
import { operations } from './operations/index.ts';
import { passOn } from './pass-on.ts';
import { Refusal } from './refusal.ts';

export type Endpoint = {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  close(): Promise<void>;
};

export type EndpointOptions = {
  readonly machine: LocalMachine;
  /** Where requests of other services go. */
  readonly kinesis: string;
  readonly dynamodb: string;
  /** Undefined: the usual one, or any where that is taken; 0: any. */
  readonly port: number | undefined;
};

const usualPort = 4601;
/** The largest input is 256 KiB, and each of its characters may be written with six. */
const largestBody = 2 * 1024 * 1024;

/** Throws a `LocalProblem` where the port that was asked for is taken. */
export async function serveStepFunctions(options: EndpointOptions): Promise<Endpoint> {
  const server = createServer();
  const { port: asked } = options;
  const what = 'the endpoint';
  const port = await listenHere(server, { port: asked, usualPort, option: '--step-functions-port', what });
  server.on('request', (request, response) => {
    handle(request, response, options, port).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 500, 'InternalFailure', String(error));
      else response.destroy();
    });
  });
  // The run does not wait for who asks.
  server.unref();
  return {
    address: `http://${host}:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { machine, kinesis, dynamodb }: EndpointOptions,
  port: number,
): Promise<void> {
  if (!isCalledByName(request.headers.host, port))
    return refuse(
      response,
      421,
      'AccessDeniedException',
      `This is http://${host}:${port}, and answers to no other name`,
    );
  const target = String(request.headers['x-amz-target'] ?? '');
  const [service = '', name = ''] = target.split('.');
  if (service.startsWith('DynamoDB_')) return passOn(request, response, dynamodb);
  if (service.startsWith('Kinesis_')) return passOn(request, response, kinesis);
  const operation = service === 'AWSStepFunctions' && Object.hasOwn(operations, name) ? operations[name] : undefined;
  try {
    if (operation === undefined) throw unknown(target);
    const body = await bodyOf(request);
    const answer = await operation.answer(readRequest(body, operation.members), machine);
    response.writeHead(200, { 'Content-Type': contentType });
    response.end(JSON.stringify(answer));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(response, 400, error.type, error.message);
  }
}

const contentType = 'application/x-amz-json-1.0';

const unknown = (target: string): Refusal =>
  new Refusal(
    'UnknownOperationException',
    `x-amz-target '${target}' is none of AWSStepFunctions.{${Object.keys(operations).join(', ')}}, and of no other service here`,
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // To its end: the connection is not to be used again with the rest of a request in it.
    if (bytes <= largestBody) chunks.push(chunk);
  }
  if (bytes > largestBody) throw new Refusal('ValidationException', `The request has more than ${largestBody} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'x-amzn-errortype': type });
  response.end(JSON.stringify({ __type: type, message }));
}
