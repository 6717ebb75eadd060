/** What a step gave out: its records to the sinks of the outputs, its dead letters to the table, side by side. */

import { SluiceError } from '../../core/errors.ts';
import { errorOfOutput } from '../../core/output.ts';
import type { Effects, Undelivered as MissingPlaces, OutgoingRecords } from '../../core/read/effects.ts';
import type { Output } from '../../pipeline/pipeline.ts';
import { letterOutput } from '../../pipeline/side-outputs.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Undelivered } from '../../sinks/output-sink.ts';

export type Missing = MissingPlaces &
  Pick<Undelivered, 'error' | 'isOnlySlow'> & {
    /** The output that it is of. Undefined: the table. */
    readonly output: string | undefined;
  };

/** Undefined: everything is acknowledged, by all. `to`: the outputs that the effects are for. */
export async function deliver(
  { outputs, deadLetters, letterRecords }: Effects,
  to: readonly Output[],
  ports: Pick<Ports, 'sink' | 'deadLetters'>,
  deadline: number,
): Promise<Missing | undefined> {
  const send = async (id: string, { records, places }: OutgoingRecords): Promise<OfOutput | undefined> => {
    if (records.length === 0) return undefined;
    const missing = await orMissing(records, ports.sink(id).send(records, deadline));
    if (missing === undefined) return undefined;
    const ofEvents = missing.places.map((place) => places[place]!);
    return { ...missing, places: ofEvents, error: errorOfOutput(id, missing.error), output: id };
  };
  const [unstored, unwritten, ...unsent] = await Promise.all([
    deadLetters.length === 0 ? undefined : orMissing(deadLetters, ports.deadLetters.put(deadLetters, deadline)),
    send(letterOutput, letterRecords),
    ...outputs.map((outgoing, at) => send(to[at]!.id, outgoing)),
  ]);
  const undelivered: readonly (OfTable | undefined)[] = [...unsent, unwritten, unstored];
  const worst = undelivered.filter((one) => one !== undefined).sort(bySeverity)[0];
  if (worst === undefined) return undefined;
  const { error, isOnlySlow, output } = worst;
  return {
    outputs: new Map(unsent.map((one, at) => [to[at]!.id, new Set(one?.places)])),
    letters: new Set([...(unstored?.places ?? []), ...(unwritten?.places ?? [])]),
    error,
    isOnlySlow,
    output,
  };
}

type OfOutput = Undelivered & { readonly output: string };
type OfTable = Undelivered & { readonly output?: string };

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
