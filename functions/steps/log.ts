/** A function's log, by the logger of Powertools: a line of JSON for each entry. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from './step-runtime.ts';

/** As it is: the console of a function would put a time and an id before it. */
export const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);

/** `POWERTOOLS_LOG_LEVEL`: INFO (the default), WARN or SILENT; `POWERTOOLS_SERVICE_NAME`: whose log it is. */
export function createLog(): Log {
  const logger = new Logger({ serviceName: process.env.POWERTOOLS_SERVICE_NAME ?? 'sluice' });
  return {
    info: (message, fields) => logger.info(message, fields ?? {}),
    warn: (message, fields) => logger.warn(message, fields ?? {}),
  };
}
