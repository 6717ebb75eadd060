/**
 * Values, payloads and callbacks as they come in real life: fractions, negatives and whole numbers beyond 2^53, fields
 * named like Sluice's own, dead letters of each reason, and user code that changes whatever it is given.
 */
import type { DeadLetterReason } from '../../../functions/core/dead-letter.ts';
import type { EventMeta } from '../../../functions/pipeline/callback.ts';
import type { Random } from '../random.ts';
import type { SimulatedEvent } from './pipelines.ts';
import type { Scenario } from './scenario.ts';

/** Rows of this key are filtered. */
export const filteredKey = 'key-1';

/** What another pipeline has written, and what JSON would call. */
export const unwelcomeFields = { _sluice: { v: 1, pipeline: 'another', batch: 0 }, toJSON: 'a text' };

export function drawOddValue(random: Random): number {
  return random.chance(0.5)
    ? random.int(-999, 999) / 10 - 0.05
    : random.pick([0.1, -0.1, 1e16, -1e16, 2 ** 53, 1 / 3, 1e-300, 5e-324]);
}

export type BadPayload = { readonly payload: Uint8Array; readonly reason: DeadLetterReason };

const encoder = new TextEncoder();
const magic = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, 1, 2, 3);

/** One that dies, and of what. */
export function drawBadPayload(random: Random, scenario: Scenario, event: SimulatedEvent): BadPayload {
  const bad = (reason: DeadLetterReason, text: string): BadPayload => ({ reason, payload: encoder.encode(text) });
  const changed = (reason: DeadLetterReason, change: object) => bad(reason, JSON.stringify({ ...event, ...change }));
  const usual = [
    bad('invalid-json', `{"id":${event.id}`),
    bad('schema-mismatch', `{"id":${event.id},"key":7}`),
    bad('invalid-json', 'no json'),
    bad('empty-record', ''),
  ];
  if (scenario.oddValues === undefined) return random.pick(usual);
  const { kind, perRecord } = scenario;
  const isGrouped = kind !== 'map-only';
  const hasEventTime = kind === 'windowed' || kind === 'wide';
  return random.pick<BadPayload>([
    ...usual,
    { reason: 'invalid-utf8', payload: Uint8Array.of(0x22, 0xff, 0x22) },
    changed('callback-failed', { boom: 'throws what has no text' }),
    // Code that looks for a mark in each key would fail first.
    ...(isGrouped && scenario.deadly === undefined ? [changed('invalid-key', { key: 2 ** 60 })] : []),
    ...(isGrouped ? [changed('invalid-aggregate-value', { value: 1e300 })] : []),
    ...(isGrouped ? [] : [changed('invalid-result', { boom: 'returns nothing' })]),
    ...(hasEventTime ? [changed('invalid-event-time', { at: 9e15 })] : []),
    // Inside an aggregated record it would be the event's own bytes.
    ...(perRecord === 1 ? [{ reason: 'corrupt-aggregated-record', payload: magic } as const] : []),
  ]);
}

/** What callbacks may do, and must not be able to harm. */
export function misbehave({ boom }: { readonly boom?: string | undefined }, meta: EventMeta): void {
  meta.arrivalTime.setUTCFullYear(1971);
  Object.assign(meta, { shardId: 'changed', sequenceNumber: '0', subSequenceNumber: 9, partitionKey: 'changed' });
  if (boom === 'throws what has no text') throw Object.create(null);
}
