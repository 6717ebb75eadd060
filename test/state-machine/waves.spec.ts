import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { mostKeyGroups, mostTasks, usualTasks } from '../../functions/pipeline/scale.ts';
import { check } from '../../functions/steps/message-rules.ts';
import { processShardsInputRule, reduceKeyGroupInputRule, timingRule } from '../../functions/steps/messages.ts';
import { saidOfGroupsRule, sumUpWaveInputRule } from '../../functions/steps/reduced-messages.ts';
import { worstCaseSeconds } from '../../state-machine/asl.ts';
import {
  functionTimeoutSeconds,
  maxKeyGroups,
  maxTasks,
  microBatch,
  type Width,
} from '../../state-machine/micro-batch.ts';
import { placeholders } from '../../state-machine/render.ts';
import { maxConcurrency } from '../../state-machine/timing.ts';
import { type Call, functions, named, payloadsOf, process, reduce, runLoop, type Script } from './scripted-loop.ts';

const machineOf = (width: Width, type: 'EXPRESS' | 'STANDARD' = 'EXPRESS') => microBatch({ functions, type, width });
const wide = machineOf({ tasks: 1_600, keyGroups: 400 });
/** Two of each in a wave. */
const small = machineOf({ tasks: 40, keyGroups: 40, atOnce: 2 });

const done = { next: 'done', turn: 1, reason: 'caught-up' };
const tasks = [[0, 1], [2, 3], [4]];
const groups = [[0, 1], [2]];
const said = (keyGroup: number) => ({ keyGroup, emitted: 1, done: true, progressed: true });
const summed = { groups: [said(0)], sums: {} };

const run = (scripts: Readonly<Record<string, Script>>) =>
  runLoop(scripts, { definition: small.definition, waves: small.waves });
const batch = {
  PlanBatch: [{ ...process, tasks }, done],
  ReadTask: [{ outcome: 'moved' }],
  SealBatch: [{ ...reduce, keyGroups: groups }],
  ReduceKeyGroup: [said(0)],
  SumUpWave: [summed],
  CommitBatch: [{ next: 'plan', turn: 1, caughtUp: false }],
};
const fieldOf = (calls: readonly Call[], step: string, field: string) =>
  payloadsOf({ calls } as never, step).map((payload) => payload[field]);

