/** X5, of several outputs: each is sent what it does not have, and what one has acknowledged says nothing of another. */
import { expect, it } from 'vitest';
import { TaskRead } from '../../../functions/core/read/task-read.ts';
import type { Output, Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { decompress, md5, page, planned, plannedTask, record } from '../../support/builders.ts';
import { withOutput } from '../../support/outputs.ts';
import { mapped } from '../../support/pipelines.ts';
import { ShardRead } from '../../support/shard-read.ts';

const both = withOutput(mapped(), 'second');
const [main, second] = both.outputs as [Output, Output];
const evenOnly: Pipeline = {
  ...both,
  outputs: [main, { ...second, filter: (({ twice }: { twice: number }) => twice % 4 === 0) as never }],
};
const records = [1, 2, 3, 4, 5].map((id) => record(id, { id }));

function readOf(pipeline: Pipeline, shard = planned('a')) {
  const task = new TaskRead({ pipeline, task: plannedTask([shard]), streamName: 's', md5, decompress });
  return new ShardRead(task, shard);
}

/** The places that these outputs did not acknowledge. */
const missing = (ofMain: readonly number[], ofSecond: readonly number[]) => ({
  outputs: new Map([
    ['main', new Set(ofMain)],
    ['second', new Set(ofSecond)],
  ]),
  letters: new Set<number>(),
});
const idsTo = ({ effects }: ReturnType<ShardRead['takeSome']>, output: 'main' | 'second') =>
  effects.outputs[output === 'main' ? 0 : 1]!.records.map(({ data }) => JSON.parse(String(data)).twice / 2);

/** From where a read ended, with what it says. */
function goneOn(read: ShardRead, pipeline: Pipeline) {
  const { outcome } = read.result('deadline');
  if (outcome.kind === 'end-of-shard') throw new Error('it goes on');
  const { to: position, sentAhead } = outcome;
  return {
    sentAhead,
    next: readOf(pipeline, planned('a', { position, ...(sentAhead === undefined ? {} : { sentAhead }) })),
  };
}

it('an event goes again to those that did not acknowledge it, and counts once', () => {
  const read = readOf(both);
  read.takeSome(page(records), 0);
  // The first output has all but 3, the second all but 3 and 4.
  read.delivered(missing([2], [2, 3]));
  expect(read.counters).toMatchObject({ read: 2, emitted: 2 });
  const { sentAhead, next } = goneOn(read, both);
  expect(sentAhead).toEqual([
    { to: 'main sink   ', runs: [['4', 0, '5', 0]] },
    { to: 'second second   ', runs: [['5', 0, '5', 0]] },
  ]);
  const again = next.takeSome(page(records.slice(2)), 0);
  expect([idsTo(again, 'main'), idsTo(again, 'second')]).toEqual([[3], [3, 4]]);
  expect(next.counters).toMatchObject({ read: 3, emitted: 3 });
});

it('what an output has left out is not among what it has: with another filter it is sent', () => {
  const read = readOf(evenOnly);
  read.takeSome(page(records), 0);
  read.delivered(missing([0], []));
  const { sentAhead, next } = goneOn(read, both);
  expect(sentAhead?.[1]).toEqual({
    to: 'second second   ',
    runs: [
      ['2', 0, '2', 0],
      ['4', 0, '4', 0],
    ],
  });
  expect(idsTo(next.takeSome(page(records), 0), 'second')).toEqual([1, 3, 5]);
});

it('an output that is new has none of what others have', () => {
  const read = readOf(mapped());
  read.takeSome(page(records), 0);
  read.delivered({ outputs: new Map([['main', new Set([0])]]), letters: new Set() });
  const again = goneOn(read, both).next.takeSome(page(records), 0);
  expect([idsTo(again, 'main'), idsTo(again, 'second')]).toEqual([[1], [1, 2, 3, 4, 5]]);
});

it('places that another try noted of one output keep it from that one alone', () => {
  const read = readOf(both);
  read.knowSentBy(0, [['1', 0, '3', 0]]);
  const taken = read.takeSome(page(records), 0);
  expect([idsTo(taken, 'main'), idsTo(taken, 'second')]).toEqual([
    [4, 5],
    [1, 2, 3, 4, 5],
  ]);
});
