/** What the steps act with, and what they learn. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { FlightResult } from '../../../local/demo/flight-results.ts';
import type { EventToPublish } from '../../../local/publish/publisher.ts';
import type { Command } from '../commands.ts';
import type { SentRow } from '../compare.ts';
import type { Names } from '../names.ts';
import type { Put } from '../parts.ts';
import type { Findings } from '../report.ts';
import type { Settings } from '../settings.ts';

export type World = {
  readonly settings: Settings;
  readonly kinesis: KinesisClient;
  /** Tries once: for puts. */
  readonly kinesisOnce: KinesisClient;
  readonly states: SFNClient;
  readonly dynamodb: DynamoDBClient;
  /** What it has printed. Throws, with what it said, if it did not end well. */
  readonly command: (command: Command, signal?: AbortSignal) => Promise<string>;
  readonly readFile: (path: string) => Promise<string>;
  readonly now: () => number;
  /** Between two looks at what takes its time. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  /** CloudWatch counts some minutes behind. */
  readonly metricsCome: (signal: AbortSignal) => Promise<void>;
  /** Events by parts, and what has to come of them. */
  readonly parts: readonly (readonly EventToPublish[])[];
  readonly expected: readonly FlightResult[];
};

export type Learnt = {
  names?: Names;
  startedAt?: number;
  readonly puts: Put[];
  sent?: readonly (SentRow & { readonly arrivedAt: number })[];
  template?: string;
  experiment?: string;
  readonly findings: Findings;
};

export type Act = (
  world: World,
  learnt: Learnt,
  around: { readonly part: number | undefined; readonly signal: AbortSignal },
) => Promise<void>;

export function requireNames({ names }: Learnt): Names {
  if (names === undefined) throw new Error('the stack has no names yet');
  return names;
}