describe('a batch of more tasks and key groups than run at once', () => {
  test('runs each of them, with what it has without waves', async () => {
    const { calls, result } = await run(batch);
    expect(result.kind).toBe('succeeded');
    expect(fieldOf(calls, 'ReadTask', 'task').toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(fieldOf(calls, 'ReduceKeyGroup', 'keyGroup').toSorted()).toEqual([0, 1, 2]);
    const [read] = payloadsOf({ calls } as never, 'ReadTask');
    expect(check(processShardsInputRule, read)).toEqual({ kind: 'fits', value: read });
    const [reducing] = payloadsOf({ calls } as never, 'ReduceKeyGroup');
    expect(check(reduceKeyGroupInputRule, reducing)).toEqual({ kind: 'fits', value: reducing });
  });

  test('has its outcomes in the order of its tasks, whatever the waves', async () => {
    const outcomes = ['moved', 'caught-up', 'behind', 'moved', 'held'].map((outcome) => ({ outcome }));
    const { calls } = await run({ ...batch, ReadTask: outcomes });
    const byTask = payloadsOf({ calls } as never, 'ReadTask').map(({ task }, at) => [task, outcomes[at]!.outcome]);
    const inOrder = byTask.toSorted(([one], [other]) => Number(one) - Number(other)).map(([, outcome]) => outcome);
    expect(fieldOf(calls, 'SealBatch', 'outcomes')).toEqual([inOrder]);
  });

  test('goes back to the plan where none has moved', async () => {
    const { calls, steps } = await run({ ...batch, ReadTask: [{ outcome: 'behind' }] });
    expect(steps).not.toContain('SealBatch');
    expect(fieldOf(calls, 'PlanBatch', 'outcomes')[1]).toEqual(Array(5).fill('behind'));
  });

  test('has what each wave of reducers says added up by a function of theirs, and the sums told to the commit step', async () => {
    const { calls } = await run(batch);
    const asked = payloadsOf({ calls } as never, 'SumUpWave');
    expect(asked.map(({ answers }) => (answers as unknown[]).length).toSorted()).toEqual([1, 2]);
    for (const input of asked) expect(check(sumUpWaveInputRule, input)).toMatchObject({ kind: 'fits' });
    expect(fieldOf(calls, 'CommitBatch', 'groups')).toEqual([[summed, summed]]);
  });
});

describe('a wave', () => {
  test('that a task refuses ends the execution by the name of the refusal, although the call went well', async () => {
    const { result, steps } = await run({ ...batch, ReadTask: [named('NotAllowed', 'no permission')] });
    expect(result).toEqual({ kind: 'failed', error: 'NotAllowed', cause: 'no permission' });
    expect(steps).not.toContain('SealBatch');
  });

  test('that a reducer refuses does so before the commit', async () => {
    const { result, steps } = await run({ ...batch, ReduceKeyGroup: [named('MissingItem', 'no block')] });
    expect(result).toEqual({ kind: 'failed', error: 'MissingItem', cause: 'no block' });
    expect(steps).not.toContain('CommitBatch');
  });

  test('with a task that failed is told of that task alone', async () => {
    const { calls } = await run({ ...batch, ReadTask: [named('TypeError'), { outcome: 'moved' }] });
    const [outcomes] = fieldOf(calls, 'SealBatch', 'outcomes') as string[][];
    expect(outcomes!.toSorted()).toEqual(['failed', 'moved', 'moved', 'moved', 'moved']);
  });

  test('that is not summed up has failed for now, with its key groups by number', async () => {
    const { calls } = await run({ ...batch, SumUpWave: [named('Sandbox.Timedout'), summed] });
    const [first] = fieldOf(calls, 'CommitBatch', 'groups') as unknown[][];
    expect(first).toContainEqual(summed);
    const lost = first!.find((one) => one !== summed && JSON.stringify(one).includes('lost'));
    expect(check(saidOfGroupsRule, lost)).toMatchObject({ kind: 'fits', value: { why: expect.any(String) } });
  });

  test('that gives no answer has failed with all its tasks: the list may be longer than that', async () => {
    const { calls, result, steps } = await runLoop(batch, { definition: small.definition, waves: {} });
    expect(result.kind).toBe('succeeded');
    expect(steps).toBe('PlanBatch PlanBatch');
    expect(fieldOf(calls, 'PlanBatch', 'outcomes')[1]).toEqual(Array(3 * maxConcurrency).fill('failed'));
  });
});

describe('the time of waves', () => {
  const worst = (name: string) => worstCaseSeconds(wide.definition.States[name]!);
  const [reads, reduces] = [wide.waves['tasks-in-wave']!, wide.waves['keyGroups-in-wave']!];

  test('is that of what is in them, and who waits waits longer', () => {
    expect(reads.TimeoutSeconds).toBe(58 + 2);
    expect(reduces.TimeoutSeconds).toBe(58 + (5 + 1 + 2) + 2);
    expect(worst('ProcessShards')).toBe(reads.TimeoutSeconds + 3 + (1 + 2));
    expect(worst('ReduceKeyGroups')).toBe(reduces.TimeoutSeconds + 3 + (1 + 2));
  });

  test('is part of the spans that leases go by', () => {
    expect(wide.timing).toMatchObject({
      planToSealSeconds: 66 + 37,
      sealToCommitSeconds: 74 + 34,
      rotateAfterSeconds: 295 - (37 + 66 + 37 + 74 + 34) - 7,
      ...{ maxTasks: 1_600, tasksInWave: 40, groupsInWave: 40 },
    });
    expect(check(timingRule, wide.timing)).toEqual({ kind: 'fits', value: wide.timing });
  });

  test('leaves a Standard execution more turns than forty tasks in its own history do', () => {
    expect(machineOf({ tasks: 400, keyGroups: 400 }, 'STANDARD').timing.maxTurns).toBeGreaterThan(14);
  });

  test.each([
    [{ tasks: 1_601, keyGroups: 1 }, {}, /1601 tasks don't run at once: 1600 do/],
    [{ tasks: 1, keyGroups: 401 }, {}, /401 key groups are too many: 400 are allowed/],
    [{ tasks: 41, keyGroups: 41 }, { processShards: 33 }, /a batch may take 270 s/],
  ])('%o with %o is refused', (width, timeouts, problem) => {
    const build = () => microBatch({ functions, type: 'EXPRESS', width, functionTimeoutSeconds: timeouts });
    expect(build).toThrow(problem);
  });
});

describe('the width', () => {
  test('makes waves of what is more than runs at once, and of nothing else', () => {
    const plain = microBatch({ functions, type: 'EXPRESS' });
    expect(machineOf({ tasks: 40, keyGroups: 40 })).toEqual(plain);
    expect(plain.waves).toEqual({});
    expect(Object.keys(machineOf({ tasks: 41, keyGroups: 40 }).waves)).toEqual(['tasks-in-wave']);
    expect(Object.keys(machineOf({ tasks: 40, keyGroups: 41 }).waves)).toEqual(['keyGroups-in-wave']);
  });

  test('is that of definitions', () => {
    expect([mostTasks, mostKeyGroups, usualTasks]).toEqual([maxTasks, maxKeyGroups, maxConcurrency]);
  });

  test('gives valid definitions', () => {
    const waves = { tasks: 'arn:aws:states:eu-west-1:123456789012:stateMachine:a', keyGroups: 'b' };
    const built = microBatch({
      functions: placeholders,
      type: 'EXPRESS',
      width: { tasks: 400, keyGroups: 400 },
      waves,
    });
    for (const definition of [built.definition, ...Object.values(built.waves)]) {
      const { isValid, errorsText } = validate(definition, { checkPaths: true, checkArn: true });
      expect(isValid, errorsText('\n')).toBe(true);
    }
  });

  test('names functions in the machine itself alone: what is deployed meanwhile changes nothing for an execution', () => {
    const nested = JSON.stringify(Object.values(wide.waves));
    for (const arn of Object.values(functions)) expect(nested).not.toContain(arn);
    expect(functionTimeoutSeconds.processShards).toBe(22);
  });

  test('says of every state what it is for', () => {
    for (const definition of [wide.definition, ...Object.values(wide.waves)])
      for (const [name, state] of Object.entries(definition.States)) expect(state.Comment, name).toBeTruthy();
  });
});
