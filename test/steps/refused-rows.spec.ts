/** Rows that user code refuses: what is told of them, and where. */
import { expect, it } from 'vitest';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { exampleText } from '../../local/report/letter-text.ts';
import { batchBody, decompress, md5, resultVersion } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { windowed } from '../support/pipelines.ts';

const row = [['alice@example.org'], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const;

it('what user code throws of a row lies in its dead letter; the answer, which an execution keeps, says where that is', async () => {
  const memory: Memory = memoryPorts(scriptedSource(() => memory, {}));
  const { aggregation, ...rest } = windowed();
  const mapper = ({ key }: Record<string, unknown>): never => {
    throw new Error(`no such customer: ${key}`);
  };
  const pipeline = { ...rest, aggregation: { ...aggregation, rowOperations: [{ kind: 'map', mapper } as const] } };
  const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
  await putSealed(memory, body, 3, [[row]]);
  const runtime = { pipeline, ports: memory.ports, md5, decompress, log: { info: () => {}, warn: () => {} } };
  const answer = await reduceKeyGroup({ epoch: 7, batchId: 0, ref: 7, keyGroup: 3, again: false }, runtime);

  const example = { source: 'results', shardId: 'group-3', sequenceNumber: '0-7', subSequenceNumber: 0 };
  expect(answer.rows).toEqual({
    results: 1,
    filtered: 0,
    refused: [{ reason: 'callback-failed', count: 1, example }],
  });
  expect(JSON.stringify(answer)).not.toContain('alice');
  expect(exampleText(answer.rows!.refused[0]!)).toBe('callback-failed, for example results/group-3/0-7/0');
  expect(memory.deadLetters).toMatchObject([
    { ...example, message: expect.stringContaining('no such customer: alice@') },
  ]);
  // What it would have gone out under: a reader of the sink knows by it which result is missing.
  expect(memory.deadLetters[0]?.resultIdentity).toEqual({
    ...{ v: 1, pipeline: 'windowed', generation: 1, batch: 0, ref: 7, group: 3, index: 0 },
    ...{ ...resultVersion, key: '["alice@example.org"]' },
  });
});
