/** A task of dead letters, and the plans behind executors that died of one. */
import { describe, expect, it } from 'vitest';
import { createIsolationInPlace } from '../../functions/adapters/isolation/thread-isolation.ts';
import type { DeadLetter, DeadLetterReason } from '../../functions/core/dead-letter.ts';
import type { LateChoice, PlannedLetters, RedriveRequest } from '../../functions/core/redrive.ts';
import { count, json, kinesis, tumbling, pipeline as write } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { SluiceError } from '../../functions/pipeline/errors.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Isolation } from '../../functions/ports/isolation.ts';
import type { LetterPlace } from '../../functions/ports/letter-lists.ts';
import type { PlanBatchInput } from '../../functions/steps/messages.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import {
  batchBody,
  checkpoint,
  decompress,
  headOf,
  heldUntil,
  holderOf,
  md5,
  noon,
  plannedTask,
  planRecord,
  sourcesOf,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { anyObject, mapped } from '../support/pipelines.ts';

const log = { info: () => {}, warn: () => {} };
const request: RedriveRequest = { request: 'r', generation: 1, count: 3, late: 'output', madeAt: noon };
const tumblings = requirePipeline(
  write('readings')
    .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
    .decode(json(anyObject))
    .withWatermark(({ at }) => at as number, { delay: '0 seconds', maxFutureTime: '10000 days' })
    .groupBy({})
    .window(tumbling('1 second'))
    .sideOutputLate(kinesis({ streamName: 'late' }))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' })),
);

const placeOf = (id: number) => ({ source: 'main', shardId: 'a', sequenceNumber: `${id}`, subSequenceNumber: 0 });
const letterOf = (id: number, reason: DeadLetterReason = 'callback-failed'): DeadLetter => ({
  ...{ ...placeOf(id), partitionKey: 'k', arrivalTime: noon, reason, message: 'it threw' },
  payload: Buffer.from(JSON.stringify({ id, at: noon })),
});

/** User code in threads that end with these letters; how often one was started. */
function threads(pipeline: Pipeline, deadly: readonly number[]): Isolation & { started: number } {
  const inPlace = createIsolationInPlace(pipeline, decompress);
  const isolation = {
    started: 0,
    open(...given: Parameters<Isolation['open']>) {
      isolation.started += 1;
      const isolate = inPlace.open(...given);
      return {
        ...isolate,
        run: (input: never) => {
          const { sequenceNumber } = (input as { meta: { sequenceNumber: string } }).meta;
          return deadly.includes(Number(sequenceNumber)) ? { kind: 'died', message: 'no answer' } : isolate.run(input);
        },
      };
    },
  };
  return isolation as never;
}

type Given = Partial<PlannedLetters> & {
  readonly pipeline?: Pipeline;
  readonly letters?: readonly DeadLetter[];
  readonly deadly?: readonly number[];
  readonly watermark?: number;
  readonly load?: (place: LetterPlace) => Promise<DeadLetter | undefined>;
};

/** The letters of the events 1 to 3. */
async function take({ pipeline = mapped(), letters = [1, 2, 3].map((id) => letterOf(id)), ...given }: Given) {
  const { deadly = [], watermark = null, load, ...planned } = given;
  const isolation = threads(pipeline, deadly);
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    { isolation },
  );
  memory.deadLetters.push(...letters);
  if (load !== undefined) memory.ports.letterLists.loadLetter = load;
  await memory.ports.letterLists.putRequest('r', [1, 2, 3].map(placeOf));
  const of: PlannedLetters = { request: 'r', late: 'output', from: 0, through: 3, ...planned };
  const task = plannedTask([], { fingerprint: pipeline.fingerprint, letters: of, watermark });
  await memory.ports.plans.putPlan(planRecord({ redrive: { ...request, from: 0 } }), [task]);
  const input = { run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 30 };
  const runtime = { pipeline, ports: memory.ports, md5, decompress, log };
  const outcome = await processShards(input, runtime).then(({ outcome: of }) => of, String);
  const stored = memory.blocks.get('1/7/0');
  const batch = { batchId: 1, ref: 7, tasks: [{ task: 0, nonce: stored?.summary.nonce ?? '' }] };
  const facts = (await memory.ports.letterLists.factsOf(batch)).map(
    ({ fact, place }) => `${fact} ${place.sequenceNumber}`,
  );
  return { memory, outcome, block: stored?.summary, stored, facts, isolation };
}

