/** The few calls of DynamoDB that the stores use, on one table, with consistent reads and typed errors. */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../concurrency/in-parallel.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { fromAws, isNamed, isThrottling } from '../aws-errors.ts';
import { fullJitter } from '../full-jitter.ts';
import { given } from '../incomplete-answer.ts';
import { refuseLarge } from './item-size.ts';
import { inBatches } from './write-batches.ts';

export type Item = Record<string, AttributeValue>;
export type Key = { readonly pk: string; readonly sk: string };
export type Values = Readonly<Record<string, string | number>>;

const maxBatchTries = 8;
/** Batches side by side, of writes that need no order. */
const batchesAtOnce = 8;
/** Each is three of the SDK's. */
const maxThrottledTries = 4;
const pauses = { firstPauseMs: 50, longestPauseMs: 1_000 };

/** Below the 400 KB of an item, with room for keys and the other attributes of a root. */
export const maxChunkBytes = 350_000;

export class Table {
  /** Values over this size lie in chunks. */
  readonly chunkBytes: number;
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(
    client: DynamoDBClient,
    name: string,
    clock: Clock,
    random: Random = Math.random,
    chunkBytes = maxChunkBytes,
  ) {
    this.chunkBytes = chunkBytes;
    this.#client = client;
    this.#name = name;
    this.#clock = clock;
    this.#random = random;
  }

