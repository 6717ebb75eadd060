/** One variant in a process of its own: says what processor time each turn took, of all its threads. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Stub, Variant } from './scenario.ts';

export type WorkerBegins = {
  readonly module: string;
  readonly stub: Stub;
  readonly settings: Readonly<Record<string, unknown>>;
};
export type TurnAsked = { readonly calls: number };
export type TurnTaken = {
  readonly units: number;
  readonly digest?: string;
  readonly amount?: number;
  readonly cpuUs: number;
  readonly peakMb: number;
};

const root = path.resolve(import.meta.dirname, '../..');

process.once('disconnect', () => process.exit());
process.once('message', async ({ module, stub, settings }: WorkerBegins) => {
  const { default: variant } = (await import(pathToFileURL(path.join(root, module)).href)) as { default: Variant };
  const { run } = await variant(stub, settings);
  process.on('message', async ({ calls }: TurnAsked) => {
    const before = process.cpuUsage();
    const answer = await run(calls);
    const { user, system } = process.cpuUsage(before);
    const peakMb = answer.peakMb ?? process.resourceUsage().maxRSS / 1_024;
    process.send?.({ ...answer, cpuUs: user + system, peakMb } satisfies TurnTaken);
  });
  process.send?.('ready');
});
