/** A reducer in a process of its own, as Lambda runs it: one call, from an order on stdin to an answer on stdout. */
import { text } from 'node:stream/consumers';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { reduceKeyGroupHandler } from '../../functions/steps/handlers.ts';
import { createRuntime, systemClock } from '../../functions/steps/runtime.ts';
import { localCredentials } from '../../local/services/clients.ts';

export type ReduceOrder = {
  readonly pipelineFile: string;
  readonly overrides: { readonly source: string; readonly sink: string };
  readonly settings: {
    readonly table: string;
    readonly region: string;
    readonly kinesisEndpoint: string;
    readonly dynamodbEndpoint: string;
    readonly memoryMb: number;
  };
  readonly clockAheadMs: number;
  readonly input: unknown;
};

const order = JSON.parse(await text(process.stdin)) as ReduceOrder;
const { pipelineFile, overrides, settings, clockAheadMs, input } = order;
const { default: definition } = (await import(pipelineFile)) as { readonly default: unknown };
const runtime = createRuntime(requirePipeline(definition, overrides), {
  ...settings,
  credentials: localCredentials,
  clock: { ...systemClock, now: () => Date.now() + clockAheadMs },
  isolate: { entry: new URL('../../local/session/isolate.ts', import.meta.url), data: { pipelineFile, overrides } },
});
process.stdout.write(JSON.stringify(await reduceKeyGroupHandler(runtime)(input, {})));
process.exit(0);
