/** Where `sluice tail` and `sluice sample` begin, and when they end. */
import { toEpochMs } from '../../functions/pipeline/event-time.ts';
import type { TailFrom } from '../../local/services/tail-stream.ts';
import { readText } from '../event-settings.ts';
import type { Flags } from '../flags.ts';

export function readFrom(options: Flags, byDefault: TailFrom, problems: string[]): TailFrom {
  const text = readText(options, 'from', problems);
  if (text === undefined) return byDefault;
  if (text === 'latest' || text === 'trim-horizon') return { kind: text };
  const timestamp = /^\d{10,16}$/.test(text) ? Number(text) : toEpochMs(text);
  if (timestamp !== undefined) return { kind: 'at-timestamp', timestamp };
  problems.push(
    `--from ${text}: use latest, trim-horizon, a moment with its zone, such as 2026-03-01T00:00:00Z, or epoch milliseconds`,
  );
  return byDefault;
}
