/** A few seeds of the many that `npm run simulate` runs; and what a seed stands for. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { drawRun, runSeed } from './run-seed.ts';

const command = path.join(import.meta.dirname, 'command/simulate.ts');

/** In a process of its own. */
async function simulate(...flags: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const args = ['--conditions=sluice-source', command, ...flags, '--json'];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

describe('seeds', () => {
  it('keep every promise, with as many events and batches as they must have', async () => {
    const summary = await simulate('--seeds', '12', '--jobs', '1');
    expect(summary).toMatchObject({ runs: 12, violations: 0, failures: [] });
    expect(summary.fewestEvents).toBeGreaterThanOrEqual(200);
    expect(summary.fewestBatches).toBeGreaterThanOrEqual(15);
    expect(summary.resharded).toBeGreaterThanOrEqual(4);
  });

  it('keep them through the clients of the AWS SDK too', async () => {
    expect(await simulate('--seeds', '6', '--sdk')).toMatchObject({ runs: 6, violations: 0 });
  });

  it.each(['fan-out', 'switching'])('keep them in the profile %s', async (profile) => {
    const summary = await simulate('--seeds', '15', '--profile', profile, '--jobs', '1');
    expect(summary).toMatchObject({ runs: 15, violations: 0, failures: [] });
    expect(summary.fewestBatches).toBeGreaterThanOrEqual(15);
  });

  it.each(['view', 'firehose', 'lambda'])('keep them in the profile %s', async (profile) => {
    const summary = await simulate('--seeds', '8', '--profile', profile, '--jobs', '1');
    expect(summary).toMatchObject({ runs: 8, violations: 0, failures: [] });
    expect(summary.faults).toMatchObject({ crash: expect.any(Number), lost: expect.any(Number) });
  });

  it('keep them with tasks and key groups in waves, of which some give no answer', async () => {
    const summary = await simulate('--seeds', '8', '--profile', 'waves', '--jobs', '1');
    expect(summary).toMatchObject({ runs: 8, violations: 0, failures: [] });
    expect(summary.dimensions).toMatchObject({ 'two levels': { drawn: 8, mattered: 8 } });
  });

  it('keep them in chains of two pipelines, of which the second drops what the first has sent again', async () => {
    const summary = await simulate('--seeds', '12', '--profile', 'chain', '--jobs', '1');
    expect(summary).toMatchObject({ runs: 12, violations: 0, failures: [] });
    expect(summary.dimensions).toMatchObject({
      'repeats that are dropped': { drawn: 12, mattered: expect.any(Number) },
    });
    const { mattered } = (summary.dimensions as Readonly<Record<string, { readonly mattered: number }>>)[
      'repeats that are dropped'
    ]!;
    expect(mattered).toBeGreaterThanOrEqual(9);
  });

  it('keep them by fan-out through the clients of the AWS SDK, with the same trace each time', async () => {
    const seeds = ['--first-seed', '3', '--seeds', '2', '--profile', 'fan-out', '--sdk'];
    const [one, other] = await Promise.all([simulate(...seeds, '--jobs', '1'), simulate(...seeds, '--jobs', '2')]);
    expect([one, other]).toMatchObject([{ violations: 0 }, { violations: 0 }]);
    expect(one!.traceHash).toBe(other!.traceHash);
    expect(one!.faults).toEqual(other!.faults);
  });

  it('are as many as there is time for', async () => {
    const summary = await simulate('--seeds', '5000', '--seconds', '1', '--jobs', '1');
    expect(summary).toMatchObject({ violations: 0, failures: [] });
    expect(summary.runs).toBeGreaterThanOrEqual(1);
    expect(summary.runs).toBeLessThan(500);
  });

  it('read as the profile says', () => {
    const typeOf = (profile: 'fan-out' | 'switching') => drawRun(5, profile).scenario.consumerType;
    expect([typeOf('fan-out'), typeOf('switching')]).toEqual(['SubscribeToShard', 'switches']);
  });

  it('give the same trace in every process and thread, one after the other or side by side', async () => {
    const seeds = ['--first-seed', '41', '--seeds', '6'];
    const [one, other] = await Promise.all([simulate(...seeds, '--jobs', '1'), simulate(...seeds, '--jobs', '3')]);
    expect(one!.traceHash).toBe(other!.traceHash);
    expect(one!.strikes).toEqual(other!.strikes);
    const sdk = ['--first-seed', '4', '--seeds', '2', '--sdk'];
    const [direct, threaded] = await Promise.all([simulate(...sdk, '--jobs', '1'), simulate(...sdk, '--jobs', '2')]);
    expect(direct!.traceHash).toBe(threaded!.traceHash);
    expect(direct!.traceHash).not.toBe(one!.traceHash);
  });

  it('give another trace with other faults', async () => {
    const [own, none] = await Promise.all([runSeed(12), runSeed(12, { faults: [] })]);
    expect(drawRun(12).faults.length).toBeGreaterThan(0);
    expect(own.traceHash).not.toBe(none.traceHash);
  });
});
