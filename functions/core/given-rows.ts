/** How many rows of a result each output has. */
import type { Given } from './saved-windows.ts';

/** Those that the last version has given to an output. `given` is undefined where nothing was given out. */
export function rowsGivenTo(output: string, given: Given | undefined): number {
  const [, rows, of] = given ?? nothingGiven;
  if (of === undefined) return rows;
  if (isList(of)) return of.includes(output) ? rows : 0;
  return of[output] ?? 0;
}

const nothingGiven: Given = [0, 0];

/** After a version of which each of these outputs was given so many rows. */
export function givenOf(versions: number, rowsOf: ReadonlyMap<string, number>): Given {
  const rows = Math.max(0, ...rowsOf.values());
  if (rows === 0) return [versions, 0];
  const having = [...rowsOf].filter(([, count]) => count > 0);
  if (having.some(([, count]) => count !== rows)) return [versions, rows, Object.fromEntries(having)];
  return having.length === rowsOf.size ? [versions, rows] : [versions, rows, having.map(([output]) => output)];
}

const isList = (of: NonNullable<Given[2]>): of is readonly string[] => Array.isArray(of);
