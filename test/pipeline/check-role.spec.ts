import { describe, expect, it } from 'vitest';
import { bytes, kinesis, pipeline } from '../../functions/index.ts';
import { checkPipeline, type PipelineOverrides, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';

const arn = 'arn:aws:iam::222222222222:role/team/reader';
const withRoles = (source: unknown, sink: unknown = undefined) =>
  pipeline('test')
    .readStream(kinesis({ streamName: 'in', role: source as { arn: string } }))
    .decode(bytes())
    .writeStream(kinesis({ streamName: 'out', role: sink as { arn: string } }));
const messages = (definition: unknown) => {
  const checked = checkPipeline(definition);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};

describe('a role to assume', () => {
  it('is none by default, for the source and for the sink', () => {
    const { source, outputs } = requirePipeline(withRoles(undefined));
    expect(source.role).toBeUndefined();
    expect(outputs[0]?.sink.options).toMatchObject({ role: undefined });
  });

  it('needs its ARN only', () => {
    const { source, outputs } = requirePipeline(withRoles({ arn }));
    expect(source.role).toEqual({
      arn,
      sessionName: undefined,
      externalId: undefined,
      durationMs: 3_600_000,
      stsRegion: undefined,
      stsEndpointUrl: undefined,
    });
    expect(outputs[0]?.sink.options).toMatchObject({ role: undefined });
  });

  it('is each its own', () => {
    const options = {
      sessionName: 'nightly@flights',
      externalId: 'partner:42/a',
      duration: '15 minutes',
      stsRegion: 'eu-central-1',
      stsEndpointUrl: 'https://vpce-0a1b.sts.eu-central-1.vpce.amazonaws.com',
    };
    const { source, outputs } = requirePipeline(withRoles({ arn }, { arn: `${arn}-2`, ...options }));
    expect(source.role).toMatchObject({ arn });
    const { duration: _, ...same } = options;
    expect(outputs[0]?.sink.options).toMatchObject({ role: { arn: `${arn}-2`, durationMs: 900_000, ...same } });
  });

  it('is asked for in the region of the STS endpoint, if its host name has one', () => {
    const stsRegion = (more: object) => requirePipeline(withRoles({ arn, ...more })).source.role?.stsRegion;
    const stsEndpointUrl = 'https://vpce-0a1b.sts.eu-central-1.vpce.amazonaws.com';
    expect(stsRegion({ stsEndpointUrl })).toBe('eu-central-1');
    expect(stsRegion({ stsEndpointUrl: 'https://sts-fips.us-east-1.amazonaws.com' })).toBe('us-east-1');
    for (const other of ['https://sts.amazonaws.com', 'http://127.0.0.1:4566'])
      expect(stsRegion({ stsEndpointUrl: other })).toBeUndefined();
    expect(messages(withRoles({ arn, stsEndpointUrl, stsRegion: 'us-east-1' }))).toEqual([
      `source.role.stsEndpointUrl: '${stsEndpointUrl}' is not allowed; use an endpoint of us-east-1, the stsRegion`,
    ]);
  });

  it('is one of any partition', () => {
    expect(messages(withRoles({ arn: 'arn:aws-us-gov:iam::333333333333:role/r' }))).toEqual([]);
  });
});

describe('from outside, a role', () => {
  const roles = (definition: unknown, overrides: PipelineOverrides) => {
    const { source, outputs } = requirePipeline(definition, overrides);
    return [source.role, (outputs[0]!.sink.options as { role?: unknown }).role];
  };
  const other = 'arn:aws:iam::444444444444:role/other';

  it('takes the place of the one in the file, whose other options stay', () => {
    const definition = withRoles({ arn, externalId: 'partner' }, { arn });
    expect(roles(definition, { sourceRole: other })).toMatchObject([{ arn: other, externalId: 'partner' }, { arn }]);
    expect(roles(definition, { sinkRole: other })).toMatchObject([{ arn }, { arn: other }]);
  });

  it('can be one where the file has none, and none where it has one', () => {
    expect(roles(withRoles(undefined), { sourceRole: other })).toMatchObject([
      { arn: other, durationMs: 3_600_000 },
      undefined,
    ]);
    expect(roles(withRoles({ arn }, { arn }), { sourceRole: 'none', sinkRole: 'none' })).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('is checked as well', () => {
    const checked = checkPipeline(withRoles(undefined), { sourceRole: 'reader' });
    expect(checked).toMatchObject({ kind: 'invalid', problems: [{ option: 'source.role.arn', value: 'reader' }] });
  });
});

describe('is refused:', () => {
  it.each([
    ['source.role.arn', ['', 'reader', 'arn:aws:iam::222222222222:user/reader', 'arn:aws:iam::2:role/r', 5, null]],
    ['source.role.sessionName', ['', 'x', 'x'.repeat(65), 'a b', 5, null]],
    ['source.role.externalId', ['', 'x', 'x'.repeat(1_225), 'a b', 5, null]],
    ['source.role.duration', ['14 minutes', '61 minutes', '12 hours', 3600, null]],
    ['source.role.stsRegion', ['', 'Ireland', 5, null]],
    ['source.role.stsEndpointUrl', ['', 'sts.amazonaws.com', 5, null]],
  ])('%s of a wrong value, by name and with what is allowed', (option, values) => {
    const name = option.split('.').at(-1)!;
    for (const value of values) {
      const [problem, ...others] = messages(withRoles({ arn, [name]: value }));
      expect(problem, String(value)).toMatch(new RegExp(`^${option}: .* is not allowed; use .{5,}`));
      expect(others).toEqual([]);
    }
  });

  it('longer than an hour, saying why', () => {
    expect(messages(withRoles({ arn, duration: '2 hours' }))).toEqual([
      "source.role.duration: '2 hours' is not allowed; use at most 1 hour: STS gives a role of a role no longer",
    ]);
  });

  it.each([
    ['an ARN alone', arn],
    ['a list', [arn]],
    ['null', null],
  ])('%s instead of an object', (_, given) => {
    expect(messages(withRoles(given))).toEqual([expect.stringMatching(/^source\.role: .* use an object of options/)]);
    expect(messages(withRoles(undefined, given))).toEqual([expect.stringMatching(/^sink\.role: /)]);
  });

  it('one without an ARN', () => {
    expect(messages(withRoles({ externalId: 'partner' }))).toEqual([
      expect.stringMatching(/^source\.role\.arn: nothing is given; use the ARN of a role such as/),
    ]);
  });

  it('what is no option, with the one that was meant', () => {
    expect(messages(withRoles({ arn, externalID: 'partner' }))).toEqual([
      'source.role.externalID: there is no such option; did you mean externalId?',
    ]);
  });
});
