/** What would be deployed: that both share what they should, and that somebody hears of trouble. */
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { FlightOperations } from './stack.ts';

const stack = new FlightOperations(new App(), 'FlightOperations');
const template = Template.fromStack(stack);

test('two pipelines share one table and one bucket, and the stream between them', () => {
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 2);
  template.resourceCountIs('AWS::DynamoDB::Table', 1);
  template.resourceCountIs('AWS::S3::Bucket', 1);
  template.resourceCountIs('AWS::Kinesis::Stream', 3);
  expect(stack.delaysByAirport.source).toBe(stack.delays.sink);
});

test('every alarm goes to the topic', () => {
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  expect(alarms.length).toBeGreaterThan(4);
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  for (const { Properties } of alarms) expect(Properties.AlarmActions).toEqual([{ Ref: topic }]);
});

test('one dashboard shows both', () => {
  const [board] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const titles = [...JSON.stringify(board).matchAll(/## ([\w-]+)/g)].map(([, title]) => title);
  expect(titles).toEqual(['delays', 'delays-by-airport']);
});

test('support may read results, and nobody but the first pipeline writes what the second one reads', () => {
  const policies = template.findResources('AWS::IAM::Policy', {
    Properties: { Roles: [{ Ref: Match.stringLikeRegexp('^Support') }] },
  });
  expect(JSON.stringify(policies)).toContain('kinesis:GetRecords');
  expect(JSON.stringify(policies)).not.toContain('kinesis:PutRecord');
});
