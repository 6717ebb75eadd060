/** What a pipeline has that runs more at once than one Map does. Template only. */
import { describe, expect, test } from 'vitest';
import { microBatch } from '../../state-machine/micro-batch.ts';
import { resources, statements, synthesise } from './stack.ts';

const wide = { pipeline: 'test/infra/pipelines/wide.ts' };
const { template, pipeline } = synthesise(wide);
const machines = resources(template, 'AWS::StepFunctions::StateMachine');
const idOf = (part: string): string => machines.find(({ id }) => id.includes(part))!.id;

describe('a pipeline of more tasks and key groups than run at once', () => {
  test('has a nested machine for each, Express ones that log where the driver does, whatever that is', () => {
    expect(machines.map(({ properties }) => properties.StateMachineType)).toEqual(['EXPRESS', 'EXPRESS', 'EXPRESS']);
    const logs = machines.map(({ properties }) => JSON.stringify(properties.LoggingConfiguration));
    expect(new Set(logs).size).toBe(1);
    expect(logs[0]).toContain('"IncludeExecutionData":false,"Level":"ERROR"');
    const standard = synthesise({ ...wide, stateMachineType: 'STANDARD' }).template;
    const types = resources(standard, 'AWS::StepFunctions::StateMachine').map(
      ({ properties }) => properties.StateMachineType,
    );
    expect(types.toSorted()).toEqual(['EXPRESS', 'EXPRESS', 'STANDARD']);
  });

  test('is traced in all of them', () => {
    const traced = resources(synthesise({ ...wide, tracing: true }).template, 'AWS::StepFunctions::StateMachine');
    expect(traced.map(({ properties }) => properties.TracingConfiguration)).toEqual(Array(3).fill({ Enabled: true }));
  });

  test('names them in its definition, and functions in theirs not at all', () => {
    const text = JSON.stringify(machines.find(({ id }) => id === idOf('Driver'))!.properties.DefinitionString);
    for (const part of ['TasksWave', 'GroupsWave']) {
      expect(text).toContain(`"Ref":"${idOf(part)}"`);
      const nested = machines.find(({ id }) => id === idOf(part))!.properties.DefinitionString;
      expect(JSON.stringify(nested)).not.toContain('Version');
    }
    expect(pipeline.stateMachine.node.id).toBe('Driver');
  });
});

describe('the rights of its machines', () => {
  const all = statements(template);
  const of = (role: string) => all.filter((one) => one.role.includes(role)).map(({ statement }) => statement);

  test('the driver may run these two, and start nothing but itself', () => {
    const run = of('DriverRole').filter(({ Sid }) => Sid === 'RunWaves');
    expect(run).toHaveLength(1);
    expect(run[0]!.Action).toBe('states:StartSyncExecution');
    expect(run[0]!.Resource).toEqual([{ Ref: idOf('TasksWave') }, { Ref: idOf('GroupsWave') }]);
    const start = of('DriverRole').find(({ Action }) => Action === 'states:StartExecution');
    expect(start?.Resource).toEqual({ Ref: idOf('Driver') });
  });

  test.each([
    ['TasksWave', 'ProcessShards'],
    ['GroupsWave', 'ReduceKeyGroup'],
  ])('%s may invoke any version of %s, and start nothing', (role, name) => {
    const invoke = of(role).filter(({ Action }) => Action === 'lambda:InvokeFunction');
    const [resource] = [invoke[0]!.Resource].flat();
    expect([invoke[0]!.Resource].flat()).toHaveLength(1);
    expect(resource).toEqual({ 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringContaining(name), 'Arn'] }, ':*']] });
    expect(JSON.stringify(of(role))).not.toContain('states:Start');
  });
});

test('a pipeline of no more than that has one machine, with the definition that it has without a width', () => {
  const plain = resources(synthesise().template, 'AWS::StepFunctions::StateMachine');
  expect(plain).toHaveLength(1);
  const functions = { planBatch: 'a', processShards: 'b', sealBatch: 'c', reduceKeyGroup: 'd', commitBatch: 'e' };
  const states = Object.keys(microBatch({ functions, type: 'EXPRESS' }).definition.States);
  const text = JSON.stringify(plain[0]!.properties.DefinitionString);
  for (const state of states) expect(text).toContain(state);
  expect(text).not.toContain('startSyncExecution');
});