  async get(key: Key): Promise<Item | undefined> {
    return this.#call(`get ${key.sk}`, async () => {
      const answer = await this.#client.send(
        new GetItemCommand({ TableName: this.#name, Key: keyOf(key), ConsistentRead: true }),
      );
      return answer.Item;
    });
  }

  async put(item: Item): Promise<void> {
    refuseLarge(item);
    await this.#call('put', () => this.#client.send(new PutItemCommand({ TableName: this.#name, Item: item })));
  }

  /** First write wins. */
  putIfAbsent(item: Item): Promise<'stored' | 'exists'> {
    return this.#putIf(item, { ConditionExpression: 'attribute_not_exists(pk)' });
  }

  /** Unless there is one whose `mark`, an attribute with a number, is as high. */
  putIfHigher(item: Item, mark: string): Promise<'stored' | 'exists'> {
    const named = { ExpressionAttributeNames: { '#mark': mark }, ExpressionAttributeValues: { ':mark': item[mark]! } };
    return this.#putIf(item, { ConditionExpression: 'attribute_not_exists(pk) OR #mark < :mark', ...named });
  }

  async #putIf(item: Item, condition: Partial<PutItemCommandInput>): Promise<'stored' | 'exists'> {
    refuseLarge(item);
    const put = { TableName: this.#name, Item: item, ...condition };
    return this.#call('conditional put', () => orExists(this.#client.send(new PutItemCommand(put))));
  }

  /** One conditional change of one item; the item after it, or 'refused'. `set` and `given` are named attributes. */
  async update(
    key: Key,
    change: { readonly set: Values; readonly given: Values; readonly condition: string },
  ): Promise<Item | 'refused'> {
    const names: Record<string, string> = {};
    const values: Item = {};
    for (const name of [...Object.keys(change.set), ...namesIn(change.condition)]) names[`#${name}`] = name;
    for (const [name, value] of Object.entries(change.set)) values[`:set_${name}`] = toAttribute(value);
    for (const [name, value] of Object.entries(change.given)) values[`:${name}`] = toAttribute(value);
    const assignments = Object.keys(change.set).map((name) => `#${name} = :set_${name}`);
    return this.#call(`update ${key.sk}`, async () => {
      try {
        const answer = await this.#client.send(
          new UpdateItemCommand({
            TableName: this.#name,
            Key: keyOf(key),
            UpdateExpression: `SET ${assignments.join(', ')}`,
            ConditionExpression: change.condition,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
            ReturnValues: 'ALL_NEW',
          }),
        );
        return given(answer.Attributes, 'Attributes');
      } catch (error) {
        if (isNamed(error, 'ConditionalCheckFailedException')) return 'refused';
        throw error;
      }
    });
  }

  /** Items of a partition in order of their sort keys, page by page. `where` is a condition on `sk` with `:from`, `:to`. */
  async *query(
    pk: string,
    where: { readonly condition: string; readonly values: Readonly<Record<string, string>> },
    options: { readonly limit?: number; readonly keysOnly?: boolean; readonly attributes?: string } = {},
  ): AsyncGenerator<Item> {
    let start: Item | undefined;
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    do {
      const { items, next } = await this.#call(`query ${pk}`, async () => {
        const answer = await this.#client.send(
          new QueryCommand({
            TableName: this.#name,
            ConsistentRead: true,
            KeyConditionExpression: `pk = :pk AND ${where.condition}`,
            ExpressionAttributeValues: {
              ':pk': { S: pk },
              ...Object.fromEntries(Object.entries(where.values).map(([name, value]) => [name, { S: value }])),
            },
            ...(options.attributes === undefined ? {} : { ProjectionExpression: options.attributes }),
            ...(options.keysOnly === true ? { ProjectionExpression: 'pk, sk, expires' } : {}),
            ...(options.limit === undefined ? {} : { Limit: left }),
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        );
        return { items: given(answer.Items, 'Items'), next: answer.LastEvaluatedKey };
      });
      yield* items;
      // A page also ends at 1 MB, before its limit.
      left -= items.length;
      start = left > 0 ? next : undefined;
    } while (start !== undefined);
  }

  async putAll(items: readonly Item[]): Promise<void> {
    await this.#writeAll(items.map((Item) => ({ PutRequest: { Item } })));
  }

  async deleteAll(keys: readonly Key[]): Promise<void> {
    await this.#writeAll(keys.map((key) => ({ DeleteRequest: { Key: keyOf(key) } })));
  }

  /**
   * Side by side and in no order, as many as go through until `deadline`. The keys of those that did not, and what was in
   * the way of one of them: nothing but the table's limits, if `error` is undefined.
   */
  async putSome(
    items: readonly Item[],
    deadline: number,
  ): Promise<{ readonly unwritten: readonly Item[]; readonly error: SluiceError | undefined }> {
    const unwritten: Item[] = [];
    let error: SluiceError | undefined;
    await inParallel([...inBatches(items.map((Item) => ({ PutRequest: { Item } })))], batchesAtOnce, async (batch) => {
      let open: readonly WriteRequest[] = batch;
      for (let attempt = 0; open.length > 0 && error === undefined; attempt++) {
        if (attempt > 0 && !(await this.#pause(attempt - 1, deadline))) break;
        try {
          open = await this.#writeBatch(open);
        } catch (failure) {
          if (!isThrottling(failure)) error ??= this.#failure('batch write', failure);
        }
      }
      unwritten.push(...open.map((request) => request.PutRequest!.Item!));
    });
    return { unwritten, error };
  }

  async #writeAll(requests: readonly WriteRequest[]): Promise<void> {
    for (const batch of inBatches(requests)) {
      let open: readonly WriteRequest[] = batch;
      for (let attempt = 0; open.length > 0; attempt++) {
        if (attempt === maxBatchTries)
          throw new SluiceError('TemporaryFailure', `${open.length} writes were not processed`);
        if (attempt > 0) await this.#pause(attempt - 1);
        const sent = open;
        open = await this.#call('batch write', () => this.#writeBatch(sent));
      }
    }
  }

  /** What was left unprocessed. */
  async #writeBatch(requests: readonly WriteRequest[]): Promise<readonly WriteRequest[]> {
    const answer = await this.#client.send(
      new BatchWriteItemCommand({ RequestItems: { [this.#name]: [...requests] } }),
    );
    // An answer that does not say what is left says nothing: all of it is written again.
    return answer.UnprocessedItems === undefined ? requests : (answer.UnprocessedItems[this.#name] ?? []);
  }

  /** Full jitter; false, at once, if it would reach past the deadline. */
  async #pause(attempt: number, deadline = Number.POSITIVE_INFINITY): Promise<boolean> {
    const ms = fullJitter(this.#random, attempt, pauses);
    if (this.#clock.now() + ms >= deadline) return false;
    await this.#clock.sleep(ms);
    return true;
  }

  /** What the table's limits refused, the SDK's repeats included, is asked again: a step that fails over it costs far more. */
  async #call<Result>(doing: string, call: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (attempt === maxThrottledTries || !isThrottling(error)) throw this.#failure(doing, error);
        await this.#pause(attempt);
      }
    }
  }

  #failure(doing: string, error: unknown): SluiceError {
    return fromAws(error, `table ${this.#name}: ${doing}`, { ResourceNotFoundException: 'NotAllowed' });
  }
}

async function orExists(write: Promise<unknown>): Promise<'stored' | 'exists'> {
  try {
    await write;
    return 'stored';
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return 'exists';
    throw error;
  }
}

export const keyOf = ({ pk, sk }: Key): Item => ({ pk: { S: pk }, sk: { S: sk } });
export const toAttribute = (value: string | number): AttributeValue =>
  typeof value === 'number' ? { N: String(value) } : { S: value };
const namesIn = (condition: string): string[] => [...condition.matchAll(/#(\w+)/g)].map((match) => match[1]!);
