/** What CloudWatch has counted of a run, and what that costs by list prices. */
import { noUsage, type Usage } from '../../local/cost/bill.ts';

export type Measured = { readonly functions: readonly string[]; readonly table: string; readonly sink: string };

type Query = {
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimension: readonly [string, string];
};

const queriesOf = ({ functions, table, sink }: Measured): readonly Query[] => [
  ...functions.flatMap((name, at) =>
    (['Invocations', 'Duration', 'Errors'] as const).map(
      (metric): Query => ({
        ...{ id: `${metric.toLowerCase()}${at}`, namespace: 'AWS/Lambda', metric, dimension: ['FunctionName', name] },
      }),
    ),
  ),
  ...(['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits', 'ThrottledRequests'] as const).map(
    (metric): Query => ({
      ...{
        id: metric.charAt(0).toLowerCase() + metric.slice(1),
        namespace: 'AWS/DynamoDB',
        metric,
        dimension: ['TableName', table],
      },
    }),
  ),
  {
    ...{ id: 'sinkThrottled', namespace: 'AWS/Kinesis', metric: 'WriteProvisionedThroughputExceeded' },
    dimension: ['StreamName', sink],
  },
];

/** Of `get-metric-data`: each sum by the minute. */
export const metricsInput = (
  measured: Measured,
  { from, to }: { readonly from: string; readonly to: string },
): object => ({
  StartTime: from,
  EndTime: to,
  MetricDataQueries: queriesOf(measured).map(({ id, namespace, metric, dimension: [name, value] }) => ({
    Id: id,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: metric, Dimensions: [{ Name: name, Value: value }] },
      ...{ Period: 60, Stat: 'Sum' },
    },
  })),
});

export type Sums = Readonly<Record<string, number>>;

export const sumsOf = (answer: string): Sums => {
  const { MetricDataResults = [] } = JSON.parse(answer) as { MetricDataResults?: { Id: string; Values: number[] }[] };
  return Object.fromEntries(
    MetricDataResults.map(({ Id, Values }) => [Id, Values.reduce((sum, value) => sum + value, 0)]),
  );
};

/** Functions that read and reduce have a whole processor, the others less. */
const works = (name: string): boolean => /ProcessShards|ReduceKeyGroup/.test(name);

/** `transitions`: states that were entered, from the histories. */
export function usageOf({ functions }: Measured, sums: Sums, transitions: number): Usage {
  const total = (metric: string, of: (name: string) => boolean) =>
    functions.reduce((sum, name, at) => sum + (of(name) ? (sums[`${metric}${at}`] ?? 0) : 0), 0);
  return {
    ...noUsage,
    writeUnits: sums.consumedWriteCapacityUnits ?? 0,
    readUnits: sums.consumedReadCapacityUnits ?? 0,
    lambdaRequests: total('invocations', () => true),
    workSeconds: total('duration', works) / 1_000,
    driverSeconds: total('duration', (name) => !works(name)) / 1_000,
    transitions,
  };
}

/** What shows that the run was disturbed as it should have been. */
export const troublesOf = ({ functions }: Measured, sums: Sums) => ({
  sinkThrottled: sums.sinkThrottled ?? 0,
  functionErrors: functions.reduce((sum, _, at) => sum + (sums[`errors${at}`] ?? 0), 0),
  tableThrottled: sums.throttledRequests ?? 0,
});
