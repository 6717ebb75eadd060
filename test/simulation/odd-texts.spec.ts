import { expect, it } from 'vitest';
import { Random } from './random.ts';
import { writtenOddly, writtenWrongly } from './world/odd-texts.ts';

const event = { id: 3, key: 'key-1', at: 1_700_000_000_000, value: -12 };

it('an event that is written oddly is the same to JSON.parse, and one that is written wrongly is none', () => {
  const random = new Random(1);
  const texts = Array.from({ length: 500 }, () => writtenOddly(random, event));
  for (const text of texts) expect(JSON.parse(text), text).toMatchObject(event);
  expect(new Set(texts).size).toBeGreaterThan(30);
  for (let times = 0; times < 200; times++) {
    expect(() => JSON.parse(writtenWrongly(random, event))).toThrow(SyntaxError);
  }
});
