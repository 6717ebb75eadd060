/** What is not an event ends as a dead letter with its bytes; the batch commits, and no window closes early. */
import { paginateQuery } from '@aws-sdk/client-dynamodb';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import { deadLetterPartitions } from '../../functions/adapters/dynamodb/keys.ts';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import {
  dynamodbOf,
  kinesisOf,
  makeStreams,
  publishEvents,
  runToEnd,
  runtimeOf,
  table,
  uniqueName,
} from '../support/world.ts';

const world = useWorld();

const text = (value: string) => new TextEncoder().encode(value);
const malformed: readonly { readonly reason: string; readonly data: Uint8Array }[] = [
  { reason: 'invalid-json', data: text('{"at": "2001-01-01T00:00:00Z", ') },
  { reason: 'schema-mismatch', data: text('{"at":"2001-01-01T00:00:00Z","origin":7,"delay":1}') },
  { reason: 'empty-record', data: new Uint8Array() },
  { reason: 'invalid-json', data: new Uint8Array(1_048_000).fill(0x78) },
  { reason: 'invalid-utf8', data: Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d]) },
  {
    reason: 'corrupt-aggregated-record',
    data: Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...text('not what it seems')]),
  },
  { reason: 'event-time-in-future', data: text('{"at":"2100-01-01T00:00:00Z","origin":"ATL","delay":1}') },
  { reason: 'schema-mismatch', data: text('{"origin":"ATL","delay":1}') },
  { reason: 'invalid-event-time', data: text('{"at":"yesterday","origin":"ATL","delay":1}') },
];

test('each malformed record is kept with shard, sequence number, reason and payload', async () => {
  const streams = await makeStreams(world, 2);
  const events = departures(60);
  await publishEvents(world, streams.source, events.slice(0, 30), 5);
  const sent = await kinesisOf(world).send(
    new PutRecordsCommand({
      StreamName: streams.source,
      Records: malformed.map(({ data }, at) => ({ PartitionKey: `bad-${at}`, Data: data })),
    }),
  );
  expect(sent.FailedRecordCount).toBe(0);
  await publishEvents(world, streams.source, events.slice(30), 5);

  const pipeline = departuresPipeline(uniqueName('malformed'), streams);
  const runtime = runtimeOf(world, pipeline);
  expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });

  const { chain } = await checkInvariants(world, runtime, streams.sink);
  const counters = chain.map((body) => body.counters);
  expect(counters.reduce((sum, { read }) => sum + read, 0)).toBe(events.length + malformed.length);
  expect(counters.reduce((sum, { deadLettered }) => sum + deadLettered, 0)).toBe(malformed.length);
  expect(counters.reduce((sum, { late }) => sum + late, 0)).toBe(0);
  // The event of the year 2100 moved no watermark: it is 30 minutes behind the slower shard's last event.
  const lastEvent = Date.parse((events.at(-1)!.data as { at: string }).at);
  expect(chain.at(-1)!.watermarkOut).toBeLessThanOrEqual(lastEvent - 30 * 60_000);

  const letters = await deadLettersOf(pipeline.name);
  const expected = malformed.map(({ reason, data }, at) => ({
    source: 'main',
    shardId: sent.Records![at]!.ShardId,
    sequenceNumber: sent.Records![at]!.SequenceNumber,
    partitionKey: `bad-${at}`,
    reason,
    payload: Buffer.from(data).toString('base64'),
  }));
  const bySequence = (one: { sequenceNumber?: string }, other: { sequenceNumber?: string }) =>
    one.sequenceNumber! < other.sequenceNumber! ? -1 : 1;
  expect(letters.toSorted(bySequence)).toEqual(expected.toSorted(bySequence));

  // Nothing is missing from the results either.
  await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true });
  const { outputs } = await checkInvariants(world, runtime, streams.sink);
  expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
});

async function deadLettersOf(pipeline: string) {
  const pages = deadLetterPartitions(pipeline).map((pk) =>
    Array.fromAsync(
      paginateQuery(
        { client: dynamodbOf(world) },
        { TableName: table, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: pk } } },
      ),
    ),
  );
  const items = (await Promise.all(pages)).flat().flatMap((page) => page.Items ?? []);
  return items
    .filter((item) => item.reason !== undefined)
    .map((item) => {
      // Further parts of a large payload lie beside it, in order.
      const parts = items.filter((part) => part.sk!.S!.startsWith(`${item.sk!.S!}#`));
      const payload = Buffer.concat([item.payload!.B!, ...parts.map((part) => part.payload!.B!)]);
      expect(payload.length).toBe(Number(item.payloadBytes!.N));
      return {
        source: item.sourceId!.S,
        shardId: item.shardId!.S,
        sequenceNumber: item.sequenceNumber!.S,
        partitionKey: item.partitionKey!.S,
        reason: item.reason!.S,
        payload: payload.toString('base64'),
      };
    });
}
