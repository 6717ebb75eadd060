/**
 * The records of several values that come of one: of the elements of an event, of the rows of a result, or of what an output's own
 * `flatMap` makes.
 *
 * SEVERAL-1 An output gets all that comes of one event or result, or nothing: with a value that it refuses it refuses the others as
 *    well, and there is one letter.
 * SEVERAL-2 Of each output records have the places 0, 1, … in the order of the values: what an output's filter leaves out has none.
 * SEVERAL-3 What comes of one event or result for one output is bounded in bytes (`mostElementBytes`): it is in memory at once.
 */
import type { Output } from '../pipeline/pipeline.ts';
import { failureOf, TooManyElements } from '../user-code/callback-failure.ts';
import { ElementCount, elementsOf, mostElementBytes } from '../user-code/elements.ts';
import {
  type AboutValue,
  type Encoded,
  encodeMapped,
  encodeRecord,
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
  /** Of its own `flatMap`. */
  readonly count: ElementCount | undefined;
};

export class SeveralRecords {
  readonly #outputs: readonly OfOutput[];
  readonly #about: AboutValue;
  #taken = 0;

  constructor(outputs: readonly Output[], about: AboutValue) {
    this.#outputs = outputs.map((output) => ({
      ...{ output, records: [], bytes: 0, filtered: 0, refusal: undefined },
      count: output.flatMap && new ElementCount(nameOf(output), output.flatMap.maxElements),
    }));
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

  /** Whether it gets any of it. */
  #takeFor(of: OfOutput, given: Given): boolean {
    const before = of.records.length;
    try {
      if (isTaken(of.output, given)) this.#make(of, given);
    } catch (error) {
      of.refusal = failureOf(error);
      of.filtered = 0;
      of.records.length = 0;
      return false;
    }
    const isAny = of.records.length > before;
    if (!isAny) of.filtered += 1;
    return isAny;
  }

  #make(of: OfOutput, given: Given): void {
    const { output, records, count } = of;
    if (output.flatMap === undefined) {
      keep(of, encodeMapped(output, given, this.#about, records.length));
      return;
    }
    const { value, meta, eventTime } = given;
    for (const element of elementsOf(output.flatMap.mapper(value as never, meta), nameOf(output))) {
      count!.took(element);
      keep(of, encodeRecord(output, { value: element, eventTime }, this.#about, records.length));
    }
  }
}

const nameOf = ({ id }: Output): string => `flatMap of ${id}`;

function keep(of: OfOutput, record: Encoded): void {
  of.bytes += record.bytes;
  if (of.bytes > mostElementBytes)
    throw new TooManyElements(`what comes of it has more than ${mostElementBytes} bytes`);
  of.records.push(record);
}
