/** What many runs came to. */
import { createHash } from 'node:crypto';
import CliTable from 'cli-table3';
import { answerFaultKinds, callFaultKinds, fanOutFaultKinds } from '../faults/fault.ts';
import { canStrike, placesOf, sourceCalls } from '../faults/places.ts';
import { isWrite } from '../world/calls.ts';
import { dimensionNames } from '../world/dimensions.ts';
import { stepNames } from '../world/functions.ts';
import type { RunResult } from '../world/run-result.ts';

type Totals = Record<
  'events' | 'batches' | 'outputs' | 'executions' | 'invocations' | 'requests' | 'late' | 'lost' | 'resentElsewhere',
  number
>;

/** In how many runs it was drawn, in how many of those it mattered, and how often in all. */
type Drawn = { drawn: number; mattered: number; times: number };

export class Summary {
  readonly #started = performance.now();
  readonly #totals: Totals = {
    events: 0,
    batches: 0,
    outputs: 0,
    executions: 0,
    invocations: 0,
    requests: 0,
    late: 0,
    lost: 0,
    resentElsewhere: 0,
  };
  readonly #hits = new Map<string, number>();
  readonly #dimensions = new Map<string, Drawn>(dimensionNames.map((name) => [name, never()]));
  readonly #hash = createHash('sha256');
  readonly #violations: { readonly seed: number; readonly invariant: string; readonly detail: string }[] = [];
  #runs = 0;
  #resharded = 0;
  #virtualMs = 0;
  #fewestEvents = Number.POSITIVE_INFINITY;
  #fewestBatches = Number.POSITIVE_INFINITY;

  add(result: RunResult): void {
    this.#runs += 1;
    for (const name of Object.keys(this.#totals) as (keyof Totals)[]) this.#totals[name] += result[name];
    for (const [name, count] of result.hits) this.#hits.set(name, (this.#hits.get(name) ?? 0) + count);
    for (const [name, times] of result.dimensions) this.#drew(name, times);
    if (result.reshards > 0) this.#resharded += 1;
    this.#virtualMs += result.virtualMs;
    this.#fewestEvents = Math.min(this.#fewestEvents, result.events);
    if (!result.isCutShort) this.#fewestBatches = Math.min(this.#fewestBatches, result.batches);
    this.#hash.update(`${result.seed} ${result.traceHash}\n`);
    const [first] = result.violations;
    if (first !== undefined) this.#violations.push({ seed: result.seed, ...first });
  }

  toJson(): object {
    const seconds = (performance.now() - this.#started) / 1000;
    return {
      runs: this.#runs,
      violations: this.#violations.length,
      violated: this.#violations,
      ...this.#totals,
      resharded: this.#resharded,
      fewestEvents: this.#fewestEvents,
      fewestBatches: this.#fewestBatches,
      virtualHours: Math.round(this.#virtualMs / 3_600_000),
      faults: Object.fromEntries(this.#faultsByKind()),
      strikes: Object.fromEntries([...this.#hits].sort()),
      dimensions: Object.fromEntries(this.#dimensions),
      matrix: this.#matrix(),
      sourceMatrix: this.#sourceMatrix(),
      seconds: Math.round(seconds * 10) / 10,
      seedsPerSecond: Math.round((this.#runs / seconds) * 10) / 10,
      traceHash: this.#hash.copy().digest('hex').slice(0, 16),
    };
  }

  toText(): string {
    const { faults, ...rest } = this.toJson() as Record<string, unknown>;
    const lines = Object.entries(rest)
      .filter(([, value]) => typeof value !== 'object')
      .map(([name, value]) => `${name.padEnd(16)} ${value}`);
    const kinds = Object.entries(faults as Record<string, number>).map(([kind, count]) => `${kind} ${count}`);
    return [
      ...lines,
      `${'faults'.padEnd(16)} ${kinds.join(', ') || 'none'}`,
      this.#dimensionsText(),
      this.#matrixText(),
      this.#sourceText(),
    ].join('\n');
  }

  #drew(name: string, times: number): void {
    const before = this.#dimensions.get(name) ?? never();
    this.#dimensions.set(name, {
      drawn: before.drawn + 1,
      mattered: before.mattered + (times > 0 ? 1 : 0),
      times: before.times + times,
    });
  }

  #faultsByKind(): Map<string, number> {
    const kinds = new Map<string, number>();
    for (const [name, count] of this.#hits) {
      const kind = name.split(' ')[0]!;
      kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    }
    return new Map([...kinds].sort());
  }

  /** Strikes at writes, by kind, step, and before or after the write. */
  #matrix(): Record<string, Record<string, number | null>> {
    const cells: Record<string, Record<string, number | null>> = {};
    for (const kind of [...callFaultKinds.filter((each) => each !== 'expired'), ...answerFaultKinds]) {
      const row: Record<string, number | null> = {};
      for (const { step } of stepNames) {
        for (const when of ['before', 'after'] as const) {
          const places = everyPlace.filter((place) => place.step === step && place.isWrite);
          const isFeasible = places.some((place) => canStrike(kind, place, when));
          row[`${step} ${when}`] = isFeasible ? this.#strikes(kind, step, when) : null;
        }
      }
      cells[kind] = row;
    }
    return cells;
  }

  /** Strikes where the source is read, by kind, call, and before or after the call. */
  #sourceMatrix(): Record<string, Record<string, number | null>> {
    const cells: Record<string, Record<string, number | null>> = {};
    for (const kind of [...callFaultKinds, ...fanOutFaultKinds, ...answerFaultKinds]) {
      const row: Record<string, number | null> = {};
      for (const place of sourcePlaces) {
        for (const when of ['before', 'after'] as const) {
          const name = `${kind} ${place.step}/${place.call} ${when}`;
          row[`${place.call} ${when}`] = canStrike(kind, place, when) ? (this.#hits.get(name) ?? 0) : null;
        }
      }
      cells[kind] = row;
    }
    return cells;
  }

  #strikes(kind: string, step: string, when: string): number {
    let sum = 0;
    for (const [name, count] of this.#hits) {
      const [itsKind, place = '', itsWhen] = name.split(' ');
      const [itsStep, call = ''] = place.split('/');
      if (itsKind === kind && itsStep === step && itsWhen === when && isWrite(call)) sum += count;
    }
    return sum;
  }

  #dimensionsText(): string {
    const width = Math.max(...[...this.#dimensions.keys()].map(({ length }) => length));
    const lines = [...this.#dimensions].map(
      ([name, { drawn, mattered, times }]) =>
        `${name.padEnd(width)} ${column(drawn)} ${column(mattered)} ${column(times)}`,
    );
    return [`${'dimension'.padEnd(width)} ${column('drawn')} ${column('mattered')} ${column('times')}`, ...lines].join(
      '\n',
    );
  }

  #matrixText(): string {
    return tableOf(
      'at a write of',
      stepNames.map(({ step }) => step),
      this.#matrix(),
    );
  }

  #sourceText(): string {
    const struck = Object.entries(this.#sourceMatrix()).filter(([, row]) => Object.values(row).some((count) => count));
    return tableOf(
      'at a call',
      sourcePlaces.map(({ call }) => call),
      Object.fromEntries(struck),
    );
  }
}

const column = (value: string | number): string => String(value).padStart(9);
const never = (): Drawn => ({ drawn: 0, mattered: 0, times: 0 });

function tableOf(
  title: string,
  columns: readonly string[],
  matrix: Readonly<Record<string, Readonly<Record<string, number | null>>>>,
): string {
  const table = new CliTable({
    head: [title, ...columns.map((column) => `${column}\nbefore / after`)],
    style: { head: [], border: [] },
  });
  for (const [kind, row] of Object.entries(matrix)) {
    table.push([
      kind,
      ...columns.map((column) => `${row[`${column} before`] ?? '-'} / ${row[`${column} after`] ?? '-'}`),
    ]);
  }
  return table.toString();
}

const anyScenario = { consumerType: 'switches', minBatchesToRetain: 2, oddShare: 1, hasPoison: true } as const;
const everyPlace = (['windowed', 'wide', 'map-only'] as const).flatMap((kind) => placesOf({ ...anyScenario, kind }));
const sourcePlaces = placesOf({ ...anyScenario, kind: 'windowed' }).filter(({ call }) => sourceCalls.has(call));
