import type { Log } from '../functions/steps/runtime.ts';

/** The functions' own log, one JSON object a line as in CloudWatch. */
export function verboseLog(write: (line: string) => void): Log {
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    write(JSON.stringify({ level, timestamp: new Date().toISOString(), message, ...fields }));
  return { info: at('INFO'), warn: at('WARN') };
}
