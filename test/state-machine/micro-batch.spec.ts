import { readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { fatalErrorNames, retryableErrorNames } from '../../functions/core/errors.ts';
import { check } from '../../functions/steps/message-rules.ts';
import {
  commitBatchInputRule,
  outcomes,
  planBatchInputRule,
  processShardsInputRule,
  reduceKeyGroupInputRule,
  sealBatchInputRule,
  timingRule,
} from '../../functions/steps/messages.ts';
import type { ExecutionEvent } from '../../local/driver/execution-limits.ts';
import { tasksOf, worstCaseSeconds } from '../../state-machine/asl.ts';
import { functionTimeoutSeconds, microBatch } from '../../state-machine/micro-batch.ts';
import { placeholders, renderedFile, renderMicroBatch } from '../../state-machine/render.ts';
import {
  callErrors,
  deathErrors,
  fatalErrors,
  sandboxErrors,
  temporaryErrors,
  throttledErrors,
} from '../../state-machine/retry.ts';
import {
  commit,
  definition,
  done,
  functions,
  named,
  past,
  payloadsOf,
  process,
  reduce,
  reduced,
  runLoop,
  timing,
} from './scripted-loop.ts';

const batch = {
  PlanBatch: [process, done],
  ReadTask: [{ outcome: 'moved' }],
  SealBatch: [reduce],
  ReduceKeyGroup: [reduced(2)],
  CommitBatch: [{ next: 'plan', turn: 1, caughtUp: false }],
};

describe('the way through the machine', () => {
  test('a batch is planned, processed, sealed, reduced and committed, then the next is planned', async () => {
    const run = await runLoop(batch);
    expect(run.result.kind).toBe('succeeded');
    expect(run.steps).toBe(
      'PlanBatch ReadTask ReadTask SealBatch ReduceKeyGroup ReduceKeyGroup ReduceKeyGroup CommitBatch PlanBatch',
    );
  });

  test('each function gets exactly the fields that its rule knows', async () => {
    const run = await runLoop(batch, { input: { untilCaughtUp: true }, executionId: 'execution:1' });
    const rules = {
      PlanBatch: planBatchInputRule,
      ReadTask: processShardsInputRule,
      SealBatch: sealBatchInputRule,
      ReduceKeyGroup: reduceKeyGroupInputRule,
      CommitBatch: commitBatchInputRule,
    };
    for (const [step, payload] of run.calls) {
      const rule = rules[step as keyof typeof rules];
      expect(check<unknown>(rule, payload), step).toEqual({ kind: 'fits', value: payload });
      expect(Object.keys(payload).sort(), step).toEqual(Object.keys(rule.fields).sort());
    }
    const [first, second] = payloadsOf(run, 'PlanBatch');
    expect(first).toMatchObject({ request: { untilCaughtUp: true }, executionId: 'execution:1', timing, outcomes: [] });
    expect(first!.batch).toEqual({ next: 'plan', turn: 0 });
    expect(second!.run).toBe(first!.run);
    expect(payloadsOf(run, 'ReadTask').map((payload) => payload.task)).toEqual([0, 1]);
    expect(payloadsOf(run, 'ReduceKeyGroup')[2]).toEqual({ epoch: 7, batchId: 3, ref: 7, keyGroup: 2, again: false });
    expect(payloadsOf(run, 'CommitBatch')[0]).toMatchObject({
      ref: 7,
      reduced: { emitted: 0, stuckSince: 0 },
      groups: [2, 2, 2].map(reduced),
    });
  });

  test('two runs have two tokens', async () => {
    const [one, two] = await Promise.all([runLoop({ PlanBatch: [done] }), runLoop({ PlanBatch: [done] })]);
    expect(payloadsOf(one!, 'PlanBatch')[0]!.run).not.toBe(payloadsOf(two!, 'PlanBatch')[0]!.run);
  });

  test('the answer of a driver step is all that the next one sees of it', async () => {
    const run = await runLoop(batch);
    expect(payloadsOf(run, 'PlanBatch')[1]!.batch).toEqual({ next: 'plan', turn: 1, caughtUp: false });
  });

  test('a batch in which nothing moved is not sealed, and the plan hears how its tasks ended', async () => {
    const run = await runLoop({
      PlanBatch: [process, done],
      ReadTask: [{ outcome: 'caught-up' }, { outcome: 'behind' }],
    });
    expect(run.steps).toBe('PlanBatch ReadTask ReadTask PlanBatch');
    expect(payloadsOf(run, 'PlanBatch')[1]!.outcomes).toEqual(['caught-up', 'behind']);
  });

  test('one task that moved is enough to seal', async () => {
    const run = await runLoop({ ...batch, ReadTask: [{ outcome: 'caught-up' }, { outcome: 'moved' }] });
    expect(run.steps).toContain('SealBatch');
  });

  test('after a commit the plan hears nothing of the tasks before', async () => {
    expect(payloadsOf(await runLoop(batch), 'PlanBatch')[1]!.outcomes).toEqual([]);
  });

  test('what one batch sent is not counted for the next', async () => {
    const run = await runLoop({
      ...batch,
      PlanBatch: [process, process, done],
      SealBatch: [reduce, commit],
    });
    expect(payloadsOf(run, 'CommitBatch').map((payload) => (payload.groups as unknown[]).length)).toEqual([3, 0]);
  });

  test('a sealed batch is resumed at its reduce', async () => {
    const run = await runLoop({ ...batch, PlanBatch: [reduce, done] });
    expect(run.steps).toBe('PlanBatch ReduceKeyGroup ReduceKeyGroup ReduceKeyGroup CommitBatch PlanBatch');
  });

  test('a pipeline without aggregation goes from seal to commit', async () => {
    const run = await runLoop({ ...batch, SealBatch: [commit] });
    expect(run.steps).toBe('PlanBatch ReadTask ReadTask SealBatch CommitBatch PlanBatch');
  });

  test('the idle rule may seal without reading', async () => {
    const seal = { next: 'seal', turn: 0, epoch: 7, batchId: 3, plan: '', steps: [], waitUntil: past };
    const run = await runLoop({ ...batch, PlanBatch: [seal, done] });
    expect(run.steps).toMatch(/^PlanBatch SealBatch ReduceKeyGroup/);
  });

  test('the next trigger is waited for; a time that has passed is no wait', async () => {
    const waitUntil = new Date(Date.now() + 300).toISOString();
    const started = Date.now();
    const wait = { next: 'wait', turn: 1, caughtUp: false };
    const run = await runLoop({ PlanBatch: [{ ...wait, waitUntil: past }, { ...wait, waitUntil }, done] });
    expect(run.steps).toBe('PlanBatch PlanBatch PlanBatch');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(waitUntil));
    expect(Date.now() - started).toBeLessThan(3000);
  });

  test('done ends the execution with success', async () => {
    const run = await runLoop({ PlanBatch: [{ next: 'done', turn: 0, reason: 'another-driver' }] });
    expect(run.result).toMatchObject({ kind: 'succeeded', output: { turn: { batch: { reason: 'another-driver' } } } });
  });

  test('an answer that the machine does not know fails the execution', async () => {
    const run = await runLoop({ PlanBatch: [{ next: 'dance', turn: 0 }] });
    expect(run.result).toMatchObject({ kind: 'failed', error: 'States.NoChoiceMatched' });
  });
});

