/** SENDFILES-1, SENDFILES-2, LIST-1 to LIST-3: files out of stored steps, their names, and the list that comes before the commit. */
import { describe, expect, it } from 'vitest';
import { createFilesSink } from '../../functions/adapters/files-sink.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { CutLimits, FileList, NamedFile } from '../../functions/sinks/output-file.ts';
import { commitBatch } from '../../functions/steps/commit-batch/commit-batch.ts';
import type { CommitBatchInput } from '../../functions/steps/messages.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, headOf, holderOf, timing } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { filesOutput } from '../support/outputs.ts';
import { windowed } from '../support/pipelines.ts';

const keys = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'];
const partials = keys.map((key) => [[key], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const);
const state = { batchId: 0, ref: 7, keyGroup: 0 };
const log = { info: () => {}, warn: () => {} };
const gone = new Error('the process is gone');

/** Files of at most three rows, in steps of two. `onWrite`: told of each write outside, before and after it. */
async function world(onWrite: (what: string, when: 'before' | 'after') => void = () => {}) {
  let limits: CutLimits = { maxRows: 3, maxBytes: 1_000_000 };
  let prefix = 'rows/';
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    {},
  );
  memory.mostInStep = 2;
  const { ports } = memory;
  const watched =
    <Given extends readonly unknown[], Answer>(what: string, write: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      onWrite(what, 'before');
      const answer = await write(...given);
      onWrite(what, 'after');
      return answer;
    };
  const { putIfAbsent } = ports.objectsAt(filesOutput().files!);
  const objects = { putIfAbsent: watched('object', putIfAbsent) };
  Object.assign(ports.fileNames, { putFiles: watched('names', ports.fileNames.putFiles) });
  Object.assign(ports.outboxNotes, { putSent: watched('sent', ports.outboxNotes.putSent) });
  const pipelineNow = (): Pipeline => ({ ...windowed(), outputs: [filesOutput({ limits })] });
  const sink = () => createFilesSink({ ...(filesOutput({ limits }).sink.options as object), prefix } as never, objects);
  Object.assign(ports, { sink, objectsAt: () => objects });
  const { fingerprint } = pipelineNow();
  await putSealed(memory, batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint }), 0, [partials]);
  return {
    memory,
    reduce: (again = false) => reduceKeyGroup({ epoch: 7, ...state, again }, { pipeline: pipelineNow(), ports, log }),
    deploy: (others: CutLimits, otherPrefix = prefix) => {
      limits = others;
      prefix = otherPrefix;
    },
    commit(groups: readonly object[] = [{ keyGroup: 0, emitted: 8, done: true, progressed: true }]) {
      memory.head = headOf({
        committed: undefined,
        sealed: { batchId: 0, ref: 7 },
        holder: holderOf({ owner: 'run' }),
        epoch: 7,
      });
      const given = {
        ...{
          run: 'run',
          executionId: 'e',
          startedAt: new Date(memory.now).toISOString(),
          timing,
          request: {},
          turn: 1,
        },
        ...{ epoch: 7, batchId: 0, ref: 7, waitUntil: new Date(memory.now).toISOString() },
        reduced: { emitted: 0, stuckSince: 0 },
        groups,
      } as unknown as CommitBatchInput;
      return commitBatch(given, { pipeline: pipelineNow(), ports, log });
    },
  };
}

const textOf = (body: Uint8Array | undefined): string => Buffer.from(body ?? []).toString();
const keysIn = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly key: string }).key);
const namesIn = async ({ ports }: Memory): Promise<readonly NamedFile[]> =>
  (await ports.fileNames.loadFiles(state, 'main'))?.files ?? [];
const filesIn = ({ objects }: Memory) =>
  [...objects]
    .filter(([key]) => !key.includes('_sluice/'))
    .map(([key, body]) => [key, keysIn(textOf(body)).join(' ')] as const)
    .toSorted();
const listIn = ({ objects }: Memory): FileList | undefined =>
  [...objects].filter(([key]) => key.includes('_sluice/')).map(([, body]) => JSON.parse(textOf(body)))[0];

const files = [
  ['rows/1-0-7-0-main-0.ndjson', 'k0 k1 k2'],
  ['rows/1-0-7-0-main-3.ndjson', 'k3 k4 k5'],
  ['rows/1-0-7-0-main-6.ndjson', 'k6 k7'],
];
const generationOf = (memory: Memory) => listIn(memory)?.generation;

