/** Everything at once, as one would write it without a stream: what each batch should have given out, and what was late. */
import { type Computed, DirectComputation, nameOf, type Version } from '../windows/direct-computation.ts';
import type { WindowCase } from './window-cases.ts';

export type Given = { readonly key: string; readonly at: number; readonly value: number; readonly shard: string };

export type DrawnRules = {
  readonly window: WindowCase;
  readonly latenessMs: number;
  readonly mode: 'append' | 'update' | 'complete';
  /** A version is of the events since the one before. */
  readonly discards: boolean;
  /** Rows of a larger total go out; undefined: all do. */
  readonly above: number | undefined;
  /** Of those, the ones that the second output takes; undefined: there is none. */
  readonly secondAbove: number | undefined;
};

export type Row = { readonly events: number; readonly total: number; readonly least: number; readonly most: number };

/** A version of a result: which it is, and its row; undefined: it is taken back. */
export type Told = {
  readonly name: string;
  readonly revision: number;
  readonly about: string;
  readonly row: Row | undefined;
};

export type Turn = readonly Given[] | 'close' | 'other' | { readonly watermark: number };

export type Directly = {
  readonly batches: readonly { readonly versions: readonly Told[]; readonly late: readonly Given[] }[];
  /** Rows that hold in the end, by output and name. */
  readonly rows: ReadonlyMap<string, Row>;
};

/** `watermarks`: after each turn; null: nothing is known. */
export function directly(
  { window: { windowsOf, areMerged, isTotal }, latenessMs, mode, discards, above, secondAbove }: DrawnRules,
  turns: readonly Turn[],
  watermarks: readonly (number | null)[],
): Directly {
  const direct = new DirectComputation<Given>({
    keyOf: ({ key }) => key,
    windowsOf: ({ at }, batch) => windowsOf?.(at) ?? [[batch, batch + 1]],
    ...(isTotal ? { isTotal } : { merges: areMerged === true }),
    // A window of a batch changes in that batch alone.
    ...(windowsOf === undefined ? {} : { latenessMs, mode, discards }),
    outputsOf(of) {
      const { total } = rowOf(of);
      if (above !== undefined && total <= above) return [];
      return secondAbove === undefined || total <= secondAbove ? ['main'] : ['main', 'second'];
    },
  });
  const batches = turns.map((turn, batch) => {
    const [before, after] = [watermarks[batch - 1], watermarks[batch]].map((each) => each ?? Number.NEGATIVE_INFINITY);
    // A window of a batch closes with it.
    const marks = windowsOf === undefined ? [batch, batch + 1] : [before!, after!];
    const events = Array.isArray(turn) ? (turn as readonly Given[]) : [];
    // Where nothing comes there is no batch, and nobody asks for what is open.
    if (events.length === 0 && turn !== 'close' && after === before) return { versions: [], late: [] };
    const computed = direct.batch(events, { batch, watermarkIn: marks[0]!, watermarkOut: marks[1]! });
    return { versions: versionsOf(computed), late: computed.late };
  });
  const rows = ['main', 'second'].flatMap((output) =>
    [...direct.rowsOf(output)].map(([name, of]) => [`${output} ${name}`, rowOf(of)] as const),
  );
  return { batches, rows: new Map(rows) };
}

function versionsOf({ results, retractions }: Computed<Given>): readonly Told[] {
  return [
    ...results.flatMap((result) => toldOf(result, rowOf(result.of))),
    ...retractions.flatMap((version) => toldOf(version, undefined)),
  ];
}

const toldOf = (version: Version, row: Row | undefined): readonly Told[] =>
  version.to.map((output) => ({
    ...{ name: `${output} ${nameOf(version)}`, revision: version.revision, about: aboutOf(version), row },
  }));

export const aboutOf = ({ timing, final }: Pick<Version, 'timing' | 'final'>): string =>
  final ? `${timing}, final` : timing;

function rowOf(of: readonly Given[]): Row {
  const row = { events: of.length, total: 0, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
  for (const { value } of of) {
    row.total += value;
    row.least = Math.min(row.least, value);
    row.most = Math.max(row.most, value);
  }
  return row;
}
