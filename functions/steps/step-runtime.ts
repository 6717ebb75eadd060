/** What a step works with. Each names the ports that it needs, and is bundled with these alone. */
import type { PipelineOutline } from '../pipeline/outline.ts';

export type Log = {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
};

export type StepRuntime<Ports, Pipeline = PipelineOutline> = {
  readonly pipeline: Pipeline;
  readonly ports: Ports;
  readonly log: Log;
};
