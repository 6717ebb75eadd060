/** LIST-2 to LIST-5: which lists a batch has, what they name, and in what time they are put. */
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { BatchBody } from '../../functions/core/model.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { NewObject } from '../../functions/ports/objects.ts';
import type { FileList, FilePlace, WrittenFiles } from '../../functions/sinks/output-file.ts';
import { putFileLists } from '../../functions/steps/commit-batch/put-file-lists.ts';
import { fenceNoted, readDocument } from '../docs/documents.ts';
import { batchBody } from '../support/builders.ts';
import { memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { filesOutput } from '../support/outputs.ts';
import { windowed } from '../support/pipelines.ts';

const batch = { batchId: 4, ref: 7 };
const file = (key: string) => ({ key, rows: 1 });

type Put = { readonly place: FilePlace; readonly list: FileList; readonly key: string; readonly deadline: number };

/** `written`: by output. `onPut`: what a put waits for. */
async function listsOf(
  outputs: Readonly<Record<string, Partial<FilePlace>>>,
  written: Readonly<Record<string, WrittenFiles>>,
  onPut: (open: number) => Promise<void> = async () => {},
  body: Partial<BatchBody> = { states: [{ ...batch, ends: [] }] },
) {
  const memory = memoryPorts(
    scriptedSource(() => memory, {}),
    {},
  );
  for (const [output, files] of Object.entries(written))
    await memory.ports.fileNames.putFiles({ ...batch, keyGroup: 0 }, output, files);
  const puts: Put[] = [];
  const objectsAt = (place: FilePlace) => ({
    async putIfAbsent({ key, body }: NewObject, deadline: number) {
      puts.push({ place, list: JSON.parse(Buffer.from(body).toString()), key, deadline });
      await onPut(puts.length);
    },
  });
  const pipeline: Pipeline = {
    ...windowed(),
    outputs: Object.entries(outputs).map(([id, at]) => filesOutput(at, id)),
  };
  const ports = { ...memory.ports, objectsAt };
  const log = { info: () => {}, warn: () => {} };
  const putting = putFileLists({ pipeline, ports, log }, batchBody({ ...batch, ...body }));
  return { puts, putting, now: memory.now };
}
const at = (bucket: string, ...keys: readonly string[]): WrittenFiles => ({ bucket, files: keys.map(file) });

describe('a list', () => {
  it('is one for each bucket and prefix, however it is reached (LIST-4)', async () => {
    const { puts, putting } = await listsOf(
      { main: {}, audit: { region: 'eu-west-1' }, other: { prefix: 'other/' }, away: { bucket: 'away' } },
      { main: at('flights', 'a'), audit: at('flights', 'b'), other: at('flights', 'c'), away: at('away', 'd') },
    );
    await putting;
    expect(puts.map(({ place: { bucket }, key, list }) => [bucket, key, list.files])).toEqual([
      ['flights', 'rows/_sluice/1/4-7.json', [file('a'), file('b')]],
      ['flights', 'other/_sluice/1/4-7.json', [file('c')]],
      ['away', 'rows/_sluice/1/4-7.json', [file('d')]],
    ]);
  });

  it('says the bucket of what was written before another one was deployed', async () => {
    const { puts, putting } = await listsOf(
      { main: { bucket: 'new', prefix: 'new/' }, audit: { bucket: 'new', prefix: 'new/' } },
      { main: at('old', 'rows/a'), audit: at('new', 'new/b') },
    );
    await putting;
    expect(puts.map(({ list }) => list.files)).toEqual([[{ ...file('rows/a'), bucket: 'old' }, file('new/b')]]);
  });

  it('is none where nothing was written (LIST-3)', async () => {
    const { puts, putting } = await listsOf({ main: {}, other: { prefix: 'other/' } }, { main: at('flights') });
    await putting;
    expect(puts).toEqual([]);
  });
});

describe('of a batch that takes a pipeline back', () => {
  const origin = { why: 'rewind', pipeline: 'p', batchId: 2, ref: 3, after: 2 } as const;

  it('a list without files lies at each place, and says after which batch it goes on (LIST-6)', async () => {
    const outputs = { main: {}, audit: { region: 'eu-west-1' }, other: { prefix: 'other/' } };
    const { puts, putting } = await listsOf(outputs, {}, undefined, { kind: 'restored', origin });
    await putting;
    expect(puts.map(({ key, list: { files, after } }) => [key, files, after])).toEqual([
      ['rows/_sluice/1/4-7.json', [], 2],
      ['other/_sluice/1/4-7.json', [], 2],
    ]);
  });

  it('others have none: what stands before a repartition goes on counting', async () => {
    const { after: _, ...repartition } = { ...origin, why: 'repartition' } as const;
    const { puts, putting } = await listsOf({ main: {} }, {}, undefined, { kind: 'restored', origin: repartition });
    await putting;
    expect(puts).toEqual([]);
  });

  it("by the guide's reader the lists between the two no longer count, nor that of a try which was given up", async () => {
    const code = stripTypeScriptTypes(fenceNoted(readDocument('docs/guides/files.md'), 'lists'));
    const { listsThatCount } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const list = (number: number, ref: number, after?: number) => ({
      batch: number,
      ref,
      ...(after === undefined ? {} : { after }),
    });
    const first = [list(1, 2), list(2, 3), list(5, 6)];
    expect(listsThatCount(first)).toEqual(first);
    const back = [...first, list(6, 7), list(6, 9, 2), list(7, 10)];
    expect(listsThatCount(back.toReversed())).toEqual([list(1, 2), list(2, 3), list(6, 9, 2), list(7, 10)]);
    // Back to a savepoint that was made on the way that was left.
    const again = [...back, list(9, 13, 5)];
    expect(listsThatCount(again)).toEqual([...first, list(9, 13, 5)]);
  });
});

it('all lists are put at once, with the time of one for all (LIST-5)', async () => {
  const names = Array.from({ length: 10 }, (_, n) => `o${n}`);
  let all = () => {};
  const together = new Promise<void>((resolve) => {
    all = resolve;
  });
  const { puts, putting, now } = await listsOf(
    Object.fromEntries(names.map((name) => [name, { prefix: `${name}/` }])),
    Object.fromEntries(names.map((name) => [name, at('flights', name)])),
    // Nobody is done before all have begun.
    (begun) => {
      if (begun === names.length) all();
      return together;
    },
  );
  await putting;
  expect(puts.map(({ key }) => key.split('/')[0])).toEqual(names);
  expect(new Set(puts.map(({ deadline }) => deadline - now))).toEqual(new Set([2_000]));
});
