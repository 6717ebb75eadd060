import { describe, expect, it } from 'vitest';
import { bytes, kinesis, pipeline } from '../../functions/index.ts';
import { checkPipeline, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { regionOfEndpoint } from '../../functions/pipeline/endpoint.ts';

describe('the region in the host name of an endpoint', () => {
  it.each([
    ['https://kinesis.us-east-1.amazonaws.com', 'us-east-1'],
    ['https://kinesis.us-east-1.amazonaws.com:443/', 'us-east-1'],
    ['https://kinesis.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['https://kinesis-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['https://kinesis.ap-southeast-2.api.aws', 'ap-southeast-2'],
    ['https://123456789012.data-kinesis.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['https://vpce-0a1b2c3d-4e5f6g7h.kinesis.us-east-1.vpce.amazonaws.com', 'us-east-1'],
    ['https://vpce-0a1b2c3d-4e5f6g7h-us-east-1a.kinesis.us-east-1.vpce.amazonaws.com', 'us-east-1'],
    ['https://vpce-0a1b2c3d-4e5f6g7h.kinesis-fips.us-east-1.vpce.amazonaws.com', 'us-east-1'],
  ])('%s is %s', (url, region) => {
    expect(regionOfEndpoint(url, 'kinesis')).toBe(region);
  });

  it.each([
    'http://localhost:4567',
    'http://127.0.0.1:4567',
    'http://[::1]:4567',
    'http://kinesis:4567',
    'https://kinesis.internal.example.com',
    'https://streams.eu-west-1.example.com',
    'https://sts.eu-west-1.amazonaws.com',
    'no url',
  ])('%s has none', (url) => {
    expect(regionOfEndpoint(url, 'kinesis')).toBeUndefined();
  });
});

const vpce = 'https://vpce-0a1b-2c3d.kinesis.eu-west-1.vpce.amazonaws.com';
const arn = (region: string) => `arn:aws:kinesis:${region}:123456789012:stream/flights`;
const reading = (options: object) =>
  pipeline('test')
    .readStream(kinesis(options as { streamName: string }))
    .decode(bytes())
    .writeStream(kinesis({ streamName: 'out' }));
const regionOf = (options: object, overrides: object = {}) =>
  requirePipeline(reading(options), overrides).source.region;

describe('requests are signed for', () => {
  it("the region of the ARN, else the option's, else the one in the endpoint, else the program's", () => {
    expect(regionOf({ streamArn: arn('eu-west-1'), endpointUrl: vpce })).toBe('eu-west-1');
    expect(regionOf({ streamName: 'in', region: 'eu-west-1', endpointUrl: vpce })).toBe('eu-west-1');
    expect(regionOf({ streamName: 'in', endpointUrl: vpce })).toBe('eu-west-1');
    expect(regionOf({ streamName: 'in', endpointUrl: 'http://localhost:4567' })).toBeUndefined();
    expect(regionOf({ streamName: 'in' })).toBeUndefined();
  });

  it('source and sink each in their own place', () => {
    const definition = pipeline('test')
      .readStream(kinesis({ streamName: 'in', endpointUrl: vpce }))
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'out', region: 'us-east-1', endpointUrl: 'http://localhost:4567' }));
    const { source, outputs } = requirePipeline(definition);
    expect(source).toMatchObject({ region: 'eu-west-1', endpointUrl: vpce });
    expect(outputs[0]?.sink.options).toMatchObject({ region: 'us-east-1', endpointUrl: 'http://localhost:4567' });
  });

  it.each([
    ['the ARN', { streamArn: arn('us-east-1'), endpointUrl: vpce }, {}],
    ['the option', { streamName: 'in', region: 'us-east-1', endpointUrl: vpce }, {}],
    ['a stream from outside', { streamName: 'in', endpointUrl: vpce }, { source: arn('us-east-1') }],
  ])('no endpoint of another region than that of %s', (_, options, overrides) => {
    const checked = checkPipeline(reading(options), overrides);
    expect(checked).toMatchObject({
      kind: 'invalid',
      problems: [
        { option: 'source.endpointUrl', value: vpce, allowed: "an endpoint of us-east-1, the stream's region" },
      ],
    });
  });
});
