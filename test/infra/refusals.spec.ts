import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { synthesise } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-infra-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pipelineFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const chain = (options: { readonly source?: string; readonly sink?: string; readonly trigger?: string }) => `
  import { bytes, console, kinesis, pipeline } from 'kinesis-sluice';
  export default pipeline('copy')
    .readStream(kinesis({ streamName: 'in', ${options.source ?? ''} }))
    .decode(bytes())
    .writeStream(${options.sink ?? "kinesis({ streamName: 'out' })"})
    ${options.trigger ?? ''};
`;

describe('a pipeline that can not work stops the synthesis', () => {
  test('with every problem of its options', () => {
    const file = pipelineFile(
      'wrong.ts',
      chain({ source: "maxFetchRecordsPerShard: -1, describeShardInterval: 'soon' as never" }),
    );
    expect(() => synthesise({ pipeline: file })).toThrow(
      /can't be deployed.*describeShardInterval.*maxFetchRecordsPerShard/s,
    );
  });

  test('with what is wrong in its code', () => {
    const file = pipelineFile('broken.ts', `import { nothing } from './missing.ts';\nexport default nothing;`);
    expect(() => synthesise({ pipeline: file })).toThrow(/broken.ts.*missing\.ts/s);
  });

  test('when the file is not there', () => {
    expect(() => synthesise({ pipeline: 'examples/none.ts' })).toThrow(/examples\/none.ts/);
  });

  test('when it writes to a console that a function does not have', () => {
    const file = pipelineFile('console.ts', chain({ sink: 'console()' }));
    expect(() => synthesise({ pipeline: file })).toThrow(/copy.*console.*development/);
  });

  test('when it reads what it writes, unless the construct names other streams', () => {
    const file = pipelineFile('loop.ts', chain({ sink: "kinesis({ streamName: 'in' })" }));
    expect(() => synthesise({ pipeline: file, source: undefined, sink: undefined })).toThrow(
      /sink\.streamName: 'in'.*allowLoop/,
    );
    expect(() => synthesise({ pipeline: file })).not.toThrow();
  });

  test('when its trigger is no number of minutes that a schedule can count', () => {
    const file = pipelineFile('trigger.ts', chain({ trigger: ".trigger({ every: '90 seconds' })" }));
    expect(() => synthesise({ pipeline: file })).toThrow(/90 seconds.*whole minutes/);
    expect(() => synthesise({ pipeline: file, schedule: false })).not.toThrow();
  });
});

test('a trigger above a minute is the schedule', () => {
  const file = pipelineFile('minutes.ts', chain({ trigger: ".trigger({ every: '5 minutes' })" }));
  synthesise({ pipeline: file }).template.hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(5 minutes)',
  });
});