describe('letters that are taken', () => {
  it('are counted in the block, and listed; their letters are not touched', async () => {
    const { outcome, block, facts, memory, isolation } = await take({});
    expect(outcome).toBe('moved');
    expect(block).toMatchObject({ redrive: { from: 0, to: 3, missing: 0 }, counters: { read: 3, deadLettered: 0 } });
    expect(facts).toEqual(['taken 1', 'taken 2', 'taken 3']);
    expect(memory.deadLetters).toHaveLength(3);
    expect(isolation.started).toBe(0);
  });

  it('in a thread: the one that ends it is a letter again, as crashed-executor, and the next has another thread', async () => {
    const { block, facts, memory, isolation } = await take({ isIsolated: true, deadly: [2] });
    expect(block).toMatchObject({ redrive: { to: 3 }, counters: { read: 3, deadLettered: 1, emitted: 2 } });
    expect(block?.letters).toMatchObject([{ reason: 'crashed-executor', count: 1 }]);
    expect(facts).toEqual(['taken 1', 'taken 2', 'taken 3', 'dead 2']);
    expect(memory.deadLetters.at(-1)).toMatchObject({
      sequenceNumber: '2',
      reason: 'crashed-executor',
      message: 'no answer',
    });
    expect(isolation.started).toBe(2);
  });

  it('in a thread: each of them may end one', async () => {
    const { block, isolation } = await take({ isIsolated: true, deadly: [1, 2, 3] });
    expect(block).toMatchObject({ redrive: { to: 3 }, counters: { read: 3, deadLettered: 3 } });
    expect(isolation.started).toBe(4);
  });

  it('one that is passed over stays as it is, and is neither loaded nor run (DEATHS-3)', async () => {
    const load = async () => Promise.reject(new Error('loaded'));
    const { block, facts, memory, isolation } = await take({
      from: 1,
      through: 2,
      passesOver: true,
      deadly: [2],
      load,
    });
    expect(block).toMatchObject({
      redrive: { request: 'r', from: 1, to: 2, missing: 0, deadly: placeOf(2) },
      counters: { read: 0, deadLettered: 0 },
    });
    expect(facts).toEqual([]);
    expect(memory.deadLetters.map(({ reason }) => reason)).toEqual([
      'callback-failed',
      'callback-failed',
      'callback-failed',
    ]);
    expect(isolation.started).toBe(0);
  });

  it('one that other code has written is passed over, one that is gone is missing', async () => {
    const load = async ({ sequenceNumber }: LetterPlace) => {
      if (sequenceNumber === '2') throw new SluiceError('UnknownFormat', 'version 9');
      return sequenceNumber === '1' ? undefined : letterOf(3);
    };
    const { block, facts } = await take({ load });
    expect(block).toMatchObject({ redrive: { to: 3, missing: 1, unreadable: 1 }, counters: { read: 1 } });
    expect(facts).toEqual(['taken 3']);
  });

  it.each(['TemporaryFailure', 'NotAllowed'] as const)(
    'but a table that does not answer (%s) fails the task',
    async (name) => {
      const { outcome, block } = await take({ load: async () => Promise.reject(new SluiceError(name, 'no answer')) });
      expect(outcome).toContain('no answer');
      expect(block).toBeUndefined();
    },
  );
});

