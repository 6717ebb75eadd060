/**
 * What is another between two states, row by row.
 *
 * DIFF-1 A window is changed if its row is another one: what its aggregates would give, what is saved of the user's own, or what was given out.
 *    How it lies in segments changes nothing.
 * DIFF-2 One row of each state is held at a time.
 */
import { comparePlaces, type PlacedRow, type StateRow } from './state-row.ts';

type Contents = Pick<StateRow, 'values' | 'saved' | 'given'>;

/** A window of a key that is another one after than it was before. */
export type StateChange = Omit<StateRow, keyof Contents> & {
  /** What became of it. */
  readonly change: 'added' | 'changed' | 'removed';
  /** What it had. Absent: it was not there. */
  readonly before?: Contents;
  /** What it has. Absent: it is no more. */
  readonly after?: Contents;
};

type Rows = AsyncIterable<PlacedRow> | Iterable<PlacedRow>;

/** Both in the order of rows. */
export async function* changesBetween(before: Rows, after: Rows): AsyncGenerator<StateChange> {
  const [older, newer] = [iterate(before), iterate(after)];
  let [one, other] = [await next(older), await next(newer)];
  while (one !== undefined || other !== undefined) {
    const order = orderOf(one, other);
    const change = changeOf(order > 0 ? undefined : one?.row, order < 0 ? undefined : other?.row);
    if (change !== undefined) yield change;
    if (order <= 0) one = await next(older);
    if (order >= 0) other = await next(newer);
  }
}

const next = async (rows: AsyncGenerator<PlacedRow>): Promise<PlacedRow | undefined> => {
  const { done, value } = await rows.next();
  return done === true ? undefined : value;
};

function orderOf(one: PlacedRow | undefined, other: PlacedRow | undefined): number {
  if (one === undefined) return 1;
  return other === undefined ? -1 : comparePlaces(one.at, other.at);
}

async function* iterate(rows: Rows): AsyncGenerator<PlacedRow> {
  yield* rows;
}

/** Undefined: it is as it was. One of the two at least is there. */
export function changeOf(before: StateRow | undefined, after: StateRow | undefined): StateChange | undefined {
  const { kind, group, key, start, end } = (after ?? before)!;
  const of = { kind, group, key, start, end };
  if (before === undefined) return { change: 'added', ...of, after: contentsOf(after!) };
  if (after === undefined) return { change: 'removed', ...of, before: contentsOf(before) };
  const [was, is] = [contentsOf(before), contentsOf(after)];
  return JSON.stringify(was) === JSON.stringify(is) ? undefined : { change: 'changed', ...of, before: was, after: is };
}

const contentsOf = ({ values, saved, given }: StateRow): Contents => ({
  ...(values === undefined ? {} : { values }),
  ...(saved === undefined ? {} : { saved }),
  ...(given === undefined ? {} : { given }),
});
