import { expect, it } from 'vitest';
import { registryOf } from '../../functions/pipeline/registry.ts';

const round = { kind: 'round', usage: 'round()' };
const square = { kind: 'square', usage: 'square(side)' };
const flat = { kind: 'flat', usage: 'flat()' };
const shapes = registryOf(round, square);

it('knows a kind by the name that was given', () => {
  expect(shapes.of({ kind: 'square', side: 3 })).toBe(square);
  for (const given of [{ kind: 'flat' }, { kind: ['square'] }, {}, null, undefined, 'square'])
    expect(shapes.of(given)).toBeUndefined();
});

it('with one more is another, and stays what it was', () => {
  const more = shapes.with(flat);
  expect(more.of({ kind: 'flat' })).toBe(flat);
  expect(shapes.of({ kind: 'flat' })).toBeUndefined();
  expect(more.usages()).toBe('round(), square(side) or flat()');
  expect(shapes.usages()).toBe('round() or square(side)');
});

it('refuses a name that is taken', () => {
  expect(() => shapes.with({ kind: 'round', usage: 'round(2)' })).toThrow('two kinds have one name');
});
