/**
 * The records of several values that come of one: of the elements of an event, or of the rows of a result.
 *
 * SEVERAL-1 An output gets all that comes of one event or result, or nothing: with a value that it refuses it refuses the others as
 *    well, and there is one letter.
 * SEVERAL-2 Of each output records have the places 0, 1, … in the order of the values: what an output's filter leaves out has none.
 * SEVERAL-3 What comes of one event or result for one output is bounded in bytes (`mostElementBytes`): it is in memory at once.
 */
import type { Output } from '../pipeline/pipeline.ts';
import { failureOf, TooManyElements } from '../user-code/callback-failure.ts';
import { mostElementBytes } from '../user-code/elements.ts';
import {
  type AboutValue,
  type Encoded,
  encodeMapped,
  type ForOutputs,
  type Given,
  isTaken,
  type Missed,
  nothingMissed,
  type Refusal,
} from './output.ts';

type OfOutput = {
  readonly output: Output;
  readonly records: Encoded[];
  bytes: number;
  filtered: number;
  refusal: Refusal | undefined;
};

export class SeveralRecords {
  readonly #outputs: readonly OfOutput[];
  readonly #about: AboutValue;
  #taken = 0;

  constructor(outputs: readonly Output[], about: AboutValue) {
    this.#outputs = outputs.map((output) => ({ output, records: [], bytes: 0, filtered: 0, refusal: undefined }));
    this.#about = about;
  }

  /** Values that some output takes. */
  get taken(): number {
    return this.#taken;
  }

  /** The next value, to each output that takes it. */
  take(given: Given): void {
    let isTakenBySome = false;
    for (const of of this.#outputs) {
      if (of.refusal !== undefined) continue;
      if (this.#takeFor(of, given)) isTakenBySome = true;
    }
    if (isTakenBySome) this.#taken += 1;
  }

  result(): ForOutputs<Encoded> {
    const missed = this.#outputs.flatMap(({ output: { id }, filtered, refusal }): readonly Missed[] => {
      if (refusal !== undefined) return [{ kind: 'refused', output: id, ...refusal }];
      return filtered === 0 ? nothingMissed : [{ kind: 'filtered', output: id, count: filtered }];
    });
    return { records: this.#outputs.flatMap(({ records }) => records), missed };
  }

  #takeFor(of: OfOutput, given: Given): boolean {
    const { output, records } = of;
    try {
      if (!isTaken(output, given)) {
        of.filtered += 1;
        return false;
      }
      const record = encodeMapped(output, given, this.#about, records.length);
      of.bytes += record.bytes;
      if (of.bytes > mostElementBytes)
        throw new TooManyElements(`what comes of it has more than ${mostElementBytes} bytes`);
      records.push(record);
      return true;
    } catch (error) {
      of.refusal = failureOf(error);
      of.filtered = 0;
      records.length = 0;
      return false;
    }
  }
}
