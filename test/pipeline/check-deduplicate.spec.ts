/** What `deduplicate` of a source takes, and how it refuses the rest. */
import { describe, expect, test } from 'vitest';
import { bytes, checkPipeline, kinesis, pipeline } from '../../functions/index.ts';

const check = (deduplicate: unknown) =>
  checkPipeline(
    pipeline('any')
      .readStream(kinesis({ streamName: 'in', deduplicate: deduplicate as true }))
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'out' })),
  );
const dayMs = 86_400_000;

test.each([
  ['nothing', undefined, undefined],
  ['false', false, undefined],
  ['true', true, { identityField: '_sluice', forgetAfterMs: 30 * dayMs }],
  ['no options', {}, { identityField: '_sluice', forgetAfterMs: 30 * dayMs }],
  ['both options', { identityField: 'id', forgetAfter: '90 days' }, { identityField: 'id', forgetAfterMs: 90 * dayMs }],
])('it takes %s', (_, given, expected) => {
  const checked = check(given);
  expect(checked.kind === 'valid' && checked.pipeline.source.deduplicate).toEqual(expected);
});

describe('it refuses, with what would be right,', () => {
  test.each([
    ['a word', 'yes', /source\.deduplicate.*'yes'.*true, false or an object of options/],
    ['a list', [], /source\.deduplicate.*true, false or an object/],
    ['null', null, /source\.deduplicate.*null.*true, false or an object/],
    ['another option', { forgetafter: '1 day' }, /source\.deduplicate\.forgetafter.*forgetAfter/],
    ['an empty name', { identityField: '' }, /source\.deduplicate\.identityField.*1 to 64 characters/],
    ['less than a minute', { forgetAfter: '10 seconds' }, /source\.deduplicate\.forgetAfter.*at least 1 minute/],
    ['a number', { forgetAfter: 30 }, /source\.deduplicate\.forgetAfter.*30.*a duration/],
  ])('%s', (_, given, message) => {
    const checked = check(given);
    const problems = checked.kind === 'invalid' ? checked.problems.map((problem) => problem.message) : [];
    expect(problems).toEqual([expect.stringMatching(message)]);
  });
});
