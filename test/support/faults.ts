/** Faults at the ports: an action before or after the n-th write of a step's invocation. Reads pass. */
import type { Ports } from '../../functions/ports/ports.ts';
import type { OutputSink } from '../../functions/sinks/output-sink.ts';

/** Every method behind which something outside changes. */
const writes: Readonly<Record<string, readonly string[]>> = {
  head: ['create', 'claim', 'seal', 'commit', 'release', 'setControl', 'setPurgedBelow'],
  plans: ['putPlan'],
  blocks: ['putBlock'],
  seals: ['putBody'],
  states: ['putState'],
  reports: ['putProgress'],
  deadLetters: ['put'],
};

export type WritePoint = { readonly when: 'before' | 'after'; readonly write: number };

/** An error that no Retry list names: the function is gone. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export function withFault(ports: Ports, point: WritePoint, act: (method: string) => void): Ports {
  let count = 0;
  return aroundWrites(ports, async (method, call) => {
    count += 1;
    const isHere = count === point.write;
    if (isHere && point.when === 'before') act(method);
    const result = await call();
    if (isHere && point.when === 'after') act(method);
    return result;
  });
}

export function afterWrite(ports: Ports, act: (method: string) => void): Ports {
  return aroundWrites(ports, async (method, call) => {
    const result = await call();
    act(method);
    return result;
  });
}

type Call = (...args: unknown[]) => Promise<unknown>;

type Around = (method: string, call: () => Promise<unknown>) => Promise<unknown>;

function aroundWrites(ports: Ports, around: Around): Ports {
  const wrapped: Record<string, unknown> = { ...ports };
  for (const [port, methods] of Object.entries(writes)) {
    const real = ports[port as keyof Ports] as unknown as Record<string, Call>;
    const own = methods
      .filter((method) => method in real)
      .map((method): [string, Call] => [
        method,
        (...args) => around(`${port}.${method}`, () => real[method]!(...args)),
      ]);
    wrapped[port] = { ...real, ...Object.fromEntries(own) };
  }
  return { ...(wrapped as Ports), sink: (output) => sinkAround(ports.sink(output), around) };
}

const sinkAround = (sink: OutputSink, around: Around): OutputSink => ({
  ...sink,
  send: (...given) => around('sink.send', () => sink.send(...given)) as ReturnType<OutputSink['send']>,
});
