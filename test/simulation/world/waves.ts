/**
 * Nested executions, and what goes wrong with them: one can't be started, its answer is lost, it ends in time while its functions go on, or it
 * fails as a whole.
 */
import type { Definition } from '../../../state-machine/asl.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { ServiceError } from '../services/service-error.ts';
import type { Execution, SimulatedStepFunctions } from '../services/step-functions/simulated-step-functions.ts';
import type { Dimensions } from './dimensions.ts';
import type { Scenario } from './scenario.ts';

export type Waves = {
  /** Tasks, and key groups, of one wave. */
  readonly atOnce: number;
  /** Of waves, while faults last, that have trouble of their own. */
  readonly troubleShare: number;
};

/** More than a run draws of either. */
const most = 40;

/** What the machine is built for. */
export const widthOf = ({ waves }: Pick<Scenario, 'waves'>) =>
  waves === undefined ? undefined : { tasks: most, keyGroups: most, atOnce: waves.atOnce };

export function withWaves(scenario: Scenario, random: Random): Scenario {
  const atOnce = random.int(1, 3);
  const troubleShare = random.weighted([
    [1, 0],
    [2, 0.05],
    [2, 0.2],
  ]);
  const { shardsPerTask, parallelism, kind } = scenario;
  return {
    ...scenario,
    waves: { atOnce, troubleShare },
    // As many of both as make waves.
    shardsPerTask: random.chance(0.7) ? 1 : shardsPerTask,
    parallelism: kind === 'map-only' || random.chance(0.4) ? parallelism : Math.max(parallelism, random.int(2, 6)),
  };
}

type Parts = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly dimensions: Dimensions;
  readonly waves: Waves | undefined;
  readonly troubleUntil: number;
  readonly stepFunctions: SimulatedStepFunctions;
};

/** Of a wave as a whole: no function has thrown it, and the next execution does better. */
export const waveFailure = 'Sfn.Injected';

const troubles = ['not started', 'answer lost', 'timed out', 'failed'] as const;

export class WaveRunner {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What `startSyncExecution` answers. */
  async run(definition: Definition, input: string): Promise<unknown> {
    const { scheduler, random, dimensions, waves, troubleUntil, stepFunctions } = this.#parts;
    dimensions.count('two levels');
    const hasTrouble = scheduler.now < troubleUntil && random.chance(waves?.troubleShare ?? 0);
    const trouble = hasTrouble ? random.pick(troubles) : undefined;
    await scheduler.sleep(random.int(5, 60));
    if (trouble === 'not started') throw new ServiceError('Sfn.SfnException', 'injected: a limit');
    const execution = stepFunctions.start(definition, JSON.parse(input), { type: 'EXPRESS' });
    if (trouble === 'timed out' || trouble === 'failed') this.#endEarly(execution, trouble);
    await execution.ended;
    await scheduler.sleep(random.int(2, 30));
    if (trouble === 'answer lost') {
      dimensions.count('waves without an answer');
      throw new ServiceError('Sfn.SdkClientException', 'injected: the answer is lost');
    }
    return answerOf(execution);
  }

  /** Its functions go on. */
  #endEarly(execution: Execution, how: 'timed out' | 'failed'): void {
    const { scheduler, random, dimensions } = this.#parts;
    scheduler.at(scheduler.now + random.span(20, 8_000), () => {
      if (execution.status !== 'RUNNING') return;
      dimensions.count(how === 'failed' ? 'waves that fail' : 'waves without an answer');
      if (how === 'timed out') execution.end('TIMED_OUT');
      else execution.end('FAILED', { error: new ServiceError(waveFailure, 'injected: the wave has failed') });
    });
  }
}

function answerOf({ status, output, error, cause }: Execution): object {
  if (status === 'SUCCEEDED') return { Status: status, Output: JSON.stringify(output) };
  return { Status: status, ...(error === undefined ? {} : { Error: error, Cause: cause ?? '' }) };
}
