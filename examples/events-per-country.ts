/**
 * Counts events per country in every micro-batch. The events are what this template of the Kinesis Data Generator makes:
 *
 *   {"id": {{random.number(100)}}, "data": "{{random.arrayElement(["Spain","Portugal"])}}", "date": "{{date.now}}"}
 */
import { count, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

const Event = z.object({ id: z.number(), data: z.string(), date: z.string() });

export default pipeline('events-per-country')
  .readStream(kinesis({ streamName: 'events', startingPosition: 'LATEST' }))
  .decode(json(Event))
  .groupBy({ country: (event) => event.data })
  .window(perMicroBatch())
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'events-per-country', partitionKey: (row) => row.country }))
  .trigger({ every: '10 seconds' });
