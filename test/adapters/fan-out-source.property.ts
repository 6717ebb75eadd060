/** Reads by subscriptions that break anywhere: what is given is the shard, in order, each record once. */
import type { KinesisClient, StartingPosition } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFanOutSource } from '../../functions/adapters/kinesis/fan-out-source.ts';
import type { PollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { afterSequenceNumber, type Position } from '../../functions/core/position.ts';
import { minSubscribeGapMs } from '../../functions/core/subscription-pace.ts';
import { noon } from '../support/builders.ts';
import { event, failure } from '../support/scripted-subscriptions.ts';

type Break = 'none' | 'over' | 'InternalFailureException' | 'ECONNRESET' | 'ResourceInUseException';

/** A shard of numbered records, served in events of some size; what happens to each subscription comes from a plan. */
function shardOf(
  records: number,
  plan: readonly {
    readonly events: number;
    readonly size: number;
    readonly ends: Break;
    readonly tickMs: number;
    readonly repeats: boolean;
  }[],
) {
  let now = noon;
  const signals: AbortSignal[] = [];
  const successes: number[] = [];
  let at = 0;
  const startOf = ({ Type, SequenceNumber }: StartingPosition) =>
    Type === 'AFTER_SEQUENCE_NUMBER' ? Number(SequenceNumber) : 0;
  const send = async (
    { input }: { readonly input: { readonly StartingPosition: StartingPosition } },
    { abortSignal }: { readonly abortSignal: AbortSignal },
  ) => {
    signals.push(abortSignal);
    const last = successes.at(-1);
    if (last !== undefined && now - last < minSubscribeGapMs) throw failure('ResourceInUseException');
    const step = plan[at++];
    successes.push(now);
    let next = startOf(input.StartingPosition);
    // Kinesis may send again what it sent before.
    if (step?.repeats === true && signals.length > 1) next = Math.max(0, next - 2);
    return {
      EventStream: (async function* () {
        for (let sent = 0; step === undefined || sent < step.events; sent++) {
          now += step?.tickMs ?? 100;
          const numbers = Array.from(
            { length: Math.min(step?.size ?? 5, records - next) },
            (_, index) => next + index + 1,
          );
          next += numbers.length;
          yield event(numbers, { behind: records - next });
        }
        if (step !== undefined && step.ends !== 'over' && step.ends !== 'none') throw failure(step.ends);
      })(),
    };
  };
  const sleep = (ms: number, cut?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (cut === undefined) {
        now += ms;
        resolve();
      } else cut.addEventListener('abort', () => resolve());
    });
  return {
    signals,
    successes,
    client: { send } as unknown as KinesisClient,
    clock: { now: () => now, sleep },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const step = fc.record({
  events: fc.nat(4),
  size: fc.integer({ min: 0, max: 7 }),
  ends: fc.constantFrom<Break>('none', 'over', 'InternalFailureException', 'ECONNRESET', 'ResourceInUseException'),
  tickMs: fc.constantFrom(10, 900, 2_000, 6_000, 310_000),
  repeats: fc.boolean(),
});

test('every record once and in order, over any number of reads, with every connection closed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.nat(40),
      fc.integer({ min: 1, max: 20 }),
      async (plan, records, budget) => {
        const shard = shardOf(records, plan);
        const source = createFanOutSource({
          polling: {} as PollingSource,
          client: shard.client,
          consumer: undefined as never,
          clock: shard.clock,
          random: () => 0.5,
        });
        const given: number[] = [];
        let position: Position = { kind: 'trim-horizon' };
        for (let reads = 0, isAtTip = false; !isAtTip; reads++) {
          expect(reads).toBeLessThan(60);
          const until = shard.clock.now() + 12_000;
          const before = given.at(-1) ?? 0;
          const cursor = await source.open('s', position, { until, deadline: until, consumerArn: 'arn' });
          try {
            for (let taken = 0; taken < budget && !isAtTip && shard.clock.now() < until; ) {
              const page = await cursor.next(budget);
              if (typeof page === 'string') break;
              // What was read before this read is passed over by whoever reads.
              given.push(...page.records.map(({ sequenceNumber }) => Number(sequenceNumber)).filter((n) => n > before));
              taken += page.records.length;
              isAtTip = page.millisBehindLatest === 0;
              expect(page.serverTime).toBeLessThanOrEqual(cursor.subscribedAt!);
            }
          } catch (error) {
            expect((error as Error).name).toBe('TemporaryFailure');
          } finally {
            cursor.close!();
          }
          if (given.length > 0) position = afterSequenceNumber(String(given.at(-1)));
          // What the plan sees to.
          shard.pass(minSubscribeGapMs);
        }
        expect(given).toEqual(Array.from({ length: records }, (_, index) => index + 1));
        expect(shard.signals.every(({ aborted }) => aborted)).toBe(true);
        for (const [index, success] of shard.successes.slice(1).entries()) {
          expect(success - shard.successes[index]!).toBeGreaterThanOrEqual(minSubscribeGapMs);
        }
      },
    ),
    { numRuns: 500 },
  );
});
