/**
 * What an output has of events that is sent to after the seal: nothing of a batch that is not sealed; of each committed batch the records of
 * all its events, under that batch, and in the end nothing else.
 */
import type { BatchBody, BatchName } from '../../../functions/core/model.ts';
import type { Dimensions } from '../world/dimensions.ts';
import type { Report } from './violation.ts';

type Identity = Readonly<Record<string, unknown>>;

type Parts = {
  readonly report: Report;
  readonly dimensions: Dimensions;
  readonly isSealed: (batchId: number, ref: number) => boolean;
  /** Ids of the outputs that this holds for. */
  readonly outputs: readonly string[];
};

export class SealedOutputCheck {
  readonly #parts: Parts;
  /** By output and place of a record: under which batch it came. */
  readonly #batchOf = new Map<string, string>();
  readonly #committed = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  holdsFor(output: string): boolean {
    return this.#parts.outputs.includes(output);
  }

  /** Each record once, as its identity says it. */
  arrived(identity: Identity): void {
    const { report, isSealed } = this.#parts;
    const output = String(identity.output);
    if (!this.holdsFor(output)) {
      if ('ref' in identity) report('sealed', `${output} is sent to while reading: ${JSON.stringify(identity)}`);
      return;
    }
    const { batch, ref } = identity;
    if (identity.base !== undefined) report('sealed', `${output} knows of a try: ${JSON.stringify(identity)}`);
    if (!isSealed(Number(batch), Number(ref)))
      report('R1', `${output} has an event of batch ${batch} ref ${ref}, which is not sealed`);
    const name = nameOf(output, placeIn(identity));
    const known = this.#batchOf.get(name);
    if (known !== undefined) report('R4', `${name} came with ${known}, and again with ${batch}#${ref}`);
    this.#batchOf.set(name, `${batch}#${ref}`);
  }

  /** `records`: places of those that an output is to have of it. */
  committed(body: BatchName, output: string, records: readonly string[]): void {
    if (!this.holdsFor(output)) return;
    const { report, dimensions } = this.#parts;
    dimensions.count('outputs that are sent to after the seal', records.length);
    for (const place of records) {
      const name = nameOf(output, place);
      this.#committed.add(name);
      const found = this.#batchOf.get(name);
      if (found !== batchName(body)) report('sealed', `${name} is of batch ${batchName(body)}, and came with ${found}`);
    }
  }

  drained(): void {
    for (const [name, batch] of this.#batchOf)
      if (!this.#committed.has(name)) this.#parts.report('sealed', `${name} came with ${batch}, and is in no batch`);
  }
}

const batchName = ({ batchId, ref }: Pick<BatchBody, 'batchId' | 'ref'>): string => `${batchId}#${ref}`;
const nameOf = (output: string, place: string): string => `${output} ${place}`;
const placeIn = ({ shard, sequence, sub, index }: Identity): string => `${shard} ${sequence} ${sub} ${index}`;
