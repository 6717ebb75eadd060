import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultsFiles, sinkOverrides } from '../../cli/dev-outputs.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import severalOutputs from './pipelines/several-outputs.ts';

const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/other';

describe('--sink', () => {
  const read = (sink: readonly string[], environment: Record<string, string> = {}) => {
    const problems: string[] = [];
    const { sink: main, sinks, sinkRole, sinkRoles } = sinkOverrides({ sink }, environment, problems);
    return { problems, main, sinks, sinkRole, sinkRoles };
  };

  it('without a name is of the first output, and by the names of further ones theirs', () => {
    expect(read(['other', 'even=odd', `ids=${arn}`])).toMatchObject({
      problems: [],
      main: 'other',
      sinks: { even: 'odd', ids: arn },
    });
    expect(read([`main=${arn}`])).toMatchObject({ problems: [], main: arn, sinks: {} });
    expect(read([])).toMatchObject({ problems: [], main: undefined, sinks: {} });
  });

  it('counts more than the environment, output by output', () => {
    const environment = {
      ...{ SLUICE_SINK: 'a', SLUICE_SINKS: 'even=b ids=c' },
      ...{ SLUICE_SINK_ROLE: 'none', SLUICE_SINK_ROLES: 'even=none' },
    };
    const roles = { sinkRole: 'none', sinkRoles: { even: 'none' } };
    expect(read([], environment)).toMatchObject({ main: 'a', sinks: { even: 'b', ids: 'c' }, ...roles });
    expect(read(['d', 'ids=e'], environment)).toMatchObject({ main: 'd', sinks: { even: 'b', ids: 'e' }, ...roles });
  });

  it.each([
    { sink: ['a', 'main=b'], problem: '--sink: it is said twice of the output main' },
    { sink: ['even=a', 'even=b'], problem: '--sink: it is said twice of the output even' },
    { sink: ['even='], problem: '--sink even=: it is empty' },
    { sink: [''], problem: '--sink: it is empty' },
  ])('is refused as $sink', ({ sink, problem }) => {
    expect(read(sink).problems).toEqual([problem]);
  });
});

describe('--results', () => {
  const pipeline = requirePipeline(severalOutputs);
  const only = (...ids: string[]) => ({ outputs: pipeline.outputs.filter(({ id }) => ids.includes(id)) });
  const folder = os.tmpdir();
  const file = (name: string): string => path.join(folder, name);
  const read = (results: readonly string[], of: Parameters<typeof resultsFiles>[1] = pipeline) => {
    const problems: string[] = [];
    return { files: [...resultsFiles({ results }, of, problems)], problems };
  };

  it('without a name is of the first output that has a stream, and by a name of that one', () => {
    expect(read([file('a')])).toEqual({ files: [['main', file('a')]], problems: [] });
    expect(read([file('a')], only('shown', 'ids'))).toEqual({ files: [['ids', file('a')]], problems: [] });
    expect(read([file('a'), `even=${file('b')}`])).toEqual({
      files: [
        ['main', file('a')],
        ['even', file('b')],
      ],
      problems: [],
    });
  });

  it('takes a path with such a sign behind its folder or its first dot', () => {
    expect(read([file('a=b'), 'even=./c=d'])).toMatchObject({
      files: [
        ['main', file('a=b')],
        ['even', './c=d'],
      ],
    });
    expect(read(['./even=c'])).toMatchObject({ files: [['main', './even=c']], problems: [] });
  });

  const there = 'there is no output odd; use one of main, even, ids, shown, or ./odd=x for a file of that name';
  it.each([
    { results: ['odd=x'], problem: `--results odd=x: ${there}` },
    { results: ['shown=x'], problem: '--results shown=x: it is of sinks in AWS; this output writes to console' },
    { results: ['x', 'main=y'], problem: '--results: it is said twice of the output main' },
    { results: ['x', 'even=x'], problem: '--results even=x: the records of another output go to that file' },
    { results: ['/no/such/x'], problem: '--results /no/such/x: its folder does not exist' },
    { results: ['even=/no/x'], problem: '--results even=/no/x: its folder does not exist' },
    { results: [''], problem: '--results: it is empty' },
  ])('is refused as $results', ({ results, problem }) => {
    expect(read(results).problems).toEqual([problem]);
  });

  it('is refused where nothing can be read again', () => {
    expect(read(['x'], only('shown')).problems).toEqual([
      '--results x: it is of sinks in AWS; this pipeline writes to console',
    ]);
  });
});
