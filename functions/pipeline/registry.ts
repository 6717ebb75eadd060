/**
 * Kinds of one thing by name: windows, aggregates, sinks. A registry never changes: with one more kind it is another
 * registry, so what a test adds is known to that test alone.
 */
export type Named = {
  /** Its name in a definition, in fingerprints and in messages. */
  readonly kind: string;
  /** How it is written in the chain: ends the sentence "use …". */
  readonly usage: string;
};

export type Registry<Kind extends Named> = {
  /** In the order in which messages list them. */
  readonly all: readonly Kind[];
  /** Of what was given to the chain, whatever it is. */
  of(given: unknown): Kind | undefined;
  /** As a list for people: "a, b or c". */
  usages(): string;
  with(...more: readonly Kind[]): Registry<Kind>;
};

/** Throws if a name is there twice. */
export function registryOf<Kind extends Named>(...all: readonly Kind[]): Registry<Kind> {
  const byName = new Map(all.map((one) => [one.kind, one]));
  if (byName.size < all.length) throw new Error(`two kinds have one name: ${all.map(({ kind }) => kind).join(', ')}`);
  return Object.freeze({
    all: Object.freeze([...all]),
    of: (given: unknown) => byName.get(kindOf(given)),
    usages: () => listOf(all.map(({ usage }) => usage)),
    with: (...more: readonly Kind[]) => registryOf(...all, ...more),
  });
}

function kindOf(given: unknown): string {
  const isNamed = typeof given === 'object' && given !== null && 'kind' in given && typeof given.kind === 'string';
  return isNamed ? (given.kind as string) : '';
}

function listOf(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} or ${last}`;
}
