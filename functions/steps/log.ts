/**
 * A function's log: a line of JSON for each entry, written past the console, which in Lambda would put text before it. Own
 * code, since the logger of Powertools was a tenth of each driver step and none of the rest of it was used.
 */
import type { Log } from './step-runtime.ts';

/** Not among them: all is written. */
const quieter = { WARN: ['WARN'], SILENT: [] } as const satisfies Record<string, readonly string[]>;

export type LogSettings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly write: (line: string) => void;
};

const ofThisFunction: LogSettings = {
  environment: process.env,
  now: () => Date.now(),
  write: (line) => void process.stdout.write(line),
};

/** `SLUICE_LOG_LEVEL`: INFO (the default), WARN or SILENT. */
export function createLog({ environment, now, write }: LogSettings = ofThisFunction): Log {
  const levels: readonly string[] | undefined = quieter[environment.SLUICE_LOG_LEVEL as keyof typeof quieter];
  const entry =
    (level: 'INFO' | 'WARN') =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (levels !== undefined && !levels.includes(level)) return;
      const [, trace] = /Root=([^;]+)/.exec(environment._X_AMZN_TRACE_ID ?? '') ?? [];
      const timestamp = new Date(now()).toISOString();
      const own = { level, message, timestamp, service: environment.SLUICE_SERVICE, xray_trace_id: trace };
      write(`${JSON.stringify({ ...own, ...fields, ...own })}\n`);
    };
  return { info: entry('INFO'), warn: entry('WARN') };
}
