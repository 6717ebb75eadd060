/** A server of this machine for this machine: on 127.0.0.1 alone, and under no other name (DNS rebinding). */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalProblem } from './local-problem.ts';

export const host = '127.0.0.1';

export type Place = {
  /** Undefined: the usual one, or any where that is taken; 0: any. */
  readonly port: number | undefined;
  readonly usualPort: number;
  /** The option that asks for one. */
  readonly option: string;
  /** 'the page' */
  readonly what: string;
};

/** The port. Throws a `LocalProblem` where the one that was asked for is taken. */
export async function listenHere(server: Server, { port: asked, usualPort, option, what }: Place): Promise<number> {
  const on = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await on(asked ?? usualPort);
  } catch (error) {
    if (asked !== undefined) {
      const { code } = error as NodeJS.ErrnoException;
      const problem = `${option} ${asked}: ${what} can't be served there (${code})`;
      throw new LocalProblem('usage', `${problem}. Use a free port of ${host}, 0 for any.`);
    }
    await on(0);
  }
  return (server.address() as AddressInfo).port;
}

/** `called`: the header `Host`. */
export const isCalledByName = (called: string | undefined, port: number): boolean =>
  [`${host}:${port}`, `localhost:${port}`].includes(called ?? '');
