/** The options of `sluice state`: what is wrong is told all at once, each by its name. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkStateSettings } from '../../cli/state-settings.ts';

const file = fileURLToPath(new URL('./pipelines/departures.ts', import.meta.url));

async function problemsOf(options: Parameters<typeof checkStateSettings>[1], of?: string): Promise<string> {
  const refused = await checkStateSettings(of, options).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (refused === undefined) throw new Error('nothing is refused');
  return refused;
}

describe('the options', () => {
  it('are by default the last batch, all groups and keys, and 20 rows', async () => {
    expect(await checkStateSettings(undefined, { pipeline: 'departures' })).toEqual({
      ...{ name: 'departures', view: 'rows', limit: 20, filter: {} },
    });
  });

  it('take the name of the pipeline from its file, unless it is given', async () => {
    expect(await checkStateSettings(file, {})).toMatchObject({ name: 'departures', pipeline: { parallelism: 2 } });
    expect(await checkStateSettings(file, { pipeline: 'other' })).toMatchObject({ name: 'other' });
  });

  it('name two batches, of which the first may be the second', async () => {
    expect(await checkStateSettings(file, { changes: '3..3' })).toMatchObject({
      ...{ view: 'changes', from: 3, batchId: 3 },
    });
  });

  it.each([
    ['ORD', 'ORD'],
    ['17', 17],
    ['"17"', '17'],
    ['["ORD",1]', ['ORD', 1]],
    ['{"origin":"ORD"}', { origin: 'ORD' }],
    ['[ORD', '[ORD'],
  ])('take %s for the key %j', async (key, read) => {
    expect((await checkStateSettings(undefined, { pipeline: 'p', key })).filter).toEqual({ key: read });
  });
});

describe('refused is', () => {
  it('all that is wrong, at once', async () => {
    const wrong = { changes: '3..1', limit: '0', batch: 'x', group: '-1', byWindow: true, key: '' };
    expect((await problemsOf({ pipeline: 'p', ...wrong })).split('\n')).toEqual([
      '--batch x: use a whole number from 0 to 999,999,999,999',
      '--group -1: use a whole number from 0 to 999,999,999,999',
      '--limit 0: use a whole number from 1 to 999,999',
      '--changes 3..1: the first batch is the later one',
      "--changes: give the pipeline's file as well; what changed is seen in the values of its aggregates",
      '--batch: it is not used together with --changes, which names batches',
      '--by-window: it is not used together with --changes',
      '--key: nothing is given; use the value of the key, or JSON (of the empty text two quotation marks)',
    ]);
  });

  it('changes that are no two batches', async () => {
    for (const changes of ['3', '3..', '3-4', '..4'])
      expect(await problemsOf({ changes }, file)).toBe(`--changes ${changes}: use two batches, such as 41..42`);
  });

  it('no name, and a file that there is not', async () => {
    expect(await problemsOf({})).toBe('--pipeline: its name is needed, or its file');
    expect(await problemsOf({}, 'nowhere.ts')).toBe('nowhere.ts: there is no such file');
  });
});
