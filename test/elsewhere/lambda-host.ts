/**
 * Functions as Lambda runs them: each in a process of its own under AWS's runtime interface client, which takes one invocation
 * after the other from the runtime API. A function that is asked for while all its processes work gets another process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SynthesisedFunction } from '../../local/invoke/synthesised-function.ts';

export type Answer = { readonly body: string; readonly isError: boolean };

export type LambdaHost = {
  /** `dies`: its process ends when it has answered, and the answer is lost. */
  readonly invoke: (name: string, payload: string, how?: { readonly dies: boolean }) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

export type HostOptions = {
  readonly functions: ReadonlyMap<string, SynthesisedFunction>;
  /** The runtime interface client's own file. */
  readonly client: string;
  /** Whether its native module is there. */
  readonly hasNativeClient: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** What the processes print. */
  readonly onOutput: (text: string) => void;
};

type Invocation = { readonly id: string; readonly payload: string; readonly answer: (answer: Answer) => void };

const failure = (errorType: string, errorMessage: string): Answer => ({
  body: JSON.stringify({ errorType, errorMessage }),
  isError: true,
});
/** What Lambda says of a process that ended. */
const died = (errorMessage: string): Answer => failure('Runtime.ExitError', errorMessage);

const standIn = fileURLToPath(new URL('./ric-client.mjs', import.meta.url));

export function createLambdaHost(options: HostOptions): LambdaHost {
  const idle = new Map<string, Sandbox[]>();
  const all = new Set<Sandbox>();
  return {
    async invoke(name, payload, { dies } = { dies: false }) {
      const fn = options.functions.get(name);
      if (fn === undefined) throw new Error(`there is no function ${name}`);
      const waiting = idle.get(name) ?? [];
      idle.set(name, waiting);
      const sandbox = waiting.pop() ?? (await Sandbox.start(fn, options));
      all.add(sandbox);
      const answer = await sandbox.run(payload);
      if (dies) sandbox.stop();
      if (sandbox.isAlive) waiting.push(sandbox);
      else all.delete(sandbox);
      return dies ? died('stopped') : answer;
    },
    async close() {
      for (const sandbox of all) sandbox.stop();
    },
  };
}

class Sandbox {
  isAlive = true;
  private readonly fn: SynthesisedFunction;
  private readonly server: Server;
  private child: ChildProcess | undefined;
  private current: Invocation | undefined;
  private asked: ServerResponse | undefined;
  private failed: Answer | undefined;

  private constructor(fn: SynthesisedFunction) {
    this.fn = fn;
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  static async start(fn: SynthesisedFunction, options: HostOptions): Promise<Sandbox> {
    const sandbox = new Sandbox(fn);
    await new Promise<void>((resolve) => sandbox.server.listen(0, '127.0.0.1', resolve));
    const { port } = sandbox.server.address() as AddressInfo;
    const stands = options.hasNativeClient ? [] : ['--import', standIn];
    const child = spawn(process.execPath, [...stands, options.client], {
      env: {
        ...fn.environment,
        ...options.environment,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        LAMBDA_TASK_ROOT: dirname(fn.bundle),
        _HANDLER: 'index.handler',
        AWS_LAMBDA_FUNCTION_NAME: fn.name,
        AWS_LAMBDA_FUNCTION_VERSION: '1',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_LAMBDA_LOG_GROUP_NAME: fn.name,
        AWS_LAMBDA_LOG_STREAM_NAME: String(port),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (data: Buffer) => options.onOutput(data.toString('utf8')));
    child.stderr.on('data', (data: Buffer) => options.onOutput(data.toString('utf8')));
    child.on('exit', () => sandbox.end('Runtime.ExitError', 'the process ended'));
    sandbox.child = child;
    return sandbox;
  }

  async run(payload: string): Promise<Answer> {
    if (this.failed !== undefined) return this.failed;
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<Answer>((resolve) => {
      this.current = { id: crypto.randomUUID(), payload, answer: resolve };
      timer = setTimeout(() => this.end('Sandbox.Timedout', 'the function took too long'), this.fn.timeoutMs);
      this.give();
    });
    clearTimeout(timer);
    return answer;
  }

  stop(): void {
    this.end('Runtime.ExitError', 'stopped');
  }

  private end(errorType: string, errorMessage: string): void {
    this.isAlive = false;
    this.answer(failure(errorType, errorMessage));
    this.child?.kill('SIGKILL');
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(answer: Answer): void {
    const invocation = this.current;
    this.current = undefined;
    if (!this.isAlive) this.failed = answer;
    invocation?.answer(answer);
  }

  private give(): void {
    const { asked, current } = this;
    if (asked === undefined || current === undefined) return;
    this.asked = undefined;
    asked.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': current.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + this.fn.timeoutMs),
      'Lambda-Runtime-Invoked-Function-Arn': `arn:aws:lambda:us-east-1:123456789012:function:${this.fn.name}:1`,
      'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    asked.end(current.payload);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const path = request.url ?? '';
    if (path.endsWith('/invocation/next')) {
      this.asked = response;
      this.give();
      return;
    }
    response.writeHead(202).end('{}');
    if (path.endsWith('/init/error')) {
      this.isAlive = false;
      this.answer({ body: body.toString('utf8'), isError: true });
    } else if (path.includes(this.current?.id ?? '-')) {
      this.answer({ body: body.toString('utf8'), isError: path.endsWith('/error') });
    }
  }
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