describe('a key group', () => {
  it('has its rows in files, whatever steps they lie in, then their names, and nothing to note beside', async () => {
    const did: string[] = [];
    const { memory, reduce } = await world((what, when) => when === 'after' && did.push(what));
    expect(await reduce()).toMatchObject({ done: true, emitted: 8 });
    expect(filesIn(memory).map(([, rows]) => rows)).toEqual(files.map(([, rows]) => rows));
    expect(did).toEqual(['object', 'object', 'object', 'names']);
    const names = await namesIn(memory);
    expect(names.map(({ rows }) => rows)).toEqual([3, 3, 2]);
    expect(names.map(({ key }) => key)).toEqual(filesIn(memory).map(([key]) => key));
  });

  it('ends with the same files and names, wherever it was killed on the way, before a write or behind it', async () => {
    const undisturbed = await world();
    await undisturbed.reduce();
    const expected = [...undisturbed.memory.objects];
    for (const when of ['before', 'after'] as const) {
      for (let at = 0; at < 4; at++) {
        let writes = 0;
        const { memory, reduce } = await world((_, moment) => {
          if (moment === when && writes++ === at) throw gone;
        });
        await reduce().catch((error: unknown) => expect(error).toBe(gone));
        expect(await reduce(true), `${when} ${at}`).toMatchObject({ done: true, emitted: 8 });
        expect([...memory.objects].toSorted(), `${when} ${at}`).toEqual(expected.toSorted());
        expect((await namesIn(memory)).map(({ rows }) => rows)).toEqual([3, 3, 2]);
      }
    }
  });

  it('goes on by the limits that its rows were stored under, whatever is deployed in between (FILE-1)', async () => {
    let writes = 0;
    const { memory, reduce, deploy } = await world((what) => {
      if (what === 'object' && writes++ === 2) throw gone;
    });
    await expect(reduce()).rejects.toBe(gone);
    deploy({ maxRows: 100, maxBytes: 1_000_000 });
    expect(await reduce(true)).toMatchObject({ done: true });
    expect(filesIn(memory).map(([, rows]) => rows)).toEqual(['k0 k1 k2', 'k3 k4 k5', 'k6 k7']);
  });

  it('puts a file in each round, however late it is, and goes on behind it', async () => {
    const { memory, reduce } = await world((what) => {
      if (what === 'object') memory.now += 60_000;
    });
    expect(await reduce()).toMatchObject({ done: false, progressed: true, why: '5 records are left' });
    expect(await reduce(true)).toMatchObject({ done: false, progressed: true, why: '2 records are left' });
    expect(await namesIn(memory)).toEqual([]);
    expect(await reduce(true)).toMatchObject({ done: true });
    expect(filesIn(memory)).toHaveLength(3);
  });

  it('puts anew, and names, what went to another place before a deployment', async () => {
    const { memory, reduce, deploy } = await world((what) => {
      if (what === 'object') memory.now += 60_000;
    });
    await reduce();
    deploy({ maxRows: 3, maxBytes: 1_000_000 }, 'others/');
    for (const done of [false, false, true]) expect(await reduce(true)).toMatchObject({ done });
    const names = await namesIn(memory);
    expect(names.map(({ key }) => key)).toEqual([...memory.objects.keys()].filter((key) => key.startsWith('others/')));
    expect(names.map(({ rows }) => rows)).toEqual([3, 3, 2]);
  });

  it('says what is in the way', async () => {
    const denied = new SluiceError('NotAllowed', 'bucket flights: put x: AccessDenied');
    const { reduce } = await world((what) => {
      if (what === 'object') throw denied;
    });
    await expect(reduce()).rejects.toBe(denied);
    const slow = new SluiceError('TemporaryFailure', 'bucket flights: put x: SlowDown');
    const later = await world((what) => {
      if (what === 'object') throw slow;
    });
    expect(await later.reduce()).toMatchObject({ done: false, progressed: false, why: slow.message });
  });
});

describe('a commit', () => {
  it('puts the list of the files of all key groups before it commits, and finds it there when it comes again', async () => {
    const seen: unknown[] = [];
    const { memory, reduce, commit } = await world((what) => {
      if (what === 'object') seen.push(memory.head?.committed);
    });
    await reduce();
    seen.length = 0;
    await commit();
    expect(memory.head?.committed).toEqual({ batchId: 0, ref: 7 });
    expect(seen).toEqual([undefined, undefined]);
    const list = listIn(memory);
    expect(list).toMatchObject({ v: 1, pipeline: windowed().name, batch: 0, ref: 7 });
    expect(list?.files.map(({ key, rows }) => [key, rows])).toEqual(
      filesIn(memory).map(([key, rows]) => [key, rows.split(' ').length]),
    );
    expect([...memory.objects.keys()]).toContain(`rows/_sluice/${generationOf(memory)}/0-7.json`);
    const before = [...memory.objects];
    await commit();
    expect([...memory.objects]).toEqual(before);
  });

  it('puts none while a key group is at work, and none of a batch without files', async () => {
    const { memory, reduce, commit } = await world();
    await reduce();
    await commit([{ keyGroup: 0, emitted: 8, done: false, progressed: true }]);
    expect(listIn(memory)).toBeUndefined();
    const empty = await world();
    await empty.commit();
    expect(empty.memory.head?.committed).toEqual({ batchId: 0, ref: 7 });
    expect(empty.memory.objects.size).toBe(0);
  });

  it('that cannot put it commits nothing', async () => {
    const slow = new SluiceError('TemporaryFailure', 'bucket flights: put x: SlowDown');
    let isSlow = false;
    const { memory, reduce, commit } = await world((what) => {
      if (what === 'object' && isSlow) throw slow;
    });
    await reduce();
    isSlow = true;
    await expect(commit()).rejects.toBe(slow);
    expect(memory.head?.committed).toBeUndefined();
  });
});
