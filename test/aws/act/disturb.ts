/** What is done to the pipeline while it works. */
import { DescribeStreamSummaryCommand, MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { createHeadStore } from '../../../functions/adapters/dynamodb/head-store.ts';
import { Table } from '../../../functions/adapters/dynamodb/table.ts';
import { systemClock } from '../../../functions/steps/runtime.ts';
import { openShards } from '../../../local/services/streams.ts';
import { commands } from '../commands.ts';
import { mergeOf, splitOf } from '../shards.ts';
import { put } from './put.ts';
import { until } from './until.ts';
import { type Act, requireNames, type World } from './world.ts';

export const start: Act = async ({ command, now }, learnt) => {
  learnt.startedAt = now();
  await command(commands.start(requireNames(learnt)));
};

export const split: Act = async (world, learnt, { signal }) => {
  const { source } = requireNames(learnt);
  const { shardId, at } = splitOf(await openShards(world.kinesis, { StreamName: source }));
  await world.kinesis.send(
    new SplitShardCommand({ StreamName: source, ShardToSplit: shardId, NewStartingHashKey: at }),
  );
  await untilActive(world, source, signal);
};

export const merge: Act = async (world, learnt, { signal }) => {
  const { source } = requireNames(learnt);
  const { shardId, adjacent } = mergeOf(await openShards(world.kinesis, { StreamName: source }));
  const asked = { StreamName: source, ShardToMerge: shardId, AdjacentShardToMerge: adjacent };
  await world.kinesis.send(new MergeShardsCommand(asked));
  await untilActive(world, source, signal);
};

const untilActive = ({ kinesis, pause }: World, stream: string, signal: AbortSignal) =>
  until(
    async () => {
      const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
      return answer.StreamDescriptionSummary?.StreamStatus === 'ACTIVE' || undefined;
    },
    { what: `stream ${stream} is active`, pause, signal },
  );

/** In the middle of whatever it does. Its lease would last for minutes: it is fenced, and another one is started. */
export const kill: Act = async ({ states, command, pause }, learnt, { signal }) => {
  const names = requireNames(learnt);
  await until(
    async () => {
      const [newest] = await running(states, names.stateMachineArn);
      if (newest === undefined) return undefined;
      await states.send(new StopExecutionCommand({ executionArn: newest, cause: 'verify:aws' }));
      // One that has just handed over to the next has ended by itself.
      const { status } = await states.send(new DescribeExecutionCommand({ executionArn: newest }));
      return status === 'ABORTED' || undefined;
    },
    { what: 'an execution was stopped', pause, signal },
  );
  await command(commands.fence(names));
  await command(commands.start(names));
};

/** All that is left lies there when the pipeline starts again: a batch with more rows than the sink takes in a second. */
export const burst: Act = async (world, learnt, around) => {
  const names = requireNames(learnt);
  await world.command(commands.stop(names));
  await untilNoneRuns(world, names.stateMachineArn, around.signal);
  await put(world, learnt, around);
  await createHeadStore(new Table(world.dynamodb, names.table, systemClock), names.pipeline).setControl('run');
  const input = JSON.stringify({ untilCaughtUp: true, closeWindows: true });
  await world.states.send(new StartExecutionCommand({ stateMachineArn: names.stateMachineArn, input }));
};

export const settle: Act = async (world, learnt, { signal }) => {
  const { stateMachineArn } = requireNames(learnt);
  await untilNoneRuns(world, stateMachineArn, signal);
  const { executions = [] } = await world.states.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
  const { executionArn } = executions[0]!;
  const { status, error, cause } = await world.states.send(new DescribeExecutionCommand({ executionArn }));
  if (status !== 'SUCCEEDED') throw new Error(`the last execution is ${status}: ${error}: ${cause}`);
};

/** One hands over to the next: none is the end of one that is waited for by name. */
const untilNoneRuns = ({ states, pause }: World, stateMachineArn: string, signal: AbortSignal) =>
  until(async () => ((await running(states, stateMachineArn)).length === 0 ? true : undefined), {
    ...{ what: 'no execution runs', pause, signal },
  });

/** The latest first. */
async function running(states: World['states'], stateMachineArn: string): Promise<readonly string[]> {
  const asked = { stateMachineArn, statusFilter: 'RUNNING' as const };
  const { executions = [] } = await states.send(new ListExecutionsCommand(asked));
  return executions.flatMap(({ executionArn }) => executionArn ?? []);
}
