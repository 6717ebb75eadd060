/** A live view of events, and events that came out of dead letters (VIEW-1): an older one never stands over a newer one. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createViewSink } from '../../functions/adapters/dynamodb/view-sink.ts';
import { dynamodb, json, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { type CheckedDynamodbSink, dynamodbKind } from '../../functions/sinks/dynamodb.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { sealedEventIdentity } from '../support/builders.ts';
import { anyObject } from '../support/pipelines.ts';

const latest = requirePipeline(
  pipeline('last-seen')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(anyObject))
    .writeStream(dynamodb({ tableName: 'view', partitionKey: '{key}', sortKey: 'latest' })),
).outputs[0]!.sink.options as CheckedDynamodbSink;
type Sent = readonly [sequence: string, ref: number, redriven?: 'redriven'];

/** One item, of which these events are sent one after the other, or those of a list together: which one stands. */
async function standsAfter(...sent: readonly (Sent | readonly Sent[])[]): Promise<string | undefined> {
  const dynamodb = new SimulatedDynamodb({ now: () => 0, random: new Random(1) });
  dynamodb.createTable('view');
  const client = serviceClient<DynamoDBClient>((operation, input) => dynamodb.execute(operation, input), {
    date: () => 0,
  });
  const sink = createViewSink(client, latest, { now: () => 0, sleep: async () => {} });
  const recordOf = ([sequence, ref, redriven]: Sent) =>
    dynamodbKind.encode(
      latest,
      { key: 'k', sequence },
      {
        identity: sealedEventIdentity({ sequence, ref, ...(redriven === undefined ? {} : { redriven: true }) }),
        defaultKey: 'k',
      },
    );
  for (const each of sent) {
    const together = typeof each[0] === 'string' ? [each as Sent] : (each as readonly Sent[]);
    await sink.send(together.map(recordOf), 1_000);
  }
  const [item] = dynamodb.partitions('view').flatMap((pk) => dynamodb.items('view', pk));
  return item?.sequence?.S;
}

describe('an event that was redriven', () => {
  it.each([
    [
      'does not stand over one that is newer',
      '200',
      [
        ['200', 3],
        ['100', 5, 'redriven'],
      ],
    ],
    [
      'stands over one that is older',
      '300',
      [
        ['200', 3],
        ['300', 5, 'redriven'],
      ],
    ],
    ['stands where nothing is', '100', [['100', 5, 'redriven']]],
    [
      'gives way to what is read later',
      '400',
      [
        ['300', 5, 'redriven'],
        ['400', 6],
      ],
    ],
    [
      'gives way to a newer one of its own batch, sent before or after',
      '400',
      [
        ['300', 5, 'redriven'],
        ['400', 5],
      ],
    ],
    [
      'or together with it',
      '400',
      [
        [
          ['400', 5],
          ['300', 5, 'redriven'],
        ],
      ],
    ],
    [
      'leaves the order of others as it is: the later batch stands',
      '100',
      [
        ['200', 3],
        ['100', 5],
      ],
    ],
  ] as const)('%s', async (_, stands, sent) => {
    expect(await standsAfter(...(sent as never as Sent[]))).toBe(stands);
  });
});
