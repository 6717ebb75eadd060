/** SubscribeToShard as a script: one subscription after the other, each with its events, and a clock that they move. */
import type { KinesisClient, StartingPosition } from '@aws-sdk/client-kinesis';
import type { Clock } from '../../functions/ports/clock.ts';
import { noon } from './builders.ts';

export type ScriptedEvent =
  | Error
  /** Nothing more comes. */
  | 'silence'
  /** The event, so many milliseconds after the one before. */
  | { readonly event: unknown; readonly after?: number };

/** An error instead of events: the call itself is refused. */
export type ScriptedSubscription = Error | readonly ScriptedEvent[];

export const failure = (name: string, status = 400): Error =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });

export const awsRecord = (sequenceNumber: number, arrival = noon) => ({
  SequenceNumber: String(sequenceNumber),
  PartitionKey: 'k',
  Data: new TextEncoder().encode(`${sequenceNumber}`),
  ApproximateArrivalTimestamp: new Date(arrival),
});

/** An event of the stream: ends the shard where no continuation is given. */
export const event = (
  sequenceNumbers: readonly number[],
  given: { readonly behind?: number; readonly children?: readonly string[] } = {},
) => ({
  SubscribeToShardEvent: {
    Records: sequenceNumbers.map((number) => awsRecord(number)),
    MillisBehindLatest: given.behind ?? 0,
    ...(given.children === undefined
      ? { ContinuationSequenceNumber: '99' }
      : {
          ChildShards: given.children.map((ShardId) => ({
            ShardId,
            ParentShards: ['s'],
            HashKeyRange: { StartingHashKey: '0', EndingHashKey: '9' },
          })),
        }),
  },
});

export function scriptedSubscriptions(script: readonly ScriptedSubscription[]) {
  let now = noon;
  const slept: number[] = [];
  const clock: Clock = {
    now: () => now,
    // A wait that is cut short takes no time: what is waited for moves the clock itself.
    sleep: (ms, cut) =>
      new Promise((resolve) => {
        if (cut === undefined) {
          slept.push(ms);
          now += ms;
          resolve();
          return;
        }
        const timer = setTimeout(() => {
          now += ms;
          resolve();
        }, 20);
        cut.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
  const opened: { readonly position: StartingPosition; readonly at: number; readonly signal: AbortSignal }[] = [];
  let eventsRead = 0;
  let left = 0;
  const send = async (
    { input }: { readonly input: { readonly StartingPosition: StartingPosition } },
    { abortSignal }: { readonly abortSignal: AbortSignal },
  ) => {
    const next = script[opened.length];
    opened.push({ position: input.StartingPosition, at: now, signal: abortSignal });
    if (next === undefined) throw new Error('the script is over');
    if (next instanceof Error) throw next;
    return {
      EventStream: (async function* () {
        try {
          for (const item of next) {
            if (item === 'silence') await new Promise(() => {});
            if (item instanceof Error) throw item;
            const { event: value, after = 0 } = item as Exclude<ScriptedEvent, Error | 'silence'>;
            now += after;
            eventsRead += 1;
            yield value;
          }
        } finally {
          left += 1;
        }
      })(),
    };
  };
  return {
    client: { send } as unknown as KinesisClient,
    clock,
    opened,
    slept,
    eventsRead: () => eventsRead,
    /** Iterations that are over or were ended. */
    left: () => left,
    pass: (ms: number) => {
      now += ms;
    },
  };
}
