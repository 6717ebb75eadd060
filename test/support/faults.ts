/** Faults at the ports: an action before or after the n-th write of a step's invocation. Reads pass. */
import type { Ports } from '../../functions/ports.ts';

/** Every method behind which something outside changes. */
const writes: Readonly<Record<string, readonly string[]>> = {
  head: ['create', 'claim', 'seal', 'commit', 'release', 'setControl', 'setPurgedBelow'],
  batches: ['putPlan', 'putBlock', 'putBody', 'putState', 'putProgress'],
  deadLetters: ['put'],
  sink: ['send'],
};

export type WritePoint = { readonly when: 'before' | 'after'; readonly write: number };

/** An error that no Retry list names: the function is gone. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export function withFault(ports: Ports, point: WritePoint, act: (method: string) => void): Ports {
  let count = 0;
  const wrap = (name: string, call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]): Promise<unknown> => {
      count += 1;
      const isHere = count === point.write;
      if (isHere && point.when === 'before') act(name);
      const result = await call(...args);
      if (isHere && point.when === 'after') act(name);
      return result;
    };
  const faulty: Record<string, unknown> = { ...ports };
  for (const [port, methods] of Object.entries(writes)) {
    const real = ports[port as keyof Ports] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const wrapped = methods.filter((method) => method in real).map((method) => [method, wrap(`${port}.${method}`, real[method]!)]);
    faulty[port] = { ...real, ...Object.fromEntries(wrapped) };
  }
  return faulty as Ports;
}
