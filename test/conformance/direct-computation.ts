/** Everything at once, as one would write it without a stream: what each batch should have given out, and what was late. */
import { type Computed, DirectComputation, nameOf, type Version } from '../windows/direct-computation.ts';
import type { WindowCase } from './window-cases.ts';

export type Given = { readonly key: string; readonly at: number; readonly value: number; readonly shard: string };

export type DrawnRules = {
  readonly window: WindowCase;
  readonly latenessMs: number;
  readonly mode: 'append' | 'update';
  /** Rows of a larger total go out; undefined: all do. */
  readonly above: number | undefined;
};

export type Row = { readonly events: number; readonly total: number; readonly least: number; readonly most: number };

/** A version of a result, as texts: which it is, and its row, or that it is taken back. */
export type Told = { readonly name: string; readonly revision: number; readonly about: string; readonly row: string };

export type Turn = readonly Given[] | 'other' | { readonly watermark: number };

export type Directly = {
  readonly batches: readonly { readonly versions: readonly Told[]; readonly late: number }[];
  /** Rows that hold in the end, by name. */
  readonly rows: ReadonlyMap<string, string>;
};

/** `watermarks`: after each turn; null: nothing is known. */
export function directly(
  { window: { windowsOf, areMerged }, latenessMs, mode, above }: DrawnRules,
  turns: readonly Turn[],
  watermarks: readonly (number | null)[],
): Directly {
  const direct = new DirectComputation<Given>({
    keyOf: ({ key }) => key,
    windowsOf: ({ at }, batch) => windowsOf?.(at) ?? [[batch, batch + 1]],
    merges: areMerged === true,
    ...{ latenessMs, mode },
    outputsOf: (of) => (above === undefined || rowOf(of).total > above ? ['main'] : []),
  });
  const batches = turns.map((turn, batch) => {
    const [before, after] = [watermarks[batch - 1], watermarks[batch]].map((each) => each ?? Number.NEGATIVE_INFINITY);
    // A window of a batch closes with it.
    const marks = windowsOf === undefined ? [batch, batch + 1] : [before!, after!];
    const events = Array.isArray(turn) ? (turn as readonly Given[]) : [];
    const computed = direct.batch(events, { batch, watermarkIn: marks[0]!, watermarkOut: marks[1]! });
    return { versions: versionsOf(computed), late: computed.late.length };
  });
  return { batches, rows: new Map([...direct.rowsOf('main')].map(([name, of]) => [name, textOf(rowOf(of))])) };
}

function versionsOf({ results, retractions }: Computed<Given>): readonly Told[] {
  const given = results.filter(({ to }) => to.length > 0);
  return [
    ...given.map((result) => ({ ...toldOf(result), row: textOf(rowOf(result.of)) })),
    ...retractions.map((version) => ({ ...toldOf(version), row: 'taken back' })),
  ];
}

const toldOf = (version: Omit<Version, 'to'>) => ({
  name: nameOf(version),
  revision: version.revision,
  about: aboutOf(version),
});

export const aboutOf = ({ timing, final }: Pick<Version, 'timing' | 'final'>): string =>
  final ? `${timing}, final` : timing;
export const textOf = ({ events, total, least, most }: Row): string => [events, total, least, most].join(' ');

function rowOf(of: readonly Given[]): Row {
  const row = { events: of.length, total: 0, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
  for (const { value } of of) {
    row.total += value;
    row.least = Math.min(row.least, value);
    row.most = Math.max(row.most, value);
  }
  return row;
}
