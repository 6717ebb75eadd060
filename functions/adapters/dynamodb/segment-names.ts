/** Names of segments as attributes of a state's item: a purge goes by them, and does not read what the state holds. */
import type { SegmentRef } from '../../core/state/manifest.ts';

export type SegmentName = Pick<SegmentRef, 'name' | 'chunks'>;

export const namesIn = (segments: readonly SegmentName[]): string =>
  JSON.stringify(segments.map(({ name, chunks }) => [name, chunks]));

/** Undefined: there are none. */
export const namesOf = (text: string | undefined): readonly SegmentName[] =>
  text === undefined ? [] : (JSON.parse(text) as [string, number][]).map(([name, chunks]) => ({ name, chunks }));

/** Of the segment that a chunk in the table is of. */
export const nameOfChunk = (sk: string): string => sk.slice(0, sk.lastIndexOf('#'));
