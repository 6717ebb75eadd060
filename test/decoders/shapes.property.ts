/** SHAPE-1: what is read by the shape of a payload before is what JSON.parse makes of it. `npm run fuzz:json` compares many more. */
import { expect, it } from 'vitest';
import { parseExactly } from '../../functions/decoders/exact-json.ts';
import { compareShapes } from './compare-shapes.ts';

it.each([
  ['as JSON.parse takes them', JSON.parse],
  ['with large integers as text', parseExactly],
])('payloads with bytes changed are read as they are parsed, or not at all: %s', (_, parse) => {
  const events = 12_000;
  const { read, wrong } = compareShapes(11, events, parse);
  expect(wrong).toEqual([]);
  // Else nothing was compared.
  expect(read).toBeGreaterThan(events / 8);
});
