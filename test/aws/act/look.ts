/** What came out, how long it took, and what it cost. */
import {
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandOutput,
  ListExecutionsCommand,
  type ListExecutionsCommandOutput,
} from '@aws-sdk/client-sfn';
import { billOf } from '../../../local/cost/bill.ts';
import { resultOf } from '../../../local/demo/flight-results.ts';
import { tailStream } from '../../../local/services/tail-stream.ts';
import { commands } from '../commands.ts';
import { compare as compared } from '../compare.ts';
import type { StackResource } from '../fis.ts';
import { latencyOf } from '../latency.ts';
import { metricsInput, sumsOf, troublesOf, usageOf } from '../metrics.ts';
import { type Act, requireNames, type World } from './world.ts';

/** Of the example. */
const delayMs = 30 * 60_000;

export const compare: Act = async ({ kinesis, expected, now }, learnt, { signal }) => {
  const sent = [];
  const from = { kind: 'trim-horizon' } as const;
  const options = { from, signal, untilCaughtUp: true };
  for await (const records of tailStream(kinesis, { StreamName: requireNames(learnt).sink }, options)) {
    for (const { data, arrivalTime } of records) {
      const bytes = Buffer.from(data).toString('utf8');
      const row = resultOf(bytes);
      sent.push({ identity: row.identity, bytes, row, arrivedAt: arrivalTime ?? now() });
    }
  }
  learnt.sent = sent;
  learnt.findings.comparison = compared(expected, sent);
  const [first] = learnt.findings.comparison.differences;
  if (first !== undefined) throw new Error(first);
};

export const measure: Act = async (_, { sent = [], puts, findings }) => {
  const first = new Map(sent.toReversed().map((each) => [each.identity, each]));
  const rows = [...first.values()].map(({ row, arrivedAt }) => ({ windowEnd: Date.parse(row.windowEnd), arrivedAt }));
  findings.latency = latencyOf(rows, puts, delayMs);
};

export const cost: Act = async ({ settings, states, command, now, metricsCome }, learnt, { signal }) => {
  const names = requireNames(learnt);
  const reckoned = JSON.parse(await command(commands.reckon(names))) as { dollars: { total: number } };
  const { StackResources: found } = JSON.parse(await command(commands.resources(settings))) as {
    StackResources: StackResource[];
  };
  const functions = found
    .filter(({ ResourceType }) => ResourceType === 'AWS::Lambda::Function')
    .map(({ PhysicalResourceId }) => PhysicalResourceId);
  const measured = { functions, table: names.table, sink: names.sink };
  const times = { from: new Date(learnt.startedAt!).toISOString(), to: new Date(now()).toISOString() };
  await metricsCome(signal);
  const sums = sumsOf(await command(commands.metrics(metricsInput(measured, times))));
  const usage = usageOf(measured, sums, await transitions(states, names.stateMachineArn));
  learnt.findings.cost = {
    counted: billOf(usage),
    reckonedADay: reckoned.dollars.total,
    troubles: troublesOf(measured, sums),
  };
};

/** States that were entered, of all executions: what a Standard machine is billed by. */
async function transitions(states: World['states'], stateMachineArn: string): Promise<number> {
  let entered = 0;
  for (const executionArn of await executionsOf(states, stateMachineArn)) {
    let nextToken: string | undefined;
    do {
      const asked = { executionArn, maxResults: 1_000, includeExecutionData: false, nextToken };
      const answer: GetExecutionHistoryCommandOutput = await states.send(new GetExecutionHistoryCommand(asked));
      entered += (answer.events ?? []).filter(({ type }) => type?.endsWith('StateEntered')).length;
      nextToken = answer.nextToken;
    } while (nextToken !== undefined);
  }
  return entered;
}

async function executionsOf(states: World['states'], stateMachineArn: string): Promise<readonly string[]> {
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const answer: ListExecutionsCommandOutput = await states.send(
      new ListExecutionsCommand({ stateMachineArn, nextToken }),
    );
    found.push(...(answer.executions ?? []).flatMap(({ executionArn }) => executionArn ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return found;
}
