/** A pipeline whose sink may be its source is refused, however the two are spelt. */
import { describe, expect, it } from 'vitest';
import { bytes, checkPipeline, kinesis, type PipelineOverrides, pipeline } from '../../functions/index.ts';

type Place = NonNullable<Parameters<typeof kinesis>[0]>;
const arnOf = (region: string, account: string) => `arn:aws:kinesis:${region}:${account}:stream/flights`;
const roleOf = (account: string) => ({ arn: `arn:aws:iam::${account}:role/reader` });
const [here, there] = ['111111111111', '222222222222'];
const named: Place = { streamName: 'flights' };

function problemsOf(source: Place, sink: Place, overrides?: PipelineOverrides): readonly string[] {
  const checked = checkPipeline(
    pipeline('loop').readStream(kinesis(source)).decode(bytes()).writeStream(kinesis(sink)),
    overrides,
  );
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
}

describe('source and sink', () => {
  it.each<[string, Place, Place]>([
    ['one name', named, named],
    ['a name and an ARN', named, { streamArn: arnOf('eu-west-1', here) }],
    ['an ARN and a name', { streamArn: arnOf('eu-west-1', here) }, named],
    ['one ARN', { streamArn: arnOf('eu-west-1', here) }, { streamArn: arnOf('eu-west-1', here) }],
    ['a name in a region and one in the own', { ...named, region: 'eu-west-1' }, named],
    ['an ARN and the name in its region', { streamArn: arnOf('eu-west-1', here) }, { ...named, region: 'eu-west-1' }],
    [
      'an ARN and the name by a role of its account',
      { streamArn: arnOf('eu-west-1', here) },
      { ...named, role: roleOf(here) },
    ],
    ['a name by a role and by none', { ...named, role: roleOf(here) }, named],
    [
      'the service and an endpoint of it',
      named,
      { ...named, endpointUrl: 'https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com' },
    ],
    ['the service and a name for its endpoint', named, { ...named, endpointUrl: 'https://kinesis.example.com' }],
  ])('may be one stream and are refused: %s', (_, source, sink) => {
    expect(problemsOf(source, sink)).toEqual([
      expect.stringMatching(/^sink\.stream(Name|Arn): .* than the one that is read/),
    ]);
    expect(problemsOf(source, { ...sink, allowLoop: true })).toEqual([]);
  });

  it.each<[string, Place, Place]>([
    ['two names', named, { streamName: 'delays' }],
    ['ARNs of two regions', { streamArn: arnOf('eu-west-1', here) }, { streamArn: arnOf('us-east-1', here) }],
    ['ARNs of two accounts', { streamArn: arnOf('eu-west-1', here) }, { streamArn: arnOf('eu-west-1', there) }],
    ['names in two regions', { ...named, region: 'eu-west-1' }, { ...named, region: 'us-east-1' }],
    ['roles of two accounts', { ...named, role: roleOf(here) }, { ...named, role: roleOf(there) }],
    [
      'endpoints of two regions',
      { ...named, endpointUrl: 'https://kinesis.eu-west-1.amazonaws.com' },
      { ...named, region: 'us-east-1' },
    ],
  ])('are two streams: %s', (_, source, sink) => {
    expect(problemsOf(source, sink)).toEqual([]);
  });

  it('are those that settings from outside name', () => {
    expect(problemsOf(named, { streamName: 'delays' }, { sink: 'flights' })).toHaveLength(1);
    expect(problemsOf(named, named, { sink: 'delays' })).toEqual([]);
    expect(problemsOf(named, named, { source: arnOf('eu-west-1', here), sink: arnOf('us-east-1', here) })).toEqual([]);
    expect(problemsOf(named, named, { allowLoop: true })).toEqual([]);
  });

  it('say nothing of this where they are no streams at all', () => {
    expect(problemsOf({ streamName: '' }, { streamName: '' })).toHaveLength(2);
    expect(problemsOf({} as Place, {} as Place)).toHaveLength(2);
  });
});