describe('an event that is late by now', () => {
  const late = async (choice: LateChoice) => {
    const { block, stored } = await take({ pipeline: tumblings, late: choice, watermark: noon + 60_000 });
    const carried = [...stored!.partials.values()].flatMap(({ carried: records = [] }) => records);
    return { counters: block!.counters, outputs: carried.map(({ output }) => output) };
  };

  it('is counted as late, and no more, with --late count', async () => {
    const { counters, outputs } = await late('count');
    expect(counters).toMatchObject({ read: 3, late: 3, counted: 0, deadLettered: 0 });
    expect(outputs).toEqual([]);
  });

  it('goes to the output of late events as well with --late output', async () => {
    const { counters, outputs } = await late('output');
    expect(counters).toMatchObject({ read: 3, late: 3, counted: 0 });
    expect(outputs).toEqual(['late', 'late', 'late']);
  });
});

describe('a plan behind an executor that died of letters', () => {
  async function world() {
    const memory: Memory = memoryPorts(scriptedSource(() => memory, { a: [] }));
    const pipeline = mapped();
    const { fingerprint, parallelism } = pipeline;
    const batch = { batchId: 0, ref: 6 };
    await memory.ports.seals.putBody(batchBody({ ...batch, fingerprint, shards: [checkpoint('a')] }));
    memory.head = headOf({
      ...{ committed: batch, sealed: batch, fingerprint, parallelism, redrive: { ...request, count: 2_000 } },
      ...{ holder: holderOf({ lease: heldUntil(noon + 60_000) }), sources: sourcesOf({ listedAt: noon }) },
    });
    const plan = async (state: PlanBatchInput['batch'], outcomes: PlanBatchInput['outcomes']) =>
      (await planBatch(
        {
          ...{ request: {}, run: 'run-1', executionId: 'execution', startedAt: new Date(noon).toISOString(), timing },
          ...{ batch: state, outcomes },
        },
        { pipeline, ports: memory.ports, log } as never,
      )) as PlanBatchInput['batch'] & { readonly epoch: number; readonly tasks: readonly number[] };
    const lettersIn = async ({ epoch, tasks }: { readonly epoch: number; readonly tasks: readonly number[] }) =>
      (await memory.ports.plans.loadTask(epoch, tasks.at(-1)!)).letters;
    return { memory, plan, lettersIn };
  }

  it('takes an eighth of them, in a thread, though it has waited in between', async () => {
    const { memory, plan, lettersIn } = await world();
    const first = await plan({ next: 'plan', turn: 1 }, []);
    expect(await lettersIn(first)).toEqual({ request: 'r', late: 'output', from: 0, through: 1_000 });
    const waits = await plan(first, ['caught-up', 'crashed']);
    expect(waits).toMatchObject({ next: 'wait' });
    expect(memory.head!.suspicions).toMatchObject({ shards: [], redrive: { request: 'r', before: 1_000, deaths: 1 } });
    const again = await plan(waits, []);
    expect(await lettersIn(again)).toEqual({ request: 'r', late: 'output', from: 0, through: 125, isIsolated: true });
  });

  it('passes the first one over in the end; the shards beside are read all the while', async () => {
    const { plan, lettersIn } = await world();
    let state = await plan({ next: 'plan', turn: 1 }, []);
    const stretches: (number | 'passed over')[] = [];
    for (let turn = 0; turn < 20 && stretches.at(-1) !== 'passed over'; turn++) {
      if (state.next === 'process') {
        expect(state.tasks).toHaveLength(2);
        const letters = (await lettersIn(state))!;
        stretches.push(letters.passesOver === true ? 'passed over' : letters.through - letters.from);
      }
      state = await plan(state, state.next === 'process' ? ['caught-up', 'crashed'] : []);
    }
    expect(stretches).toEqual([1_000, 125, 16, 2, 1, 1, 1, 'passed over']);
  });

  it('knows nothing of them any more once they are called off', async () => {
    const { memory, plan } = await world();
    const first = await plan({ next: 'plan', turn: 1 }, []);
    await plan(first, ['caught-up', 'crashed']);
    memory.head = { ...memory.head!, redrive: { ...request, count: 0 } };
    await plan({ next: 'plan', turn: 2 }, []);
    expect(memory.head!.suspicions).not.toHaveProperty('redrive');
  });
});
