/** The options of `npm run bench -- state`. */
import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

describe('the options of the benchmark of open windows', () => {
  it('have defaults', () => {
    const defaults = { entries: 100_000, groups: 1, touched: 0.01, windows: 1, tasks: 1, mode: 'append', batches: 512 };
    expect(readSettings([])).toEqual({ ...defaults, tableOnly: false, json: false });
  });

  it('are read, a share as a percentage too', () => {
    const flags =
      '--entries 1000000 --groups 4 --touched 1% --windows 24 --tasks 40 --mode update --batches 8 --table-only --json';
    const read = { entries: 1_000_000, groups: 4, touched: 0.01, windows: 24, tasks: 40, mode: 'update', batches: 8 };
    expect(readSettings(flags.split(' '))).toEqual({ ...read, tableOnly: true, json: true });
  });

  it.each([
    ['--entries 1.5', '--entries is 1.5; use a whole number from 1 to 20000000'],
    ['--groups 41', '--groups is 41; use a whole number from 1 to 40'],
    ['--tasks 0', '--tasks is 0; use a whole number from 1 to 40'],
    ['--touched 0', '--touched is 0; use a share from above 0 to 1, or a percentage, like 0.01 or 1%'],
    ['--touched 101%', '--touched is 101%; use a share from above 0 to 1, or a percentage, like 0.01 or 1%'],
    ['--mode complete', '--mode is complete; use append, update, session'],
    ['--windows 24 --entries 10', '--windows is 24; use no more than there are entries (10)'],
    [
      '--windows 24 --mode session',
      '--windows is 24; use 1 with --mode session: each key has one session, with an end of its own',
    ],
    ['--keys 7', "Unknown option '--keys'"],
  ])('%s is refused with what would be right', (flags, problem) => {
    expect(readSettings(flags.split(' '))).toEqual({ problems: [problem] });
  });

  it('are refused all at once', () => {
    expect(readSettings(['--groups', 'x', '--batches', '0'])).toEqual({
      problems: [
        '--groups is x; use a whole number from 1 to 40',
        '--batches is 0; use a whole number from 1 to 100000',
      ],
    });
  });
});
