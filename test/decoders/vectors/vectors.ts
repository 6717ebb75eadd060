/** What the files beside this one hold, which other implementations wrote; the Python and Java files there say how. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export type Vector = {
  readonly writer: object | string;
  readonly reader?: object | string;
  readonly hex: string;
  readonly shown: string;
};

export type Damaged = {
  readonly payloads: readonly string[];
  /**
   * Of each payload: '-' it was refused; '=' and '~' read, followed by the digest of what was read. With '=' it is what a
   * writer writes; other readers may refuse what comes after '~'.
   */
  readonly verdicts: string;
};

export function readVectors<Contents>(name: string): Contents {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, name), 'utf8')) as Contents;
}

/** Values as text, as `shown` of the Python files. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return shownNumber(value);
  if (typeof value === 'string') return `s${Buffer.from(value).toString('hex')}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return `t${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map(shown).join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, each]) => `${shown(key)}:${shown(each)}`);
  return `{${entries.sort().join(',')}}`;
}

function shownNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value + 0);
  if (Number.isNaN(value)) return 'nan';
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `d${bytes.toString('hex')}`;
}

export const digestOf = (value: unknown): string => createHash('sha256').update(shown(value)).digest('hex').slice(0, 6);

export const verdictsIn = ({ verdicts }: Damaged): readonly string[] => verdicts.match(/-|[=~][\da-f]{6}/g) ?? [];

/** One to three changes, by numbers that the Python files draw as well. */
export function damage(data: Uint8Array, at: number): Uint8Array {
  let state = Number((BigInt(at) * 2_654_435_761n + 12_345n) & 0xffff_ffffn);
  const draw = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
  const bytes = [...data];
  for (let changes = 1 + draw(3); changes > 0; changes--) {
    const kind = draw(6);
    const place = draw(Math.max(1, bytes.length));
    if (kind === 0) bytes.splice(place, 1, draw(256));
    else if (kind === 1) bytes.splice(place, 1, (bytes[place] ?? 0) ^ (1 << draw(8)));
    else if (kind === 2) bytes.splice(place);
    else if (kind === 3) bytes.splice(place, 1);
    else if (kind === 4) bytes.splice(place, 0, draw(256));
    else bytes.splice(place, 0, ...new Array(1 + draw(9)).fill(255));
  }
  return Uint8Array.from(bytes);
}
