/** What is no longer as it was when the saved state was made, for whoever has changed it. */

type Fingerprint = {
  readonly v: number;
  readonly keys?: readonly string[];
  readonly window?: readonly unknown[];
  readonly allowedLateness?: number;
  readonly accumulation?: string;
  readonly distinct?: readonly unknown[];
  readonly aggregates?: readonly (readonly [name: string, ...is: unknown[]])[];
};

/** What becomes of an aggregate that the saved state has nothing of: an option of `pipeline`. */
export type NewAggregates = 'refuse' | 'start-empty';

type Change = { readonly text: string; readonly goesOn: boolean };

/** Whether what was saved as the one can be gone on with as the other. Both are as `fingerprintOf` makes them. */
export const goesOn = (saved: string, current: string, newAggregates: NewAggregates): boolean =>
  saved === current || changesOf(saved, current, newAggregates).every((change) => change.goesOn);

/**
 * Why it can't.
 *
 * @example
 * ```
 * the saved state is of another pipeline: groupBy: ["origin"] is now ["destination"]; window: ["tumbling",3600000,0] is now
 * ["tumbling",60000,0]. Deploy the former definition again, or start under another pipeline name.
 * ```
 */
export function fingerprintMessage(saved: string, current: string, newAggregates: NewAggregates = 'refuse'): string {
  const refused = changesOf(saved, current, newAggregates).filter((change) => !change.goesOn);
  return (
    `the saved state is of another pipeline: ${refused.map(({ text }) => text).join('; ')}. ` +
    'Deploy the former definition again, or start under another pipeline name.'
  );
}

/** An aggregate as fingerprints have it. */
export type SavedAggregate = readonly [name: string, ...is: unknown[]];

/** Those of saved windows, in the order of their accumulators. */
export const aggregatesIn = (fingerprint: string): readonly SavedAggregate[] =>
  fingerprintIn(fingerprint)?.aggregates ?? [];

export const latenessIn = (fingerprint: string): number => fingerprintIn(fingerprint)?.allowedLateness ?? 0;

function changesOf(savedText: string, currentText: string, newAggregates: NewAggregates): readonly Change[] {
  const [saved, current] = [fingerprintIn(savedText), fingerprintIn(currentText)];
  if (saved === undefined || current === undefined || saved.v !== current.v)
    return [refused(`${savedText} is now ${currentText}`)];
  if (saved.aggregates === undefined) return [refused('it had no groupBy, and has one now')];
  if (current.aggregates === undefined) return [refused('it had a groupBy, and has none now')];
  return [
    ...changed('groupBy', saved.keys, current.keys),
    ...changed('window', saved.window, current.window),
    ...changed('accumulation', saved.accumulation ?? 'accumulating', current.accumulation ?? 'accumulating'),
    ...changed('dropDuplicates', saved.distinct ?? [], current.distinct ?? []),
    ...aggregateChanges(saved.aggregates, current.aggregates, newAggregates),
  ];
}

const refused = (text: string): Change => ({ text, goesOn: false });

function fingerprintIn(text: string): Fingerprint | undefined {
  try {
    return JSON.parse(text) as Fingerprint;
  } catch {
    return undefined;
  }
}

function changed(what: string, saved: unknown, current: unknown): readonly Change[] {
  const [before, now] = [JSON.stringify(saved), JSON.stringify(current)];
  return before === now ? [] : [refused(`${what}: ${before} is now ${now}`)];
}

type Aggregates = NonNullable<Fingerprint['aggregates']>;

/** Saved values are told apart by the names of their aggregates: one that is gone is left out, and the order is nobody's concern. */
function aggregateChanges(saved: Aggregates, current: Aggregates, newAggregates: NewAggregates): readonly Change[] {
  const before = new Map(saved.map(([name, ...is]) => [name, is]));
  return current.flatMap(([name, ...is]) =>
    before.has(name) ? changed(`aggregate '${name}'`, before.get(name), is) : [newAggregate(name, is, newAggregates)],
  );
}

/** User code is not asked for its empty accumulator where none may run. */
function newAggregate(name: string, [kind]: readonly unknown[], newAggregates: NewAggregates): Change {
  const isOwn = kind === 'custom';
  const hint = isOwn
    ? 'and of your own'
    : "and can start empty with the pipeline's option newAggregates: 'start-empty'";
  return { text: `aggregate '${name}' is new, ${hint}`, goesOn: newAggregates === 'start-empty' && !isOwn };
}
