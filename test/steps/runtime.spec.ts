/** What a deployed function takes from its environment. */
import { describe, expect, it } from 'vitest';
import { bytes, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { openOutline, outlineOf } from '../../functions/pipeline/outline.ts';
import { executorIn, overridesIn, tableIn } from '../../functions/steps/environment.ts';
import { budgetsIn, defaultReadBudgetBytes } from '../../functions/steps/user-code-ports.ts';

const definition = pipeline('copy')
  .readStream(kinesis({ streamName: 'in', endpointUrl: 'https://vpce-0a1b.kinesis.eu-west-1.vpce.amazonaws.com' }))
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out', endpointUrl: 'https://kinesis.eu-west-1.amazonaws.com' }));
/** As a step that runs user code sees it, and as one that does not. */
const bothWays = (environment: Record<string, string>) => {
  const overrides = overridesIn(environment);
  const whole = requirePipeline(definition, overrides);
  const bundled = JSON.parse(JSON.stringify(outlineOf(definition, requirePipeline(definition))));
  expect(openOutline(bundled, overrides)).toEqual(outlineOf(definition, whole).pipeline);
  return whole;
};
const endpoints = (environment: Record<string, string>) => {
  const { source, outputs } = bothWays(environment);
  return [source.endpointUrl, (outputs[0]!.sink.options as { endpointUrl?: string }).endpointUrl];
};

describe('the environment of a function', () => {
  it('counts more than the file: streams and endpoint', () => {
    expect(endpoints({ SLUICE_KINESIS_ENDPOINT: 'http://127.0.0.1:4566' })).toEqual([
      'http://127.0.0.1:4566',
      'http://127.0.0.1:4566',
    ]);
    const checked = bothWays({ SLUICE_SOURCE: 'arn:aws:kinesis:eu-west-1:222222222222:stream/theirs' });
    expect(checked.source.stream).toEqual({
      kind: 'arn',
      streamArn: 'arn:aws:kinesis:eu-west-1:222222222222:stream/theirs',
    });
  });

  it('says which roles are assumed, or that none is', () => {
    const roles = (environment: Record<string, string>) => {
      const { source, outputs } = bothWays(environment);
      return [source.role?.arn, (outputs[0]!.sink.options as { role?: { arn: string } }).role?.arn];
    };
    const arn = 'arn:aws:iam::222222222222:role/reader';
    expect(roles({ SLUICE_SOURCE_ROLE: arn, SLUICE_SINK_ROLE: 'none' })).toEqual([arn, undefined]);
    expect(roles({ SLUICE_SOURCE_ROLE: '', SLUICE_SINK_ROLE: arn })).toEqual([undefined, arn]);
  });

  it('leaves what it does not set, or sets to nothing, to the file', () => {
    const own = ['https://vpce-0a1b.kinesis.eu-west-1.vpce.amazonaws.com', 'https://kinesis.eu-west-1.amazonaws.com'];
    expect(endpoints({})).toEqual(own);
    expect(endpoints({ SLUICE_KINESIS_ENDPOINT: '' })).toEqual(own);
  });

  it('has to name the table', () => {
    expect(() => tableIn({})).toThrow(/SLUICE_TABLE/);
    expect(() => tableIn({ SLUICE_TABLE: '' })).toThrow(/SLUICE_TABLE/);
    expect(tableIn({ SLUICE_TABLE: 'table', SLUICE_DYNAMODB_ENDPOINT: '' })).toEqual({ table: 'table' });
    const bucket = { SLUICE_STATE_BUCKET: 'state', SLUICE_S3_ENDPOINT: 'http://127.0.0.1:9000' };
    expect(tableIn({ SLUICE_TABLE: 'table', ...bucket })).toMatchObject({
      stateBucket: 'state',
      s3Endpoint: 'http://127.0.0.1:9000',
    });
  });

  it('lets pages fill a tenth of the memory of the function, or of the default size where it is not known', () => {
    const budgetOf = (memory: string | undefined) =>
      budgetsIn(executorIn({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory })).readBudgetBytes;
    expect(budgetOf('1769')).toBe(defaultReadBudgetBytes);
    expect(Math.floor(defaultReadBudgetBytes / 16_777_216)).toBe(11);
    expect(budgetOf('3538')).toBe(2 * defaultReadBudgetBytes);
    expect(budgetOf(undefined)).toBeUndefined();
    expect(budgetOf('much')).toBeUndefined();
  });

  it('is refused by every step where it makes source and sink one stream', () => {
    const loop = { SLUICE_SOURCE: 'out' };
    const bundled = outlineOf(definition, requirePipeline(definition));
    const refused = /InvalidPipeline|sink.streamName: 'out' is not allowed/;
    expect(() => requirePipeline(definition, overridesIn(loop))).toThrow(refused);
    expect(() => openOutline(bundled, overridesIn(loop))).toThrow(refused);
    const message = (open: () => unknown) => {
      try {
        return open();
      } catch (error) {
        return String(error);
      }
    };
    expect(message(() => openOutline(bundled, overridesIn(loop)))).toBe(
      message(() => requirePipeline(definition, overridesIn(loop))),
    );
  });
});

it('streams and roles of further outputs come by their names', () => {
  const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/a';
  expect(overridesIn({ SLUICE_SINKS: `audit=${arn} copy=b`, SLUICE_SINK_ROLES: 'audit=none copy=none' })).toMatchObject(
    {
      sinks: { audit: arn, copy: 'b' },
      sinkRoles: { audit: 'none', copy: 'none' },
    },
  );
  expect(overridesIn({ SLUICE_SINKS: '' })).toMatchObject({ sinks: undefined, sinkRoles: undefined });
});
