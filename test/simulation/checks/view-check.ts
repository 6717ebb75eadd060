/** VIEW-1, VIEW-2: a table that is a view holds of each result the version that a reader of the whole stream keeps, and nothing else. */
import type { SimulatedDynamodb } from '../services/dynamodb/simulated-dynamodb.ts';
import { viewTable } from '../world/view.ts';
import { type Fold, placeIn, versionName } from './fold.ts';
import type { Report } from './violation.ts';

type Seen = { readonly version: string; readonly ref: number; readonly events: number };

export function checkView(dynamodb: SimulatedDynamodb, fold: Fold, report: Report): void {
  const held = new Map<string, Seen>();
  for (const pk of dynamodb.partitions(viewTable))
    for (const item of dynamodb.items(viewTable, pk)) {
      const row = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
      const seen = seenOf(row._sluice as object, row);
      held.set(nameOf(row._sluice as object), seen);
    }
  const expected = new Map(fold.latest().map(({ place, row }) => [nameOf(place), seenOf(place, row)]));
  for (const [name, { version, ref, events }] of expected) {
    const found = held.get(name);
    if (found?.version === version && found.ref === ref && Object.is(found.events, events)) continue;
    report('VIEW-1', `${name}: the view has ${show(found)}, the stream's latest is ${show({ version, ref, events })}`);
  }
  for (const name of held.keys())
    if (!expected.has(name)) report('VIEW-1', `${name}: the view has it, and the stream has not`);
}

const show = (seen: Seen | undefined): string => JSON.stringify(seen ?? 'nothing');

function nameOf(identity: object): string {
  const { key, window, row } = placeIn(identity);
  return `${key} ${window.join(' ')} ${row}`;
}

const seenOf = (identity: object, row: Readonly<Record<string, unknown>>): Seen => ({
  version: versionName(identity),
  ref: placeIn(identity).ref,
  events: Number(row.events),
});

type Value = {
  readonly S?: string;
  readonly N?: string;
  readonly BOOL?: boolean;
  readonly L?: readonly unknown[];
  readonly M?: Readonly<Record<string, unknown>>;
};

function plain(value: unknown): unknown {
  const { S, N, BOOL, L, M } = value as Value;
  if (L !== undefined) return L.map(plain);
  if (M !== undefined) return Object.fromEntries(Object.entries(M).map(([name, inner]) => [name, plain(inner)]));
  return S ?? (N === undefined ? (BOOL ?? null) : Number(N));
}
