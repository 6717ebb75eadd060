/** How a transcript says that something else came: a line for each row, with what was expected marked - and what came +. */
import type { Matched } from './same-value.ts';
import { type Expectation, identityField } from './transcript-steps.ts';

/** Its name is what test runners show before the message. */
export class TranscriptDiffers extends Error {
  override readonly name = 'TranscriptDiffers';
}

/** No message is longer than people read. */
const mostLines = 30;

export type Place = { readonly pipeline: string; readonly step: string };

/** `expectation` is the step that it differs from; undefined: there is none. */
export function differs(
  place: Place,
  expectation: { readonly name: string; readonly kind: Expectation['kind'] } | undefined,
  kind: Expectation['kind'],
  { missing, surplus }: Matched<unknown, unknown>,
): TranscriptDiffers {
  const showsVersions = missing.some((row) => typeof row === 'object' && row !== null && identityField in row);
  const lines = [
    ...missing.map((row) => `  - ${textOf(row)}`),
    ...surplus.map((row) => `  + ${textOf(showsVersions ? row : withoutVersion(row))}`),
  ];
  const shown =
    lines.length > mostLines ? [...lines.slice(0, mostLines), `  … and ${lines.length - mostLines} more`] : lines;
  const what =
    expectation === undefined ? `${unexpected[kind]} that no step expects` : `not what ${expectation.name} says`;
  return new TranscriptDiffers(
    `${place.pipeline}: of ${place.step}, came ${what} (- expected, + came)\n${shown.join('\n')}`,
  );
}

const unexpected: Readonly<Record<Expectation['kind'], string>> = {
  expect: 'results',
  expectLate: 'late events',
  expectDead: 'dead letters',
  expectOpen: 'open windows',
  expectState: 'rows of the state',
  expectWatermark: 'a watermark',
};

function withoutVersion(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || !(identityField in row)) return row;
  const { [identityField]: _, ...rest } = row;
  return rest;
}

/** As it would be written in the code of a test. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${textOf(each)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
