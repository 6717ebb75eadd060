/** What a pipeline uses of AWS in some time, and what that costs. The streams are no part of it. */
import { expressGb, memoryOf, prices } from './prices.ts';

export type Usage = {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly s3Puts: number;
  readonly s3Gets: number;
  /** Calls of functions, and their time. */
  readonly lambdaRequests: number;
  readonly workSeconds: number;
  readonly driverSeconds: number;
  /** Of an Express machine. */
  readonly executions: number;
  readonly executionSeconds: number;
  /** Of a Standard one. */
  readonly transitions: number;
  readonly scheduledStarts: number;
};

export const noUsage: Usage = {
  ...{ writeUnits: 0, readUnits: 0, s3Puts: 0, s3Gets: 0, lambdaRequests: 0, workSeconds: 0, driverSeconds: 0 },
  ...{ executions: 0, executionSeconds: 0, transitions: 0, scheduledStarts: 0 },
};

const names = Object.keys(noUsage) as (keyof Usage)[];

const combined = (of: (name: keyof Usage) => number): Usage =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Usage;

export const scaled = (usage: Usage, factor: number): Usage => combined((name) => usage[name] * factor);
export const added = (one: Usage, other: Usage): Usage => combined((name) => one[name] + other[name]);
export const difference = (now: Usage, before: Usage): Usage => combined((name) => now[name] - before[name]);

/** In dollars. */
export type Bill = {
  readonly stepFunctions: number;
  readonly schedule: number;
  readonly lambda: number;
  readonly dynamodb: number;
  readonly s3: number;
  readonly total: number;
};

export function billOf(usage: Usage): Bill {
  const parts = {
    stepFunctions:
      usage.executions * prices.expressRequest +
      usage.executionSeconds * expressGb * prices.expressGbSecond +
      usage.transitions * prices.standardTransition,
    schedule: usage.scheduledStarts * prices.scheduledStart,
    lambda:
      usage.lambdaRequests * prices.lambdaRequest +
      (gb(memoryOf.work) * usage.workSeconds + gb(memoryOf.driver) * usage.driverSeconds) * prices.lambdaGbSecond,
    dynamodb: usage.writeUnits * prices.writeUnit + usage.readUnits * prices.readUnit,
    s3: usage.s3Puts * prices.s3Put + usage.s3Gets * prices.s3Get,
  };
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { ...parts, total };
}

const gb = (mb: number): number => mb / 1_024;
