/**
 * The source against what was put: random programs of puts, splits, merges, scalings, stops and restarts, from each
 * starting position, by a pipeline that hands every event on. The checks of every run hold each event once against the
 * ledger, and the order of each key. `npm run simulate -- --profile source` runs as many as one likes.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isCallFault } from './faults/fault.ts';
import { simulateBroken } from './planted/broken-product.ts';
import { plantedFaults } from './planted/planted-faults.ts';
import { drawRun } from './run-seed.ts';

const command = path.join(import.meta.dirname, 'command/simulate.ts');
const count = 40;

describe('programs for the source', () => {
  const programs = Array.from({ length: 200 }, (_, seed) => drawRun(seed + 1, 'source'));

  it('start everywhere, with aggregated records and without, one or several to an executor', () => {
    const seen = new Set(
      programs.map(({ scenario }) => `${scenario.startingPosition} ${scenario.perRecord > 1 ? 'aggregated' : 'plain'}`),
    );
    expect(seen.size).toBe(6);
    expect(new Set(programs.map(({ scenario }) => scenario.shardsPerTask)).size).toBe(5);
  });

  it('reshard at least three times, in every way, at times twice in a moment', () => {
    const reshards = programs.map(({ scenario }) => scenario.reshards);
    expect(Math.min(...reshards.map(({ length }) => length))).toBeGreaterThanOrEqual(3);
    expect(new Set(reshards.flat().map(({ kind }) => kind))).toEqual(new Set(['split', 'merge', 'scale']));
    const atOnce = reshards.filter((all) => all.some(({ at }, index) => index > 0 && at - all[index - 1]!.at < 50));
    expect(atOnce.length).toBeGreaterThan(20);
  });

  it('stop and start again, and nothing else goes wrong', () => {
    const kinds = new Set(programs.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    expect(kinds).toEqual(new Set(['halt', 'abort', 'restart', 'deploy', 'crash', 'time-jump']));
    expect(programs.filter(({ faults }) => faults.some(isCallFault)).length).toBeGreaterThan(150);
  });
});

describe('the source', () => {
  it('gives every record once and each key in order, whatever the program', async () => {
    const args = ['--conditions=sluice-source', command, '--profile', 'source', '--seeds', String(count), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, '--jobs', '2']);
    expect(JSON.parse(stdout)).toMatchObject({ runs: count, violations: 0, lost: 0, resharded: count });
  });

  it.each([
    ['children-start-with-their-parents', 'order'],
    ['aggregate-cut-at-the-first-event', 'counts'],
    ['sub-records-share-an-identity', 'R2'],
    ['latest-resolved-anew', 'S8'],
  ])('that is broken (%s) is found out (%s)', async (name, invariant) => {
    const fault = plantedFaults.find((planted) => planted.name === name)!;
    const flags = ['--profile', 'source', '--seeds', '20', '--jobs', '1', '--stop-at-first', '--no-shrink'];
    const [failure] = await simulateBroken(fault, flags);
    expect(failure).toMatchObject({ invariant });
    expect(failure!.replay).toContain('--profile source');
  });
});
