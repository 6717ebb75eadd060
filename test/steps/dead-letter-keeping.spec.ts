/** What is kept of dead letters, and how long: by the pipeline's options. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { letterObject } from '../../cli/letters/letter-options.ts';
import { createRoleKeeper } from '../../functions/adapters/credentials/assumed-role.ts';
import {
  createDeadLetterReader,
  type LetterFilter,
  type UnreadableLetter,
} from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { createDeadLetterStore } from '../../functions/adapters/dynamodb/dead-letter-store.ts';
import { deadLetterKey, letterListsPartition } from '../../functions/adapters/dynamodb/keys.ts';
import { createLetterLists } from '../../functions/adapters/dynamodb/letter-list-store.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { type Item, Table } from '../../functions/adapters/dynamodb/table.ts';
import type { Duration } from '../../functions/index.ts';
import { json, kinesis, pipeline } from '../../functions/index.ts';
import { checkPipeline, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { openOutline, outlineOf } from '../../functions/pipeline/outline.ts';
import type { PipelineOptions } from '../../functions/pipeline/stages.ts';
import { createCommitRuntime } from '../../functions/steps/commit-batch/commit-runtime.ts';
import { connect } from '../../functions/steps/connection.ts';
import { createProcessRuntime } from '../../functions/steps/process-shards/process-runtime.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { type Answers, answerOf } from '../../local/page/page-questions.ts';
import { letterId, letterText } from '../../local/report/letter-text.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { decompress, md5, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';

const day = 86_400;
const secret = 'alice@example.com';
const definition = (options: PipelineOptions) =>
  pipeline('p', options)
    .readStream(kinesis({ streamName: 'source', startingPosition: 'TRIM_HORIZON' }))
    .decode(json(z.object({ id: z.number(`${secret} is no number`) })))
    .writeStream(kinesis({ streamName: 'sink' }));

/** At time 0. */
function emptyTable() {
  const dynamodb = new SimulatedDynamodb({ now: Date.now, random: new Random(1) });
  const send = (operation: string, input: unknown) => dynamodb.execute(operation, input);
  const client = serviceClient<DynamoDBClient>(send, { date: Date.now });
  dynamodb.createTable('t');
  const clock = { now: () => 0, sleep: async () => {} };
  return { table: new Table(client, 't', clock), clock };
}

/** One event that does not fit the schema, through an executor, into a table at time 0. */
async function bury(options: PipelineOptions) {
  const checked = requirePipeline(definition(options));
  const { table, clock } = emptyTable();
  const memory: Memory = memoryPorts(scriptedSource(() => memory, { a: [record(1, { id: secret })] }));
  const deadLetters = createDeadLetterStore(table, 'p', clock, checked.letterKeeping);
  const ports = { ...memory.ports, deadLetters };
  await ports.plans.putPlan(planRecord(), [plannedTask([planned('a')], { fingerprint: checked.fingerprint })]);
  const input = { run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 30 };
  const log = { info: () => {}, warn: () => {} };
  await processShards(input, { pipeline: checked, ports, md5, decompress, log });
  const reader = createDeadLetterReader(table, 'p');
  const [listed] = await Array.fromAsync(reader.list({}, ({ why }) => expect.unreachable(why)));
  const letter = (await reader.load(listed!))!;
  const storage = openStorage({ table, pipeline: 'p', clock, newId: () => 'n' });
  const toRedrive = await createLetterLists(storage).loadLetter(letter);
  const { summary } = memory.blocks.get('1/7/0')!;
  const item = (await table.get(deadLetterKey('p', letter)))!;
  const { expires } = item;
  return { item, toRedrive, listed, letter, summary: JSON.stringify(summary), expires: Number(expires!.N) };
}

