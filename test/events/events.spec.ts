import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../functions/steps/message-rules.ts';
import {
  commitBatchInputRule,
  planBatchInputRule,
  processShardsInputRule,
  reduceKeyGroupInputRule,
  sealBatchInputRule,
} from '../../functions/steps/messages.ts';
import { functionNames, payloadNames } from '../../local/invoke/rehearsal.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';

const rules = {
  'plan-batch': planBatchInputRule,
  'process-shards': processShardsInputRule,
  'seal-batch': sealBatchInputRule,
  'reduce-key-group': reduceKeyGroupInputRule,
  'commit-batch': commitBatchInputRule,
};
const settings = 'env.json';
const files = readdirSync('events').filter((name) => name.endsWith('.json') && name !== settings);
const read = (name: string) => JSON.parse(readFileSync(`events/${name}`, 'utf8'));

test.each(files)('%s is named after a function and is what that function takes', (name) => {
  const rule = Object.entries(rules).find(([step]) => name.startsWith(`${step}.`))?.[1];
  expect(rule, `${name} belongs to no function`).toBeDefined();
  // What has no rule is left out, and would be missing.
  expect(check<unknown>(rule!, read(name))).toEqual({ kind: 'fits', value: read(name) });
});

test.each(files)('%s has what the state machine passes', (name) => {
  const step = functionNames.find((candidate) => candidate.toLowerCase() === name.split('.')[0]?.replaceAll('-', ''));
  expect(Object.keys(read(name)).sort()).toEqual(payloadNames(step ?? 'PlanBatch').sort());
});

test.each(Object.keys(rules))('%s has an event', (step) => {
  expect(files.some((name) => name.startsWith(`${step}.`))).toBe(true);
});

describe('the spans in the events', () => {
  const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:step:1';
  const functions = { planBatch: arn, processShards: arn, sealBatch: arn, reduceKeyGroup: arn, commitBatch: arn };

  test('are those of the state machine', () => {
    const { timing } = microBatch({ functions, type: 'EXPRESS' });
    for (const event of files.map(read).filter((candidate) => 'timing' in candidate))
      expect(event.timing).toEqual(timing);
  });
});
