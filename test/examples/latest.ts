/** Results as they stand: what a reader has who keeps the latest version of each. */

export type Identity = {
  readonly output: string;
  readonly window: readonly [number, number];
  readonly key: string;
  readonly row: number;
  readonly ref: number;
  readonly revision: number;
  readonly retracted: boolean;
};

export function latestOf(versions: readonly { readonly id: Identity; readonly row: unknown }[]): unknown[] {
  const latest = new Map<string, { readonly id: Identity; readonly row: unknown }>();
  const inOrder = versions.toSorted(
    ({ id: one }, { id: other }) => one.ref - other.ref || one.revision - other.revision,
  );
  for (const version of inOrder) {
    const { output, window, key, row } = version.id;
    latest.set(JSON.stringify([output, window, key, row]), version);
  }
  return [...latest.values()].filter(({ id }) => !id.retracted).map(({ row }) => row);
}
