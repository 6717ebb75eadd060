/** What is no longer as it was when the saved state was made, for whoever has changed it. */

type Fingerprint = {
  readonly v: number;
  readonly keys?: readonly string[];
  readonly window?: readonly unknown[];
  readonly allowedLateness?: number;
  readonly accumulation?: string;
  readonly aggregates?: readonly (readonly [name: string, ...is: unknown[]])[];
};

/**
 * Both as `fingerprintOf` makes them.
 *
 * @example
 * ```
 * the saved state is of another pipeline: aggregate 'delay' is new; window: ["tumbling",3600000,0] is now
 * ["tumbling",60000,0]. Deploy the former definition again, or start under another pipeline name.
 * ```
 */
export function fingerprintMessage(saved: string, current: string): string {
  const changes = changesOf(saved, current).join('; ');
  return (
    `the saved state is of another pipeline: ${changes}. ` +
    'Deploy the former definition again, or start under another pipeline name.'
  );
}

function changesOf(savedText: string, currentText: string): readonly string[] {
  const [saved, current] = [fingerprintIn(savedText), fingerprintIn(currentText)];
  if (saved === undefined || current === undefined || saved.v !== current.v)
    return [`${savedText} is now ${currentText}`];
  if (saved.aggregates === undefined) return ['it had no groupBy, and has one now'];
  if (current.aggregates === undefined) return ['it had a groupBy, and has none now'];
  return [
    ...changed('groupBy', saved.keys, current.keys),
    ...changed('window', saved.window, current.window),
    ...changed('allowedLateness in ms', saved.allowedLateness ?? 0, current.allowedLateness ?? 0),
    ...changed('accumulation', saved.accumulation ?? 'accumulating', current.accumulation ?? 'accumulating'),
    ...aggregateChanges(saved.aggregates, current.aggregates),
  ];
}

function fingerprintIn(text: string): Fingerprint | undefined {
  try {
    return JSON.parse(text) as Fingerprint;
  } catch {
    return undefined;
  }
}

function changed(what: string, saved: unknown, current: unknown): readonly string[] {
  const [before, now] = [JSON.stringify(saved), JSON.stringify(current)];
  return before === now ? [] : [`${what}: ${before} is now ${now}`];
}

type Aggregates = NonNullable<Fingerprint['aggregates']>;

function aggregateChanges(saved: Aggregates, current: Aggregates): readonly string[] {
  const before = new Map(saved.map(([name, ...is]) => [name, is]));
  const now = new Map(current.map(([name, ...is]) => [name, is]));
  const changes = [
    ...[...before.keys()].filter((name) => !now.has(name)).map((name) => `aggregate '${name}' is gone`),
    ...[...now].flatMap(([name, is]) =>
      before.has(name) ? changed(`aggregate '${name}'`, before.get(name), is) : [`aggregate '${name}' is new`],
    ),
  ];
  // Saved values have no names: they are told apart by their place.
  return changes.length > 0 ? changes : changed('order of aggregates', [...before.keys()], [...now.keys()]);
}
