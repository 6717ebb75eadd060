/**
 * Answers of which a part is read out of the bytes, before the SDK decodes the others: signing, repeats, checksums and errors are the client's.
 */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { type Body, whileCollected, wholeOf } from './collect-body.ts';

export type Found = {
  /** The body without what was found. */
  readonly rest: Uint8Array;
  putInto(answer: object): void;
};

export type Scan = {
  /** The name of its class. */
  readonly command: string;
  /** Of pieces that need not become one buffer, and that others write over afterwards. Absent, or undefined: it is asked of the whole. */
  inPieces?(body: Body): Found | undefined;
  /** Undefined: there is nothing that the SDK does not decode as well. */
  inWhole(body: Buffer): Found | undefined;
};

/** Of a response. No WeakMap: what is in one lives until the whole heap is collected, and pages are large. */
const found = Symbol('found in the body');

type Response = {
  statusCode: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  body: unknown;
  [found]?: Found | undefined;
};
type Answered = { readonly response: unknown; readonly output: object };
type Next = (args: never) => Promise<Answered>;
type Stack = { add(middleware: unknown, how: object): void };

export function scanAnswers(client: Pick<KinesisClient, 'middlewareStack'>, scan: Scan): void {
  const find =
    (next: Next, { commandName }: { readonly commandName?: string }) =>
    async (args: never) => {
      const result = await next(args);
      const response = result.response as Response;
      if (commandName === scan.command && response.statusCode === 200) await scanBody(response, scan);
      return result;
    };
  const attach = (next: Next) => async (args: never) => {
    const result = await next(args);
    const response = result.response as Partial<Response>;
    response[found]?.putInto(result.output);
    forget(response);
    return result;
  };
  const stack = client.middlewareStack as unknown as Stack;
  // The lowest priority of this step is next to the connection, the highest sees what was made of the answer.
  stack.add(find, { step: 'deserialize', priority: 'low', name: `sluiceScan${scan.command}` });
  stack.add(attach, { step: 'deserialize', priority: 'high', name: `sluiceScanned${scan.command}` });
}

/** BODIES-2: so is the response that the SDK made of it. It is decoded now. */
function forget(response: Partial<Response>): void {
  response[found] = undefined;
  if (response.body instanceof Uint8Array) response.body = undefined;
}

/** What follows decodes what is left of the body. */
function scanBody(response: Response, scan: Scan): Promise<void> {
  const length = scan.inPieces === undefined ? Number.NaN : Number(response.headers?.['content-length']);
  return whileCollected(response.body, length, (body) => scanCollected(response, scan, body));
}

function scanCollected(response: Response, scan: Scan, body: Body): void {
  let part = scan.inPieces?.(body);
  if (part === undefined) {
    const whole = wholeOf(body);
    response.body = whole;
    part = scan.inWhole(whole);
  }
  if (part === undefined) return;
  response.body = part.rest;
  response[found] = part;
}