describe('handing over', () => {
  const rotation = { ...batch, CommitBatch: [{ next: 'continue-as-new', turn: 1 }] };

  test('the next execution is started with the same request, and nothing of this run', async () => {
    const run = await runLoop({ ...rotation, startExecution: ['started'] }, { input: { untilBatch: 9 } });
    expect(run.result.kind).toBe('succeeded');
    expect(payloadsOf(run, 'startExecution')).toEqual([{ untilBatch: 9 }]);
  });

  test('a successor that could not be started is left to the schedule', async () => {
    const run = await runLoop({ ...rotation, startExecution: [named('Sfn.ThrottlingException')] });
    expect(run.result.kind).toBe('succeeded');
    expect(payloadsOf(run, 'startExecution')).toHaveLength(2);
  });
});

describe('failures', () => {
  test('a failed task is an outcome; the others are sealed', async () => {
    const run = await runLoop({ ...batch, ReadTask: [named('TypeError'), { outcome: 'moved' }] });
    expect(run.result.kind).toBe('succeeded');
    expect(run.steps).toContain('SealBatch');
  });

  test('tasks that all failed are told to the plan, without a cause', async () => {
    const run = await runLoop({ PlanBatch: [process, done], ReadTask: [named('TypeError', 'a long story')] });
    expect(payloadsOf(run, 'PlanBatch')[1]!.outcomes).toEqual(['failed', 'failed']);
    expect(JSON.stringify(run.result)).not.toContain('long story');
    expect(outcomes).toContain('failed');
  });

  test('what is wrong for all tasks stops the execution, once', async () => {
    const run = await runLoop({ PlanBatch: [process, done], ReadTask: [named('NotAllowed', 'no permission')] });
    expect(run.result).toEqual({ kind: 'failed', error: 'NotAllowed', cause: 'no permission' });
    expect(payloadsOf(run, 'PlanBatch')).toHaveLength(1);
  });

  test.each(['behind', 'failed'])(
    'a turn that moved nothing and left a task %s goes back to the plan at once',
    async (outcome) => {
      const run = await runLoop({ PlanBatch: [process, done], ReadTask: [{ outcome }, { outcome: 'caught-up' }] });
      expect(run.steps).not.toContain('WaitForTrigger');
      expect(payloadsOf(run, 'PlanBatch')[1]!.outcomes).toEqual([outcome, 'caught-up']);
    },
  );

  test.each(['caught-up', 'held'])(
    'a turn that left shards unread is followed by the next at once if it is %s',
    async (outcome) => {
      const statesOf = async (turn: object) => {
        const states: string[] = [];
        const onEvent = (event: ExecutionEvent) => {
          if (event.type === 'StateEntered') states.push(event.state.name);
        };
        await runLoop({ PlanBatch: [turn, done], ReadTask: [{ outcome }] }, { onEvent });
        return states;
      };
      expect(await statesOf({ ...process, leavesUnread: true })).not.toContain('WaitForTrigger');
      expect(await statesOf(process)).toContain('WaitForTrigger');
    },
  );

  test('a reduce that is not done is gone back to, for the groups that the commit step names, with what it has come to', async () => {
    const again = { ...reduce, again: true, turn: 1, keyGroups: [1], reduced: { emitted: 4, stuckSince: 0 } };
    const next = { next: 'plan', turn: 1, caughtUp: false };
    const run = await runLoop({ ...batch, CommitBatch: [again, next] });
    expect(run.steps).toMatch(/ReduceKeyGroup CommitBatch ReduceKeyGroup CommitBatch PlanBatch$/);
    expect(payloadsOf(run, 'ReduceKeyGroup').at(-1)).toEqual({
      epoch: 7,
      batchId: 3,
      ref: 7,
      keyGroup: 1,
      again: true,
    });
    expect(payloadsOf(run, 'CommitBatch')[1]).toMatchObject({ reduced: again.reduced, groups: [reduced(2)], turn: 1 });
  });

  test.each([...throttledErrors, ...temporaryErrors, ...callErrors, ...sandboxErrors])(
    'a key group that failed for now with %s takes nothing from the others: the commit step hears of all',
    async (name) => {
      const one = { ...reduce, keyGroups: [0] };
      const run = await runLoop({ ...batch, PlanBatch: [one, done], ReduceKeyGroup: [named(name, 'a long story')] });
      const failed = { keyGroup: 0, emitted: 0, done: false, progressed: false, why: name };
      const isDeath = (deathErrors as readonly string[]).includes(name);
      expect(payloadsOf(run, 'CommitBatch')[0]!.groups).toEqual([{ ...failed, ...(isDeath ? { died: true } : {}) }]);
    },
  );

  test('a key group that refuses fails the batch before its commit', async () => {
    const run = await runLoop({
      ...batch,
      ReduceKeyGroup: [reduced(1), named('MissingItem', 'no block'), reduced(1)],
    });
    expect(run.result).toEqual({ kind: 'failed', error: 'MissingItem', cause: 'no block' });
    expect(run.steps).not.toContain('CommitBatch');
  });

  test.each(['PlanBatch', 'SealBatch', 'CommitBatch'])('%s that refuses is not tried again', async (step) => {
    const run = await runLoop({ ...batch, [step]: [named('FingerprintChanged', 'other keys')] });
    expect(run.result).toEqual({ kind: 'failed', error: 'FingerprintChanged', cause: 'other keys' });
    expect(payloadsOf(run, step)).toHaveLength(1);
  });

  test('an error in no list is a bug: not tried again', async () => {
    const run = await runLoop({ PlanBatch: [named('TypeError')] });
    expect(run.result).toMatchObject({ kind: 'failed', error: 'TypeError' });
    expect(run.calls).toHaveLength(1);
  });

  test.each([...temporaryErrors, ...callErrors, ...sandboxErrors])(
    '%s is tried again, twice in the driver',
    async (name) => {
      const mended = await runLoop({ PlanBatch: [named(name), named(name), done] });
      expect(mended.result.kind).toBe('succeeded');
      const lasting = await runLoop({ PlanBatch: [named(name)] });
      expect(lasting.result).toMatchObject({ kind: 'failed', error: name });
      expect(lasting.calls).toHaveLength(3);
    },
  );

  test('a task and a key group are tried once more', async () => {
    const task = await runLoop({
      ...batch,
      PlanBatch: [{ ...process, tasks: [0] }, done],
      ReadTask: [named('TemporaryFailure')],
    });
    expect(payloadsOf(task, 'ReadTask')).toHaveLength(2);
    const group = await runLoop({ ...batch, ReduceKeyGroup: [named('TemporaryFailure'), reduced(1)] });
    expect(group.result.kind).toBe('succeeded');
  });

  test.each(deathErrors)('a task whose function died (%s) is told by a word, and not tried again', async (name) => {
    const run = await runLoop({ ...batch, PlanBatch: [{ ...process, tasks: [0] }, done], ReadTask: [named(name)] });
    expect(payloadsOf(run, 'ReadTask')).toHaveLength(1);
    expect(payloadsOf(run, 'PlanBatch').at(-1)).toMatchObject({ outcomes: ['crashed'] });
  });

  test('a throttled call is tried three times more', async () => {
    const [name] = throttledErrors;
    const run = await runLoop({ PlanBatch: [named(name), named(name), named(name), done] });
    expect(run.result.kind).toBe('succeeded');
  });
});

