/** A step of a transcript that was done, and what of it was expected so far. */
import type { BatchResult } from './run-batches.ts';
import { isPartOf, isSame, matchAll } from './same-value.ts';
import { differs } from './transcript-differs.ts';
import { type Expectation, identityField, lookedAt } from './transcript-steps.ts';

export class DoneStep {
  readonly #place: { readonly pipeline: string; readonly step: string };
  readonly #result: BatchResult<unknown, unknown>;
  readonly #checked = new Set<Expectation['kind']>();

  constructor(pipeline: string, step: string, result: BatchResult<unknown, unknown>) {
    this.#place = { pipeline, step };
    this.#result = result;
  }

  check({ kind, wanted }: Expectation, at: number): void {
    this.#checked.add(kind);
    const fits = kind === 'expectLate' ? isSame : fitsPart;
    const left = matchAll<unknown, unknown>(wanted, lookedAt[kind].of(this.#result), fits);
    if (left.missing.length === 0 && left.surplus.length === 0) return;
    throw differs(this.#place, { name: `step ${at + 1}, ${kind},`, kind }, kind, left);
  }

  /** TRANSCRIPT-1 */
  end(): void {
    for (const kind of Object.keys(lookedAt) as Expectation['kind'][]) {
      const { of, isOutput } = lookedAt[kind];
      const surplus = of(this.#result);
      if (isOutput && !this.#checked.has(kind) && surplus.length > 0)
        throw differs(this.#place, undefined, kind, { missing: [], surplus });
    }
  }
}

/** Of what the identity says, too, only what is named. */
function fitsPart(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || !(identityField in wanted)) return isPartOf(wanted, found);
  const { [identityField]: version, ...columns } = wanted;
  return isPartOf(columns, found) && isPartOf(version, (found as { [identityField]?: unknown })[identityField]);
}
