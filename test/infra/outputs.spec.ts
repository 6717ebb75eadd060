/** What a pipeline writes to, in a stack: any kind of sinks, and any number of outputs. */
import { expect, test } from 'vitest';
import { actionsOf, resources, type Statement, statements, synthesise } from './stack.ts';

const writing = (template: Parameters<typeof statements>[0], step: string, actions: RegExp): readonly Statement[] =>
  statements(template)
    .filter(({ role }) => role.includes(`${step}Role`))
    .map(({ statement }) => statement)
    .filter((statement) => actionsOf(statement).some((action) => actions.test(action)));
const environments = (template: Parameters<typeof statements>[0]) =>
  resources(template, 'AWS::Lambda::Function').map(
    ({ properties }) => (properties.Environment as { Variables: Record<string, unknown> }).Variables,
  );

test('a kind that Sluice does not have is granted what it says, where rows are written, and nothing elsewhere', () => {
  const { template, pipeline } = synthesise({ pipeline: 'test/toys/shelf-pipeline.ts', sink: undefined });
  const partition = { Ref: 'AWS::Partition' };
  const [region, account] = [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }];
  expect(writing(template, 'ReduceKeyGroup', /PutRecords/)).toEqual([]);
  const filling = statements(template).filter(({ statement }) => statement.Sid === 'FillShelf');
  expect(filling.map(({ role }) => role)).toEqual([expect.stringContaining('ReduceKeyGroupRole')]);
  expect(filling[0]?.statement).toMatchObject({
    Action: 'dynamodb:PutItem',
    Resource: { 'Fn::Join': ['', ['arn:', partition, ':dynamodb:', region, ':', account, ':table/visits']] },
  });
  // There is no stream to name in its place.
  for (const variables of environments(template)) expect(Object.keys(variables)).not.toContain('SLUICE_SINK');
  expect(() => pipeline.sink).toThrow(/shelved writes to no Kinesis stream/);
});

test('a stream for a sink that is none is refused', () => {
  expect(() => synthesise({ pipeline: 'test/toys/shelf-pipeline.ts', sink: {} })).toThrow(
    /sink and sinkRole are for a Kinesis sink: the pipeline shelved writes to shelf/,
  );
});

test('each output is written by the function that has what it takes, under statements of its own', () => {
  const { template, pipeline } = synthesise({ pipeline: 'test/infra/pipelines/two-outputs.ts' });
  const written = writing(template, 'ProcessShards', /PutRecords/);
  expect(written.map(({ Sid, Resource }) => [Sid, JSON.stringify(Resource)])).toEqual([
    // The stack's own stream takes the place of the one that the chain names, and of no other.
    ['WriteSink', expect.stringMatching(/Fn::GetAtt.*Sink/)],
    ['WriteSink2', expect.stringMatching(/stream\/copied/)],
  ]);
  expect(writing(template, 'ReduceKeyGroup', /PutRecords/)).toEqual([]);
  for (const variables of environments(template))
    expect(variables.SLUICE_SINK).toEqual({ 'Fn::GetAtt': [expect.stringContaining('Sink'), 'Arn'] });
  expect(pipeline.sink.streamArn).toBeDefined();
});
