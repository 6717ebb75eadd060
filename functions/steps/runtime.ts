/** All that the steps work with, where one process runs them all; a deployed function has its own step's runtime. */

import { createRoleKeeper } from '../adapters/credentials/assumed-role.ts';
import { decompress } from '../adapters/decompress.ts';
import { createStores } from '../adapters/dynamodb/stores.ts';
import { md5 } from '../adapters/md5-lanes.ts';
import { keepReferences } from '../adapters/reference-keeper.ts';
import { openObjects } from '../adapters/s3/open-objects.ts';
import { endingWithSteps } from '../adapters/step-life.ts';
import type { Decompress } from '../core/expand-payload.ts';
import type { Md5 } from '../core/hash-key.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Reporter } from '../pipeline/reporter.ts';
import type { ObjectsAt } from '../ports/objects.ts';
import type { Ports } from '../ports/ports.ts';
import { ownReporters } from '../reporters/index.ts';
import { type ConnectionSettings, connect } from './connection.ts';
import type { FunctionMemory } from './function-memory.ts';
import type { Log, StepRuntime } from './step-runtime.ts';
import { budgetsIn, createIsolation, createSinks, createSources, type ExecutorSettings } from './user-code-ports.ts';

export type { Log } from './step-runtime.ts';
export { systemClock } from './system-clock.ts';

export type Runtime = StepRuntime<Ports, Pipeline> & {
  readonly md5: Md5;
  readonly decompress: Decompress;
  readonly reporters?: readonly Reporter[];
  /** What an executor may hold of pages at once. Undefined: what fits into the memory that a function has by default. */
  readonly readBudgetBytes?: number;
  /** The same of what it has counted. */
  readonly tableBudgetBytes?: number;
  /** What a reducer may take of memory. Undefined: nobody knows. */
  readonly memory?: FunctionMemory | undefined;
  /** A block of no more shards has all of them. Undefined: as is worth it. */
  readonly fewShards?: number;
};

export type RuntimeSettings = ConnectionSettings &
  ExecutorSettings & {
    readonly log?: Log;
    /** Told of each committed batch, behind those of every pipeline. */
    readonly reporters?: readonly Reporter[];
    /** What stands for the buckets of lists of files. Undefined: they do. */
    readonly objects?: ObjectsAt | undefined;
  };

const noLog: Log = { info: () => {}, warn: () => {} };

export function createRuntime(pipeline: Pipeline, settings: RuntimeSettings): Runtime {
  const connection = connect(pipeline.name, settings, createRoleKeeper);
  const sourceOf = createSources(pipeline, connection, settings);
  const sinkOf = createSinks(pipeline, connection, settings);
  const isolation = createIsolation(pipeline, settings);
  const objectsOf = openObjects(connection);
  const referencesBy = keepReferences(pipeline.references);
  const ports = endingWithSteps((life): Ports => {
    const storage = connection.storageOf(life);
    const { clock, newId } = storage;
    const objectsAt = settings.objects ?? objectsOf(clock, life);
    const references = referencesBy(clock);
    const outside = { source: sourceOf(clock, life), sink: sinkOf(clock, life), objectsAt, isolation, references };
    return { clock, newId, ...outside, ...createStores(storage, pipeline.letterKeeping) };
  });
  const { log = noLog, reporters = [] } = settings;
  return {
    pipeline,
    ports,
    md5,
    decompress,
    log,
    reporters: [...ownReporters(log), ...reporters],
    ...budgetsIn(settings),
  };
}
