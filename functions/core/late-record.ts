/** From an event that is late, or may be when all windows have merged, to the record of the output for late events. */
import type { EventMeta } from '../pipeline/callback.ts';
import type { Output } from '../pipeline/pipeline.ts';
import type { LateEvent } from '../pipeline/side-outputs.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { EventIdentity } from '../sinks/identity.ts';
import { sideRecord, type ToCarry } from './carried.ts';
import { canonicalKey, keyGroupOf } from './key-group.ts';
import type { LateMark } from './late-mark.ts';
import type { PlannedTask } from './model.ts';

type Late = {
  readonly data: Uint8Array;
  readonly meta: EventMeta;
  readonly identity: EventIdentity;
  /** Whether the record has the payload, if its sink takes that. */
  readonly hasRoom: boolean;
};

export function lateRecord(
  output: Output,
  task: Pick<PlannedTask, 'watermark' | 'parallelism'>,
  { data, meta, identity, hasRoom }: Late,
  mark: LateMark,
): ToCarry {
  const { keyValues, window, overAt, eventTime, isOpen, at } = mark;
  const { shardId, sequenceNumber, subSequenceNumber, partitionKey, arrivalTime } = meta;
  const watermark = task.watermark!;
  const value = (payload: LateEvent['payload']): LateEvent => ({
    ...{ payload, payloadBytes: data.length, partitionKey, source: mainSource, shardId, sequenceNumber },
    subSequenceNumber,
    ...(at === undefined ? {} : { element: at }),
    arrivalTime: arrivalTime.toISOString(),
    eventTime: isoText(eventTime),
    ...{ windowStart: isoText(window.start), windowEnd: isoText(window.end) },
    ...{ watermark: isoText(watermark), lateByMs: watermark - overAt },
  });
  const defaultKey = partitionKey || sequenceNumber;
  const { record, bytes } = sideRecord(output, value, { payload: hasRoom ? data : undefined, identity, defaultKey });
  const ifLate = isOpen ? { ifLate: { key: keyValues, window: [window.start, window.end] as const } } : {};
  return {
    keyGroup: keyGroupOf(canonicalKey(keyValues), task.parallelism),
    carried: { output: output.id, record, place: [shardId, sequenceNumber, subSequenceNumber, at ?? 0], ...ifLate },
    bytes,
  };
}

const isoText = (time: number): string => new Date(time).toISOString();
