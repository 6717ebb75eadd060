/**
 * A function that is called with records and keeps them. It takes one after the other, and behind one that it can't take none of its
 * key. It may throw, or run out of time, with some of them taken; its answer may name what was not in the call.
 */
import { ServiceError } from '../service-error.ts';
import type { Delivered, DeliveryParts, DeliveryService } from './delivered.ts';

const maxPayloadBytes = 6 * 1_048_576;
const encoder = new TextEncoder();

type Item = { readonly itemIdentifier: string; readonly key: string; readonly value: unknown };
type Reaction = {
  readonly taken: readonly boolean[];
  readonly payload: string | undefined;
  readonly error?: string;
  readonly tookMs?: number;
  readonly mayRepeat?: boolean;
};

export class SimulatedFunction implements DeliveryService {
  readonly #parts: DeliveryParts;
  readonly #name: string;
  readonly #batchSize: number;

  constructor(name: string, batchSize: number, parts: DeliveryParts) {
    this.#name = name;
    this.#batchSize = batchSize;
    this.#parts = parts;
  }

  take(operation: string, input: unknown, refusedShare: number): Delivered {
    const items = this.#itemsIn(operation, input);
    const { random, now, oddUntil, oddShare } = this.#parts;
    const odd = now() < oddUntil && random.chance(oddShare) ? random.pick(oddities) : undefined;
    if (odd === 'throttled') throw new ServiceError('TooManyRequestsException', 'injected', 429);
    const reaction = this.#react(odd, items, refusedShare);
    const { taken, payload, error, ...rest } = reaction;
    return {
      ...rest,
      entries: items.map(({ key, value }, at) => ({
        entry: { PartitionKey: key, Data: encoder.encode(JSON.stringify(value)) },
        isTaken: taken[at]!,
      })),
      output: {
        StatusCode: 200,
        ExecutedVersion: '$LATEST',
        ...(payload === undefined ? {} : { Payload: encoder.encode(payload) }),
        ...(error === undefined ? {} : { FunctionError: error }),
      },
    };
  }

  #react(odd: Oddity | undefined, items: readonly Item[], refusedShare: number): Reaction {
    const { random } = this.#parts;
    const all = items.map(() => true);
    /** Those that it had taken before it ended. */
    const some = items.map((_, at) => at < random.int(0, items.length));
    switch (odd) {
      case 'throws':
        return { taken: prefix(some), payload: '{"errorType":"TypeError"}', error: 'Unhandled', mayRepeat: true };
      case 'out of time':
        return {
          ...{ taken: prefix(some), payload: '{"errorType":"Sandbox.Timedout"}', error: 'Unhandled', mayRepeat: true },
          tookMs: random.int(3_000, 20_000),
        };
      case 'slow':
        return { taken: all, payload: 'null', mayRepeat: true, tookMs: random.int(2_000, 15_000) };
      case 'strangers':
        return { taken: prefix(some), payload: JSON.stringify(random.pick(answersOfStrangers)), mayRepeat: true };
      case 'no JSON':
        return { taken: prefix(some), payload: random.pick(['{', 'undefined']), mayRepeat: true };
      default:
        return this.#takeEach(items, odd === 'failures' ? 0.4 : refusedShare);
    }
  }

  #takeEach(items: readonly Item[], refusedShare: number): Reaction {
    const { random } = this.#parts;
    const failed = items.map(() => random.chance(refusedShare));
    const keys = new Set<string>();
    const taken = items.map(({ key }, at) => {
      if (failed[at]) keys.add(key);
      return !keys.has(key);
    });
    const batchItemFailures = items.filter((_, at) => failed[at]).map(({ itemIdentifier }) => ({ itemIdentifier }));
    // In any order, and one twice: a list of what failed is no more than that.
    const listed = random.chance(0.5) ? batchItemFailures : [...batchItemFailures, ...batchItemFailures].reverse();
    const payload = listed.length > 0 ? JSON.stringify({ batchItemFailures: listed }) : random.pick(answersOfSuccess);
    return { taken, payload };
  }

  #itemsIn(operation: string, input: unknown): readonly Item[] {
    const {
      FunctionName,
      InvocationType,
      Payload = new Uint8Array(),
    } = input as {
      readonly FunctionName?: string;
      readonly InvocationType?: string;
      readonly Payload?: Uint8Array;
    };
    if (operation !== 'Invoke' || FunctionName !== this.#name || InvocationType !== 'RequestResponse')
      throw new Error(`lambda: unknown ${operation} ${InvocationType} of ${FunctionName}`);
    if (Payload.length > maxPayloadBytes)
      throw new ServiceError('RequestTooLargeException', `${Payload.length} bytes`, 413);
    const { records } = JSON.parse(new TextDecoder().decode(Payload)) as { readonly records: readonly Item[] };
    const isNumbered = records.every(({ itemIdentifier }, at) => itemIdentifier === String(at));
    if (isNumbered && records.length >= 1 && records.length <= this.#batchSize) return records;
    throw new ServiceError('ValidationException', `${records.length} records, of ${this.#batchSize} at most`);
  }
}

const prefix = (some: readonly boolean[]): readonly boolean[] => {
  const end = some.indexOf(false);
  return some.map((_, at) => end < 0 || at < end);
};

const oddities = [
  ...(['failures', 'failures', 'failures', 'throws', 'throws', 'out of time', 'slow'] as const),
  ...(['strangers', 'no JSON', 'throttled'] as const),
];
type Oddity = (typeof oddities)[number];

/** As of an event source mapping, all of these are a success, and so is no payload at all. */
const answersOfSuccess = [
  'null',
  '',
  undefined,
  '{}',
  '"done"',
  '[]',
  '{"batchItemFailures":[]}',
  '{"batchItemFailures":null}',
];
const answersOfStrangers = [
  { batchItemFailures: [{ itemIdentifier: '100000' }] },
  { batchItemFailures: [{ itemIdentifier: '' }] },
  { batchItemFailures: [{ itemIdentifier: null }] },
  { batchItemFailures: [{}] },
  { batchItemFailures: 'all' },
];
