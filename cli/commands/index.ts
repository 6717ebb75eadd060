/** All commands, in the order in which `sluice --help` and the reference list them. */
import type { AddCommand } from '../command.ts';
import { addCheck } from './check.ts';
import { addCompletion } from './completion.ts';
import { addCost } from './cost.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addDev } from './dev.ts';
import { addDoctor } from './doctor.ts';
import { addFork } from './fork.ts';
import { addGenerate } from './generate.ts';
import { addInit } from './init.ts';
import { addOutputs } from './outputs.ts';
import { addPage } from './page.ts';
import { addProgress } from './progress.ts';
import { addPurge } from './purge.ts';
import { addRepartition } from './repartition.ts';
import { addRewind } from './rewind.ts';
import { addSample } from './sample.ts';
import { addSavepoint } from './savepoint.ts';
import { addShards } from './shards.ts';
import { addStart } from './start.ts';
import { addState } from './state.ts';
import { addStatus } from './status.ts';
import { addStop } from './stop.ts';
import { addTail } from './tail.ts';

export const commands: readonly AddCommand[] = [
  addInit,
  addCheck,
  addDev,
  addGenerate,
  addTail,
  addSample,
  addStart,
  addStop,
  addStatus,
  addProgress,
  addShards,
  addPage,
  addCost,
  addDeadLetters,
  addOutputs,
  addState,
  addSavepoint,
  addRewind,
  addFork,
  addRepartition,
  addPurge,
  addDoctor,
  addCompletion,
];
