/** Digests of a page: several at a time where that is faster, none twice, none long before it is asked for. */
import { describe, expect, it } from 'vitest';
import { aggregatedMessage, deaggregate } from '../../functions/core/aggregated-record.ts';
import { DigestsAhead } from '../../functions/core/digests-ahead.ts';
import type { Md5 } from '../../functions/core/hash-key.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import { decompress, md5, page, planned, plannedTask, record, utf8 } from '../support/builders.ts';
import { passedThrough } from '../support/pipelines.ts';
import { ShardRead } from '../support/shard-read.ts';

const packed = (id: number, events = 2) =>
  aggregate(
    Array.from({ length: events }, (_, at) => ({ partitionKey: 'k', data: utf8(`${id}.${at}`) })),
    md5,
  );
const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');
const recordsOf = (count: number) => Array.from({ length: count }, (_, id) => ({ data: packed(id) }));

/** Says which messages it was asked for, in which groups. */
function listening(): { readonly md5: Md5; readonly groups: number[] } {
  const groups: number[] = [];
  const one = (bytes: Uint8Array) => {
    groups.push(1);
    return md5(bytes);
  };
  const all = (messages: readonly Uint8Array[]) => {
    groups.push(messages.length);
    return messages.map((message) => md5(message));
  };
  return { md5: Object.assign(one, { all }), groups };
}

describe('digests', () => {
  it('are those of the records, and fit them', () => {
    const records = recordsOf(60);
    const digests = new DigestsAhead(records, md5);
    for (const [at, given] of records.entries()) {
      expect(
        deaggregate(given, () => digests.of(at)),
        `record ${at}`,
      ).toMatchObject({ kind: 'aggregated' });
    }
  });

  it('are computed in groups of 24, each once', () => {
    const { md5: counting, groups } = listening();
    const records = recordsOf(60);
    const digests = new DigestsAhead(records, counting);
    for (const at of records.keys()) digests.of(at);
    expect(groups).toEqual([24, 24, 12]);
  });

  it('pass over ordinary records and those too short for one', () => {
    const { md5: counting, groups } = listening();
    const others = [utf8('{}'), new Uint8Array(), Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2)].map((data) => ({ data }));
    const records = [...others, ...recordsOf(3), ...others, ...recordsOf(2)];
    const digests = new DigestsAhead(records, counting);
    for (const [at, { data }] of records.entries()) if (aggregatedMessage(data) !== undefined) digests.of(at);
    expect(groups).toEqual([5]);
  });

  it('are right out of turn and asked for twice as well', () => {
    const records = recordsOf(30);
    const digests = new DigestsAhead(records, md5);
    for (const at of [20, 3, 20, 29, 0, 29])
      expect(hex(digests.of(at))).toBe(hex(md5(aggregatedMessage(records[at]!.data)!)));
  });

  it('are computed one by one by a function that knows no other way', () => {
    const asked: number[] = [];
    const digests = new DigestsAhead(recordsOf(5), (bytes) => {
      asked.push(bytes.length);
      return md5(bytes);
    });
    for (let at = 0; at < 3; at++) digests.of(at);
    expect(asked).toHaveLength(3);
  });
});

it('a page that is taken in steps computes none twice', () => {
  const { md5: counting, groups } = listening();
  const shard = planned('shard');
  const read = new ShardRead(
    new TaskRead({
      pipeline: passedThrough(),
      task: plannedTask([shard]),
      streamName: 'in',
      md5: counting,
      decompress,
    }),
    shard,
  );
  const given = page(Array.from({ length: 30 }, (_, id) => record(id + 1, packed(id, 150))));
  let steps = 0;
  for (let at = 0; at < given.records.length; steps++) at = read.takeSome(given, at).next;
  expect(steps).toBeGreaterThan(3);
  expect(read.counters.read).toBe(30 * 150);
  expect(groups).toEqual([24, 6]);
});
