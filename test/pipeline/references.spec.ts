/** What `withReference` refuses, and what stands in for what is not given. */
import { describe, expect, it } from 'vitest';
import { bytes, checkPipeline, kinesis, pipeline } from '../../functions/index.ts';

const events = pipeline('p')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes());
type Given = readonly [name: unknown, load: unknown, options?: unknown];

function checked(...references: readonly Given[]) {
  type Referring = { readonly withReference: (...given: Given) => typeof events };
  const stage = references.reduce((so, given) => (so as unknown as Referring).withReference(...given), events);
  return checkPipeline(stage.writeStream(kinesis({ streamName: 'out' })));
}
function problemsOf(...references: readonly Given[]): readonly string[] {
  const result = checked(...references);
  return result.kind === 'invalid' ? result.problems.map(({ message }) => message) : [];
}
const load = async () => 1;
const every = '1 hour';

describe('withReference', () => {
  it('takes a name, a load and how often', () => {
    const result = checked(
      ['airports', load, { every }],
      ['fees_2', () => 1, { every: '1 second', staleAfter: '1 second' }],
    );
    expect(result).toMatchObject({
      pipeline: {
        references: [
          { name: 'airports', load, everyMs: 3_600_000, staleAfterMs: 36_000_000, versionOf: undefined },
          { name: 'fees_2', everyMs: 1_000, staleAfterMs: 1_000 },
        ],
      },
    });
  });

  it('is no part of the fingerprint: state fits whatever it names', () => {
    const [without, other] = [checked(), checked(['airports', load, { every }])];
    if (without.kind === 'invalid' || other.kind === 'invalid') throw new Error('invalid');
    expect(other.pipeline.fingerprint).toBe(without.pipeline.fingerprint);
  });

  it.each<[readonly Given[], string]>([
    [
      [['', load, { every }]],
      "withReference: '' is not allowed; use a name of 1 to 32 letters, digits or _, beginning with a letter",
    ],
    [[['__proto__', load, { every }]], "withReference: '__proto__' is not allowed"],
    [[[undefined, load, { every }]], 'withReference: nothing is given; use a name of 1 to 32'],
    [[['a', undefined, { every }]], 'withReference a.load: nothing is given; use a function that loads it'],
    [[['a', 7, { every }]], 'withReference a.load: 7 is not allowed; use a function that loads it'],
    [[['a', load]], 'withReference a.every: nothing is given; use a duration of at least 1 second in whole numbers'],
    [[['a', load, { every: '0 seconds' }]], "withReference a.every: '0 seconds' is not allowed"],
    [
      [['a', load, { every, staleAfter: '1 minute' }]],
      "withReference a.staleAfter: '1 minute' is not allowed; use a duration of at least every, 1 hour",
    ],
    [[['a', load, { every, version: async () => '' }]], 'withReference a.version: an async function is not allowed'],
    [[['a', load, { every, stale: '1 day' }]], 'withReference a.stale: there is no such option'],
    [[['a', load, '1 hour']], "withReference a: '1 hour' is not allowed; use an object of options"],
    [
      [
        ['a', load, { every }],
        ['a', load, { every }],
      ],
      "withReference: 'a' is not allowed; use each name once",
    ],
  ])('refuses %o', (references, message) => {
    expect(problemsOf(...references).join('\n')).toContain(message);
  });

  it('takes ten at most', () => {
    const of = (count: number) => Array.from({ length: count }, (_, at): Given => [`r${at}`, load, { every }]);
    expect(problemsOf(...of(10))).toEqual([]);
    expect(problemsOf(...of(11))).toEqual(['withReference: 11 is not allowed; use it 10 times at most']);
  });
});
