/** The `sluice` command in a process of its own, as from a terminal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export type Ran = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs the command, on no servers but those of `environment`; `onOutput` may send signals while it runs. */
export async function sluice(
  args: readonly string[],
  options: {
    environment?: Record<string, string>;
    cwd?: string;
    onOutput?: (seen: string, kill: (signal: NodeJS.Signals) => void) => void;
  } = {},
): Promise<Ran> {
  const { AWS_ENDPOINT_URL_KINESIS: _, AWS_ENDPOINT_URL_DYNAMODB: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--conditions=sluice-source', main, ...args], {
    env: { ...inherited, ...options.environment },
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const observe = () => options.onOutput?.(stdout + stderr, (signal) => child.kill(signal));
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    observe();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    observe();
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}
