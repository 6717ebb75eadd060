/** What a step gave out: its records to the sink, its dead letters to the table, side by side. */
import { SluiceError } from '../../core/errors.ts';
import type { Effects, Undelivered as MissingPlaces } from '../../core/read/effects.ts';
import type { Undelivered } from '../../ports/output-sink.ts';
import type { Ports } from '../../ports/ports.ts';

export type Missing = MissingPlaces & Pick<Undelivered, 'error' | 'isOnlySlow'>;

/** Undefined: everything is acknowledged. */
export async function deliver(
  { outputs, deadLetters }: Effects,
  ports: Pick<Ports, 'sink' | 'deadLetters'>,
  deadline: number,
): Promise<Missing | undefined> {
  const [unsent, unstored] = await Promise.all([
    outputs.length === 0 ? undefined : orMissing(outputs, ports.sink.send(outputs, deadline)),
    deadLetters.length === 0 ? undefined : orMissing(deadLetters, ports.deadLetters.put(deadLetters, deadline)),
  ]);
  const worst = [unsent, unstored].filter((one) => one !== undefined).sort(bySeverity)[0];
  if (worst === undefined) return undefined;
  const { error, isOnlySlow } = worst;
  return { outputs: new Set(unsent?.places), letters: new Set(unstored?.places), error, isOnlySlow };
}

/** A sink that throws says nothing of what it took. */
async function orMissing(given: readonly unknown[], delivery: Promise<Undelivered | undefined>) {
  try {
    return await delivery;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return { places: [...given.keys()], error, isOnlySlow: false };
  }
}

/** What stops the execution, then what fails the shard. */
const severityOf = ({ error, isOnlySlow }: Undelivered): number => (error.canRetry ? Number(!isOnlySlow) : 2);
const bySeverity = (one: Undelivered, other: Undelivered): number => severityOf(other) - severityOf(one);
