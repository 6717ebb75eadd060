import { expect, it } from 'vitest';
import { inWaves, numbersIn } from '../../functions/core/waves.ts';

it('has each number once, in order, the last wave with what is left', () => {
  const numbers = Array.from({ length: 90 }, (_, at) => at);
  const waves = inWaves(numbers, 40) as readonly (readonly number[])[];
  expect(waves.map((wave) => wave.length)).toEqual([40, 40, 10]);
  expect(numbersIn(waves)).toEqual(numbers);
});

it('leaves numbers as they are for a machine without waves', () => {
  expect(inWaves([3, 5], undefined)).toEqual([3, 5]);
  expect(numbersIn([3, 5])).toEqual([3, 5]);
  expect(inWaves([], 40)).toEqual([]);
});
