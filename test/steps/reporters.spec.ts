/** REPORTER-1, REPORTER-2, REPORTER-3: reporters are told what was committed, and harm nothing. */
import { describe, expect, it } from 'vitest';
import type { BatchReport, Reporter } from '../../functions/pipeline/reporter.ts';
import { commitBatch } from '../../functions/steps/commit-batch/commit-batch.ts';
import type { CommitBatchInput } from '../../functions/steps/messages.ts';
import { batchBody, headOf, heldUntil, holderOf, noon, timing } from '../support/builders.ts';
import { memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped } from '../support/pipelines.ts';

const counters = { read: 9, counted: 6, filtered: 1, late: 0, deadLettered: 2, emitted: 6 };
const letters = [
  {
    reason: 'invalid-json',
    count: 2,
    example: { source: 'main', shardId: 'a', sequenceNumber: '1', subSequenceNumber: 0, message: 'alice@' },
  },
] as const;

async function commitWith(reporters: readonly Reporter[], epoch = 8, more: Partial<CommitBatchInput> = {}) {
  const memory = memoryPorts(scriptedSource(() => memory, {}));
  const warnings: unknown[][] = [];
  const log = { info: () => {}, warn: (...line: unknown[]) => void warnings.push(line) };
  memory.head = headOf({
    epoch: 8,
    sealed: { batchId: 1, ref: 8 },
    holder: holderOf({ lease: heldUntil(noon + 60_000) }),
  });
  await memory.ports.seals.putBody(batchBody({ batchId: 1, ref: 8, counters, letters, records: 5, bytes: 50 }));
  const input = {
    ...{ request: {}, run: 'run-1', executionId: 'e', startedAt: new Date(noon).toISOString(), timing, turn: 1 },
    ...{ epoch, batchId: 1, ref: 8, waitUntil: new Date(noon).toISOString() },
    ...{ reduced: { emitted: 0, stuckSince: 0 }, groups: [], ...more },
  } as unknown as CommitBatchInput;
  const answer = await commitBatch(input, { pipeline: mapped(), ports: memory.ports, log, reporters });
  return { answer, memory, warnings, tookMs: memory.now - noon };
}

it('is told once the batch is committed, in numbers, with nothing of the data', async () => {
  const told: BatchReport[] = [];
  const { memory } = await commitWith([(report) => void told.push(report)]);
  expect(memory.head).toMatchObject({ committed: { batchId: 1, ref: 8 } });
  expect(told).toEqual([
    expect.objectContaining({
      ...{ pipeline: 'mapped', batchId: 1, ref: 8, kind: 'read', counters, records: 5, bytes: 50 },
      ...{ deadLetters: [{ reason: 'invalid-json', count: 2 }], refusedRows: [], committedAt: noon },
    }),
  ]);
  expect(JSON.stringify(told)).not.toContain('alice');
});

describe('the times of the steps', () => {
  const steps = [
    { step: 'plan', at: noon - 900 },
    { step: 'process', at: noon - 800 },
    { step: 'seal', at: noon - 200 },
  ] as const;
  const enteredAt = new Date(noon - 50).toISOString();

  it('are told and stored, up to the report', async () => {
    const told: BatchReport[] = [];
    const { memory } = await commitWith([(report) => void told.push(report)], 8, { steps, enteredAt, retries: 1 });
    const expected = [
      { step: 'plan', at: noon - 900, ms: 100 },
      { step: 'process', at: noon - 800, ms: 600 },
      { step: 'seal', at: noon - 200, ms: 150 },
      { step: 'commit', at: noon - 50, ms: 50, tries: 2 },
    ];
    expect(told[0]?.steps).toEqual(expected);
    expect((await memory.ports.reports.loadProgress(1, 8))?.steps).toEqual(expected);
  });

  it('are not, where nobody has noted them', async () => {
    const told: BatchReport[] = [];
    await commitWith([(report) => void told.push(report)]);
    expect(told[0]).not.toHaveProperty('steps');
  });
});

it('is not told of a batch that another driver has', async () => {
  const told: BatchReport[] = [];
  const { answer } = await commitWith([(report) => void told.push(report)], 7);
  expect(answer).toMatchObject({ next: 'done', reason: 'superseded' });
  expect(told).toEqual([]);
});

describe('a reporter that', () => {
  const quiet = commitWith([]);

  it.each<[string, Reporter]>([
    [
      'throws',
      () => {
        throw new TypeError('alice@example.org');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('alice@example.org'))],
  ])('%s fails nothing (REPORTER-1): the log has its error by name, and the others are told', async (_, reporter) => {
    const told: number[] = [];
    const { answer, warnings } = await commitWith([reporter, ({ batchId }) => void told.push(batchId)]);
    expect(answer).toEqual((await quiet).answer);
    expect(told).toEqual([1]);
    expect(warnings).toContainEqual(['reporter failed', { batchId: 1, error: 'TypeError' }]);
    expect(JSON.stringify(warnings)).not.toContain('alice');
  });

  it('hangs is waited for a second, with all the others (REPORTER-2)', async () => {
    const hangs: Reporter = () => new Promise(() => {});
    const told: number[] = [];
    const later: Reporter = async ({ batchId }) => void told.push(batchId);
    const { answer, memory, tookMs, warnings } = await commitWith([hangs, hangs, later]);
    expect(answer).toEqual((await quiet).answer);
    expect(memory.head).toMatchObject({ committed: { batchId: 1, ref: 8 } });
    expect(tookMs).toBe(1_000);
    expect(told).toEqual([1]);
    expect(warnings).toContainEqual(['reporters not waited for', { batchId: 1 }]);
  });

  it('changes its report changes nobody else’s (REPORTER-3)', async () => {
    const told: BatchReport[] = [];
    const spoils: Reporter = (report) => void Object.assign(report.counters, { read: -1 });
    await commitWith([spoils, (report) => void told.push(report)]);
    expect(told[0]?.counters.read).toBe(9);
  });
});
