/**
 * The process of a reducer, whose requests go to the process that began it. So what it has in memory is its own, and not the tables'.
 */
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { ServiceError } from '../../simulation/services/service-error.ts';
import type { FromReducer, ToReducer } from './calls.ts';
import { reduceAll } from './reduce-calls.ts';
import type { ServiceName } from './services.ts';
import type { Settings } from './settings.ts';
import { pipelineOf } from './workload.ts';

type Pending = { readonly resolve: (answer: object) => void; readonly reject: (error: Error) => void };

const pending = new Map<number, Pending>();
let lastId = 0;
let begun: { readonly pipeline: Pipeline; readonly settings: Settings } | undefined;

const tell = (message: FromReducer): void => void process.send!(message);

function ask(service: ServiceName, operation: string, input: unknown): Promise<object> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject });
    tell({ kind: 'request', id, service, operation, input });
  });
}

const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1_024);

function take(message: ToReducer): void {
  if (message.kind === 'begin') {
    begun = { pipeline: pipelineOf(message.settings), settings: message.settings };
    tell({ kind: 'ready', residentMb: peakMb() });
  } else if (message.kind === 'reduce') {
    const { pipeline, settings } = begun!;
    reduceAll({ pipeline, stores: { tableOnly: settings.tableOnly }, ask }, message).then(
      (reduced) => tell({ kind: 'reduced', ...reduced, peakMb: peakMb() }),
      (error: Error) => tell({ kind: 'failed', error: error.stack ?? error.message }),
    );
  } else {
    const asked = pending.get(message.id)!;
    pending.delete(message.id);
    if (message.kind === 'answer') asked.resolve(message.answer);
    else asked.reject(new ServiceError(message.refusal.name, message.refusal.message, message.refusal.status));
  }
}

process.on('message', take);
