/** Tasks and key groups in waves, where there are more of them than the state machine runs at once. */

/** What the state machine goes through: numbers, or waves of them. */
export type Items = readonly number[] | readonly (readonly number[])[];

/** `size`: undefined where the machine has no waves. */
export function inWaves(numbers: readonly number[], size: number | undefined): Items {
  if (size === undefined) return numbers;
  const count = Math.ceil(numbers.length / size);
  return Array.from({ length: count }, (_, wave) => numbers.slice(wave * size, (wave + 1) * size));
}

export const numbersIn = (items: Items): readonly number[] => items.flat();
