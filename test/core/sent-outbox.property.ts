/** What is noted of an outbox is what was acknowledged, and nothing is sent twice or left out. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { afterSending, nothingSent, placesToSend } from '../../functions/core/sent-outbox.ts';

it('each record is sent until it is acknowledged, and not once more, whatever is refused', () => {
  const refusals = fc.array(fc.array(fc.nat(9), { maxLength: 10 }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.nat(60), fc.integer({ min: 1, max: 10 }), refusals, (length, most, rounds) => {
      const acknowledged: number[] = [];
      let sent = nothingSent;
      for (let round = 0; sent.count < length; round++) {
        const places = placesToSend(sent, length, most);
        expect(places.length).toBeGreaterThan(0);
        const refused = (rounds[round] ?? []).filter((at) => at < places.length);
        acknowledged.push(...places.filter((_, at) => !refused.includes(at)));
        sent = afterSending(sent, places, [...new Set(refused)], length);
        const known = [...Array.from({ length: sent.count }, (_, place) => place), ...sent.ahead];
        expect(known).toEqual(acknowledged.toSorted((one, other) => one - other));
      }
      expect(acknowledged.toSorted((one, other) => one - other)).toEqual(Array.from({ length }, (_, place) => place));
      expect(sent.ahead).toEqual([]);
    }),
  );
});
