/** A source that was deleted and created again while a batch was read: what the seal lets through, and what it asks for. */
import { expect, it } from 'vitest';
import { afterSequenceNumber } from '../../functions/core/position.ts';
import { sealBatch } from '../../functions/steps/seal-batch/seal-batch.ts';
import {
  batchBody,
  block,
  checkpoint,
  headOf,
  heldUntil,
  holderOf,
  noon,
  planRecord,
  shardResult,
  sourceOf,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped } from '../support/pipelines.ts';

const pipeline = mapped();
const aTime = { kind: 'at-timestamp', timestamp: noon } as const;
const horizon = { kind: 'trim-horizon' } as const;

const loss = {
  source: 'main',
  shardId: 'a',
  lastRead: '1',
  readThrough: noon,
  firstAvailable: { sequenceNumber: '49', arrivalTime: noon },
};

/** Batch 1, read from where `given` says, with a stream that was created so much later than the checkpoint's. */
async function seal(given: Parameters<typeof shardResult>[1] & object, laterMs: number) {
  const memory: Memory = memoryPorts(scriptedSource(() => memory, { a: [] }));
  memory.head = headOf({ holder: holderOf({ lease: heldUntil(noon + 60_000) }) });
  const { stream } = sourceOf(memory.head);
  let asked = 0;
  const describe = async () => {
    asked += 1;
    return { stream: { ...stream, createdAt: stream.createdAt + laterMs }, serverTime: noon };
  };
  const previous = batchBody({ batchId: 0, ref: 6, shards: [checkpoint('a', { position: given.from ?? aTime })] });
  const plan = planRecord({ batchId: 1, ref: 7, previous: { batchId: 0, ref: 6 }, taskCount: 1 });
  const read = block(
    0,
    [shardResult('a', { outcome: { to: afterSequenceNumber('49') }, records: 1, events: 1, ...given })],
    {
      batchId: 1,
      ref: 7,
    },
  );
  const saved = {
    plans: { ...memory.ports.plans, loadPlan: async () => plan },
    seals: { ...memory.ports.seals, loadBody: async () => previous },
    blocks: { ...memory.ports.blocks, loadBlocks: async () => [read] },
  };
  const ports = { ...memory.ports, ...saved, source: { ...memory.ports.source, describe } };
  const log = { info: () => {}, warn: () => {} };
  const input = {
    run: 'run-1',
    epoch: 7,
    batchId: 1,
    turn: 3,
    timing,
    waitUntil: new Date(noon).toISOString(),
    outcomes: ['moved' as const],
  };
  const answer = await sealBatch(input, { pipeline, ports, log }).catch((error: Error) => error);
  return { answer, sealed: memory.head?.sealed?.batchId, asked };
}

it.each([
  ['a time', { from: aTime }],
  ['the trim horizon', { from: horizon }],
  ['the horizon, for what was behind is gone', { from: afterSequenceNumber('1'), dataLoss: loss }],
])('records that were read from %s of a stream made anew are not sealed', async (_, given) => {
  const { answer, sealed } = await seal(given, 30_000);
  expect(answer).toMatchObject({ name: 'StreamRecreated' });
  expect(sealed).toBe(0);
});

it('they are sealed if the stream is the same', async () => {
  expect(await seal({ from: aTime }, 0)).toMatchObject({ answer: { next: 'commit' }, sealed: 1, asked: 1 });
});

it.each([
  [
    'a record was read on from its predecessor, whose number only its own stream takes',
    { from: afterSequenceNumber('1') },
  ],
  ['nothing came', { from: aTime, records: 0, events: 0, outcome: { to: { ...aTime, timestamp: noon + 1 } } }],
])('the stream is not asked for where %s', async (_, given) => {
  expect(await seal(given, 30_000)).toMatchObject({ sealed: 1, asked: 0 });
});
