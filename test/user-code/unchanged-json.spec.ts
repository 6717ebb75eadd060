/** JSON-2: what JSON would write as null is refused. */
import { describe, expect, it } from 'vitest';
import { unchangedJson } from '../../functions/user-code/unchanged-json.ts';

const advice = { noText: 'return null, or text' };

describe('the JSON of what must not be changed by it', () => {
  it.each([
    ['no number', { a: [1, Number.NaN] }, 'NaN has no form in JSON; return null, or text'],
    ['no date', [null, new Date(Number.NaN)], 'Invalid Date has no form in JSON; return null, or text'],
  ])('has no place for what is %s', (_, value, message) => {
    expect(() => unchangedJson(value, advice)).toThrow(message);
  });

  it('has one for null, also in a list longer than a call has arguments', () => {
    const long = [null, ...new Array<number>(300_000).fill(1)];
    expect(unchangedJson(long, advice)).toHaveLength('[null]'.length + 600_000);
    expect(() => unchangedJson([...long, Number.NaN], advice)).toThrow('NaN has no form in JSON');
  });
});
