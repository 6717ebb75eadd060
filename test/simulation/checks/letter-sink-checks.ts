/**
 * An output for dead letters: that of each event and each row of a committed batch is in it, as it came, and of a pipeline that
 * groups nothing else is; each once for a reader that drops repeats, under its own identity.
 */
import type { BatchBody } from '../../../functions/core/model.ts';
import type { DeadLetterRecord } from '../../../functions/index.ts';
import { letterOutput } from '../../../functions/pipeline/side-outputs.ts';
import type { Dimensions } from '../world/dimensions.ts';
import type { Scenario } from '../world/scenario.ts';
import type { KeptPart } from './detached-check.ts';
import { recordName } from './fold.ts';
import type { Contained } from './more-results.ts';
import type { SinkEntry } from './sink-checks.ts';
import type { Report } from './violation.ts';

type Identity = Readonly<Record<string, unknown>>;

type Parts = {
  readonly report: Report;
  readonly scenario: Scenario;
  readonly dimensions: Dimensions;
  readonly isSealed: (batchId: number, ref: number) => boolean;
  readonly mayRepeat: () => boolean;
  /** The output is detached. */
  readonly isKept: (batch: Pick<BatchBody, 'batchId'>, part: KeptPart) => boolean;
};

export class LetterSinkChecks {
  readonly #parts: Parts;
  readonly #contents = new Map<string, string>();
  readonly #letters = new Map<string, DeadLetterRecord>();
  /** Of rows, by batch. */
  readonly #rowLetters = new Map<string, Set<string>>();
  readonly #expected = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  arrived({ Data }: SinkEntry): void {
    const { report, mayRepeat } = this.#parts;
    const text = new TextDecoder().decode(Data);
    const { _sluice: identity, ...told } = JSON.parse(text) as DeadLetterRecord & { readonly _sluice?: Identity };
    if (identity === undefined || String(identity.output).split('/')[0] !== 'dead-letters') {
      report('letters', `a record of another output, or of none: ${text}`);
      return;
    }
    const name = recordName(identity);
    const content = JSON.stringify(told);
    const first = this.#contents.get(name);
    if (first !== undefined && !mayRepeat()) report('repeats', `${name} came twice, and nothing crashed or was lost`);
    if (first !== undefined && first !== content)
      report('R2', `one identity ${name}, two contents: ${first} and ${content}`);
    this.#contents.set(name, content);
    if ('batch' in identity) this.#rowLetter(identity, name);
    else this.#letters.set(`${identity.shard} ${identity.sequence} ${identity.sub}`, told);
  }

  /** `told`: how many the report says; undefined: it says nothing of single outputs. */
  committed({ batchId }: BatchBody, contained: readonly Contained[], told: number | undefined): void {
    const { scenario, report } = this.#parts;
    if (scenario.hasLetterOutput !== true) return;
    const dead = contained.filter(({ event }) => event.fate === 'dead-letter');
    const places = dead.map(placeOf);
    for (const place of places) this.#expected.add(place);
    const check = () => {
      for (const each of dead) this.#checkLetter(batchId, each);
    };
    const found = () => new Set(this.#letters.keys());
    if (!this.#parts.isKept({ batchId }, { output: letterOutput, right: places, found, whenSent: check })) check();
    // Elsewhere those of rows are among them.
    if (scenario.kind === 'map-only' && told !== undefined && told !== dead.length)
      report('letters', `batch ${batchId} reports ${told} that were sent; ${dead.length} events have one`);
  }

  /** How many rows of a batch have a letter there. */
  ofRows({ batchId, ref }: Pick<BatchBody, 'batchId' | 'ref'>): number {
    return this.#rowLetters.get(`${batchId}#${ref}`)?.size ?? 0;
  }

  /** Of what is sent while reading, tries that came to nothing may have sent some. */
  drained(): void {
    const { report, scenario } = this.#parts;
    if (scenario.kind === 'map-only' && scenario.sealed?.includes('dead-letters') !== true) return;
    for (const place of this.#letters.keys())
      if (!this.#expected.has(place)) report('letters', `${place} has one, and no committed batch has it`);
  }

  #checkLetter(batchId: number, contained: Contained): void {
    const { report, dimensions } = this.#parts;
    const place = placeOf(contained);
    const { event } = contained;
    dimensions.count('an output of dead letters');
    const told = this.#letters.get(place);
    if (told === undefined) {
      report('letters', `batch ${batchId} is committed; the letter of event ${event.id} at ${place} is in no output`);
      return;
    }
    const reason = event.isDeadly === true ? 'crashed-executor' : event.reason;
    const isReason = reason === undefined || told.reason === reason;
    if (Buffer.compare(bytesIn(told), event.payload) !== 0 || !isReason)
      report('letters', `event ${event.id}: ${JSON.stringify(told)} is another letter`);
  }

  #rowLetter(identity: Identity, name: string): void {
    const { batch, ref } = identity;
    if (!this.#parts.isSealed(Number(batch), Number(ref)))
      this.#parts.report('R1', `a row's letter of batch ${batch} ref ${ref} is out, which is not sealed`);
    const ofBatch = this.#rowLetters.get(`${batch}#${ref}`) ?? new Set<string>();
    this.#rowLetters.set(`${batch}#${ref}`, ofBatch.add(name));
  }
}

const placeOf = ({ shardId, sequenceNumber, sub }: Contained): string => `${shardId} ${sequenceNumber} ${sub}`;

function bytesIn({ payload }: DeadLetterRecord): Buffer {
  if (payload === null) return Buffer.from('no payload');
  return 'text' in payload ? Buffer.from(payload.text) : Buffer.from(payload.base64, 'base64');
}