describe('a dead letter', () => {
  it('has its payload and message, for 30 days', async () => {
    const { listed, letter, summary, expires } = await bury({});
    expect(Buffer.from(letter.payload).toString()).toBe(JSON.stringify({ id: secret }));
    expect(letter.message).toContain(secret);
    expect(listed).toMatchObject({ reason: 'schema-mismatch', payloadBytes: letter.payload.length });
    expect(summary).toContain(secret);
    expect(expires).toBe(30 * day);
  });

  it("has neither with deadLetterPayload: 'none', nor has the report, but the rest and how large it was", async () => {
    const { listed, letter, summary } = await bury({ deadLetterPayload: 'none' });
    expect(letter.payload).toHaveLength(0);
    expect(letter.message).toBe('');
    expect(listed).toMatchObject({ reason: 'schema-mismatch', payloadBytes: JSON.stringify({ id: secret }).length });
    expect(JSON.stringify(listed)).not.toContain(secret);
    expect(summary).not.toContain(secret);
    expect(summary).toContain('schema-mismatch');
  });

  it('is redriven with its payload, and passed over without', async () => {
    expect((await bury({})).toRedrive?.payload).not.toHaveLength(0);
    expect((await bury({ deadLetterPayload: 'none' })).toRedrive).toBeUndefined();
  });

  it.each(['payload', 'parts', 'reason', 'payloadBytes', 'v'])(
    'that lacks %s is refused by name, so a redrive passes over it; an answer that lacks it is asked for again',
    async (attribute) => {
      const { letter, item } = await bury({});
      const { table, clock } = emptyTable();
      const lists = createLetterLists(openStorage({ table, pipeline: 'p', clock, newId: () => 'n' }));
      const { [attribute]: lacking, ...rest } = item;
      await table.put(rest);
      await expect(lists.loadLetter(letter)).rejects.toMatchObject({
        name: 'UnknownFormat',
        message: expect.stringContaining(`lacks ${attribute}`),
      });
      const [get, answers] = [table.get.bind(table), [rest]];
      await table.put({ ...rest, [attribute]: lacking! });
      table.get = async (key) => answers.shift() ?? get(key);
      expect((await lists.loadLetter(letter))?.payload).toEqual(letter.payload);
    },
  );

  describe('beside one that can not be read', () => {
    const tableOf = async (item: Item) => {
      const { listed, item: other } = await bury({});
      const { table } = emptyTable();
      await table.put(other);
      await table.put(item);
      const unreadable: UnreadableLetter[] = [];
      const list = (filter: LetterFilter) =>
        Array.fromAsync(createDeadLetterReader(table, 'p').list(filter, (each) => unreadable.push(each)));
      return { table, listed, list, unreadable };
    };
    const key = deadLetterKey('p', { source: 'main', shardId: 'a', sequenceNumber: '9', subSequenceNumber: 0 });
    const named = { pk: { S: key.pk }, sk: { S: key.sk } };
    const like = async (): Promise<Item> => ({ ...(await bury({})).item, ...named, sequenceNumber: { S: '9' } });

    it.each([
      'sourceId',
      'shardId',
      'sequenceNumber',
      'subSequenceNumber',
      'partitionKey',
      'message',
      'payloadBytes',
      'v',
    ])('for want of %s is listed, and told is which one that is', async (attribute) => {
      const { [attribute]: lacking, ...rest } = await like();
      const { table, listed, list, unreadable } = await tableOf(rest);
      expect(await list({ reason: 'schema-mismatch' })).toEqual([listed]);
      expect(unreadable).toEqual([{ ...key, why: expect.stringContaining(`lacks ${attribute}.`) }]);
      expect(await list({ reason: 'invalid-json' })).toEqual([]);
      expect(unreadable).toHaveLength(1);
      await table.put({ ...rest, [attribute]: lacking! });
      expect(await list({})).toHaveLength(2);
      expect(unreadable).toHaveLength(1);
    });

    it.each([
      ['v', { S: '1' }],
      ['arrivalTime', { S: '1' }],
      ['resultIdentity', { N: '1' }],
      ['resultIdentity', { S: '{"v":1,' }],
    ])('for what its %s is instead is listed, and told is which one that is', async (attribute, instead) => {
      const { listed, list, unreadable } = await tableOf({ ...(await like()), [attribute]: instead });
      expect(await list({})).toEqual([listed]);
      expect(unreadable).toEqual([{ ...key, why: expect.stringContaining(`lacks ${attribute}.`) }]);
    });

    it('for want of its reason is listed: that one may be of any', async () => {
      const { reason: _, ...rest } = await like();
      const { listed, list, unreadable } = await tableOf(rest);
      expect(await list({ reason: 'schema-mismatch' })).toEqual([listed]);
      expect(await list({ reason: 'invalid-json' })).toEqual([]);
      expect(unreadable.map(({ why }) => why)).toEqual(Array(2).fill(expect.stringContaining('lacks reason.')));
    });

    it('since newer code has written it is listed, and told is its version', async () => {
      const { listed, list, unreadable } = await tableOf({ ...(await like()), v: { N: '9' } });
      expect(await list({})).toEqual([listed]);
      expect(unreadable[0]?.why).toContain('a dead letter of format version 9; this code reads 1');
    });

    it('is listed, as is the other, where but an answer lacks something', async () => {
      const whole = await like();
      const { table, list, unreadable } = await tableOf(whole);
      const query = table.query.bind(table);
      table.query = async function* (...asked) {
        for await (const { message, ...rest } of query(...asked))
          yield asked[1].condition === 'sk = :sk' ? { ...rest, message: message! } : rest;
      };
      expect(await list({})).toHaveLength(2);
      expect(unreadable).toEqual([]);
    });
  });

  it('is kept as long as deadLetterRetention says', async () => {
    expect((await bury({ deadLetterRetention: '7 days' })).expires).toBe(7 * day);
  });

  it('is listed for a day longer than it is kept, and for 31 days at least', async () => {
    const listed = async (given: Duration | undefined) => {
      const written = definition(given === undefined ? {} : { deadLetterRetention: given });
      const checked = requirePipeline(written);
      const { table, clock } = emptyTable();
      const storage = openStorage({ table, pipeline: 'p', clock, newId: () => 'n' });
      const here = connect('p', { table: 't', region: 'eu-west-1' }, createRoleKeeper);
      const connection = { ...here, storageOf: () => storage };
      const log = { info: () => {}, warn: () => {} };
      const executor = createProcessRuntime(checked, connection, { log });
      // As it is bundled: a commit has no pipeline file.
      const outline = openOutline(JSON.parse(JSON.stringify(outlineOf(written, checked))), {});
      const commit = createCommitRuntime(outline, connection, { log, metrics: { set: 'all', write: () => {} } });
      const batch = { batchId: 1, ref: 7 };
      const place = { source: 'main', shardId: 'a', sequenceNumber: '1', subSequenceNumber: 0 };
      await executor.ports.letterLists.putLists({ ...batch, task: 0, nonce: 'n' }, { dead: [place], taken: [] });
      await commit.ports.letterLists.putBatch({ ...batch, tasks: [{ task: 0, nonce: 'n' }] });
      const where = { condition: 'sk > :from', values: { ':from': ' ' } };
      const items = await Array.fromAsync(table.query(letterListsPartition('p'), where));
      return items.map(({ expires }) => Number(expires!.N) / day);
    };
    expect(await listed('90 days')).toEqual([91, 91]);
    expect(await listed('36 hours')).toEqual([31, 31]);
    expect(await listed(undefined)).toEqual([31, 31]);
  });

  it('is not known of any more once its list has expired, though that lies there still (LISTS-3)', async () => {
    const { table } = emptyTable();
    let now = 0;
    const storage = openStorage({
      table,
      pipeline: 'p',
      clock: { now: () => now, sleep: async () => {} },
      newId: () => 'n',
    });
    const lists = createLetterLists(storage);
    const place = { source: 'main', shardId: 'a', sequenceNumber: '1', subSequenceNumber: 0 };
    const known = async () =>
      (await Array.fromAsync(lists.batches())).flatMap(({ facts }) => facts.map(({ fact }) => fact));
    for (const [batchId, list] of [
      [1, { dead: [place], taken: [] }],
      [2, { dead: [], taken: [{ ...place, payloadBytes: 1 }] }],
    ] as const) {
      await lists.putLists({ batchId, ref: batchId, task: 0, nonce: 'n' }, list);
      await lists.putBatch({ batchId, ref: batchId, tasks: [{ task: 0, nonce: 'n' }] });
      now += day * 1_000;
    }
    expect(await known()).toEqual(['dead', 'taken']);
    now = 31 * day * 1_000;
    expect(await known()).toEqual(['taken']);
    now += day * 1_000;
    expect(await known()).toEqual([]);
  });

  it('is shown as withheld, where it is', async () => {
    const { letter } = await bury({ deadLetterPayload: 'none' });
    expect(letterText(letter)).toContain("payload    withheld: the pipeline had `deadLetterPayload: 'none'`");
    expect(letterText(letter)).not.toContain('bytes');
    expect(letterText((await bury({})).letter)).toMatch(/^payload {4}26 bytes, text$/m);
    expect(letterObject(letter)).toMatchObject({ id: letterId(letter), isWithheld: true, reason: 'schema-mismatch' });
    expect(letterObject(letter)).not.toHaveProperty('payloadBytes');
    expect(letterObject(letter)).not.toHaveProperty('payload');
    expect(letterObject((await bury({})).letter)).toMatchObject({
      payloadBytes: 26,
      payload: { text: expect.any(String) },
    });
    const asked = new URLSearchParams({ id: letterId(letter) });
    const answer = await answerOf('/letter', asked, { letter: async () => letter } as unknown as Answers);
    expect(answer!.body).toMatchObject({ form: 'withheld', text: '' });
    expect(answer!.body).not.toHaveProperty('bytes');
  });

  it('is not kept by options that are none', () => {
    const given = { deadLetterPayload: 'some' as never, deadLetterRetention: '5 minutes' } as const;
    const checked = checkPipeline(definition(given));
    const problems = checked.kind === 'invalid' ? checked.problems : [];
    expect(problems.map(({ option, allowed }) => [option, allowed])).toEqual([
      ['options.deadLetterPayload', "'kept' or 'none'"],
      ['options.deadLetterRetention', expect.stringContaining('at least 1 hour')],
    ]);
  });
});
