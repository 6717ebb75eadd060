/** Late events and dead letters of an output of their own, for people: what came, and what is wrong with it. */
import { lateOutput, letterOutput } from '../../functions/pipeline/side-outputs.ts';

type Row = Readonly<Record<string, unknown>>;

const shownOf: Readonly<Record<string, readonly string[]>> = {
  [lateOutput]: ['payload', 'eventTime', 'windowEnd', 'lateByMs'],
  [letterOutput]: ['reason', 'message', 'payload'],
};

/** Rows of other outputs are as they are. */
export function sideRows(rows: readonly unknown[], output: string): readonly unknown[] {
  const shown = shownOf[output];
  if (shown === undefined) return rows;
  return (rows as readonly Row[]).map((row) =>
    Object.fromEntries(shown.map((name) => [name, name === 'payload' ? textOf(row[name]) : row[name]])),
  );
}

/** Null: the record would have been too large with it. */
function textOf(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return 'too large';
  const { text, base64 } = payload as Row;
  return text ?? base64;
}
