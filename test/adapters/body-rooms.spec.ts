/** Which buffers for bodies are used again, and how many wait. */
import { expect, it } from 'vitest';
import { borrowRoom, giveBackRoom } from '../../functions/adapters/kinesis/body-rooms.ts';

const mebibyte = 1_048_576;

it('a room that was given back is borrowed again, the smallest that is large enough, and by one at a time', () => {
  const [large, small] = [borrowRoom(3 * mebibyte)!, borrowRoom(2 * mebibyte)!];
  for (const room of [large, small]) giveBackRoom(room);
  expect(borrowRoom(mebibyte)).toBe(small);
  expect(borrowRoom(mebibyte)).toBe(large);
  expect(borrowRoom(mebibyte)).not.toBe(small);
});

it('none is borrowed for a body that is small, larger than an answer, or of no known length', () => {
  for (const length of [0, 8_191, 16 * mebibyte + 1, Number.NaN]) expect(borrowRoom(length)).toBeUndefined();
});

it('of rooms that wait those that were given back last are kept, 40 MiB of them', () => {
  const before = borrowRoom(9 * mebibyte)!;
  const rooms = Array.from({ length: 4 }, () => borrowRoom(10 * mebibyte)!);
  for (const room of [before, ...rooms]) giveBackRoom(room);
  const again = Array.from({ length: 4 }, () => borrowRoom(10 * mebibyte));
  expect(new Set(again)).toEqual(new Set(rooms));
  expect(borrowRoom(8 * mebibyte)).not.toBe(before);
});