describe('the error lists', () => {
  test('say the same as the functions', () => {
    expect(fatalErrors).toEqual(fatalErrorNames);
    expect(temporaryErrors).toEqual(retryableErrorNames);
  });

  test('every retrier list names each error once', () => {
    for (const [name, task] of tasksOf(definition)) {
      const names = (task.Retry ?? []).flatMap((retrier) => retrier.ErrorEquals);
      expect(new Set(names).size, name).toBe(names.length);
      if (task.Resource.endsWith('lambda:invoke')) {
        const known = [...fatalErrors, ...throttledErrors, ...temporaryErrors, ...callErrors, ...sandboxErrors];
        expect([...names].sort(), name).toEqual([...known].sort());
      }
    }
  });
});

describe('time', () => {
  test('a batch takes 224 s at worst', () => {
    const worst = (name: string) => worstCaseSeconds(definition.States[name]!);
    expect(worst('PlanBatch')).toBe(3 * (6 + 3) + (1 + 2 + 4) + (1 + 2));
    expect(worst('ProcessShards')).toBe(2 * (22 + 3) + (1 + 2 + 4) + 1);
    expect(worst('SealBatch')).toBe(3 * (6 + 3) + (1 + 2 + 4) + (1 + 2));
    expect(worst('ReduceKeyGroups')).toBe(2 * (22 + 3) + (1 + 2 + 4) + 1);
    expect(worst('CommitBatch')).toBe(3 * (5 + 3) + (1 + 2 + 4) + (1 + 2));
    const whole = ['PlanBatch', 'ProcessShards', 'SealBatch', 'ReduceKeyGroups', 'CommitBatch'].map(worst);
    expect(whole.reduce((total, seconds) => total + seconds)).toBe(224);
  });

  test('the machine tells its functions the spans', () => {
    expect(timing).toEqual({
      planToSealSeconds: 58 + 37,
      sealToCommitSeconds: 58 + 34,
      commitToPlanSeconds: 37,
      rotateAfterSeconds: 295 - 224 - 7,
      reduceUntilSeconds: 295 - (58 + 34) - 7,
      closeUntilSeconds: 295 - (224 - 58) - 7,
      readSeconds: 12,
      maxTurns: 100_000,
      maxTasks: 40,
    });
    expect(check(timingRule, timing)).toEqual({ kind: 'fits', value: timing });
  });

  test('a Standard execution rotates by turns, before its history is full', () => {
    const standard = microBatch({ functions, type: 'STANDARD' });
    expect(check(timingRule, standard.timing)).toMatchObject({
      kind: 'fits',
      value: { rotateAfterSeconds: 21_600, maxTurns: 14 },
    });
    expect(standard.definition.TimeoutSeconds).toBeGreaterThan(standard.timing.rotateAfterSeconds + 224);
  });

  test.each([
    [{ processShards: 60 }, /a batch may take 300 s/],
    [{ planBatch: 22 }, /a batch may take 272 s/],
    [{ commitBatch: 20 }, /batches may start for 19 s only/],
    [{ processShards: 10 }, /executors have 0 s to read/],
  ])('timeouts %o are refused', (timeouts, problem) => {
    expect(() => microBatch({ functions, type: 'EXPRESS', functionTimeoutSeconds: timeouts })).toThrow(problem);
  });

  test('every task waits longer than its function runs', () => {
    const own = Object.entries(functions).map(([name, arn]) => [arn, name as keyof typeof functions] as const);
    for (const [arn, name] of own) {
      const task = tasksOf(definition).find(([, { Parameters }]) => Parameters.FunctionName === arn)![1];
      expect(task.TimeoutSeconds, name).toBeGreaterThan(functionTimeoutSeconds[name]);
    }
  });

  test('the tasks and the key groups of a batch run in one wave', () => {
    for (const name of ['ProcessShards', 'ReduceKeyGroups']) {
      expect(definition.States[name]).toMatchObject({ MaxConcurrency: timing.maxTasks });
    }
  });
});

describe('the definition', () => {
  test('the rendered file is current', () => {
    expect(readFileSync(renderedFile, 'utf8'), 'run node state-machine/render.ts').toBe(renderMicroBatch());
  });

  test.each(['EXPRESS', 'STANDARD'] as const)('is valid as %s', (type) => {
    const { isValid, errorsText } = validate(microBatch({ functions: placeholders, type }).definition, {
      checkPaths: true,
      checkArn: true,
    });
    expect(isValid, errorsText('\n')).toBe(true);
  });

  test('every state says what it is for', () => {
    for (const [name, state] of Object.entries(definition.States)) expect(state.Comment, name).toBeTruthy();
    for (const [name, task] of tasksOf(definition)) expect(task.Comment, name).toBeTruthy();
  });
});
