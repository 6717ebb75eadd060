/** Spans of time as people write them: '10 seconds', '1 hour'. Whole numbers only, so that nothing is ever rounded. */

const unitMs = { millisecond: 1, second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

export const dayMs: number = unitMs.day;

type UnitName = keyof typeof unitMs;
type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';

/**
 * A span of time: a whole number from 0, one space, and a unit from `millisecond` to `day`, also in the plural. A century at
 * most. Examples: '200 milliseconds', '10 seconds', '1 hour'.
 */
// The second half keeps out a minus sign.
export type Duration = `${bigint} ${UnitName | `${UnitName}s`}` & `${Digit}${string}`;

/** For spans that make no sense at zero: the type of the argument becomes a sentence that nothing fits. */
export type PositiveDuration<Given extends Duration> = Given extends `0 ${string}` ? 'must be longer than zero' : Given;

/** A century: keeps every date that is computed from a duration valid. */
export const maxDurationMs = 36_500 * unitMs.day;

const pattern = /^(0|[1-9]\d{0,15}) (millisecond|second|minute|hour|day)s?$/;

/** Milliseconds, or undefined for what is not a duration. */
export function parseDuration(text: unknown): number | undefined {
  const [, amount, unit] = (typeof text === 'string' && pattern.exec(text)) || [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Number(amount) * unitMs[unit as UnitName];
  return ms <= maxDurationMs ? ms : undefined;
}

/** The way a person would write it, in the largest unit that divides it. */
export function formatDuration(ms: number): string {
  const unit = (Object.keys(unitMs) as UnitName[]).findLast((name) => ms >= unitMs[name] && ms % unitMs[name] === 0);
  const amount = ms / unitMs[unit ?? 'second'];
  return `${amount} ${unit ?? 'second'}${amount === 1 ? '' : 's'}`;
}
