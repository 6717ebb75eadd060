/**
 * Bids as the generator of Nexmark draws them (github.com/nexmark/nexmark, 92 of 100 events): ten thousand a second of event time, of which
 * half go to an auction that is hot, and half come from a bidder who is.
 */
import * as z from 'zod';

export const Bid = z.object({
  auction: z.number(),
  bidder: z.number(),
  price: z.number(),
  channel: z.string(),
  url: z.string(),
  dateTime: z.string(),
  extra: z.string(),
});
export type Bid = z.infer<typeof Bid>;

const channels = ['Google', 'Facebook', 'Baidu', 'Apple'];
const bidsASecond = 10_000;
const startedAt = Date.UTC(2026, 0, 1);

/** Texts as producers write them, about 230 bytes each. */
export function bidsOf(count: number): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  const draw = drawFrom(1);
  return Array.from({ length: count }, (_, at) => {
    const channel = channels[draw(channels.length)]!;
    const bid: Bid = {
      auction: 1_000 + (draw(2) === 0 ? Math.floor(at / 100) * 10 : draw(1_000)),
      bidder: 1_000 + (draw(4) > 0 ? Math.floor(at / 100) * 10 + 1 : draw(1_000)),
      price: Math.round(10 ** ((draw(1_000_000) / 1_000_000) * 6) * 100),
      channel,
      url: `https://www.nexmark.com/${channel.toLowerCase()}/item.htm?query=1&channel_id=${draw(1_000)}`,
      dateTime: new Date(startedAt + Math.floor((at * 1_000) / bidsASecond)).toISOString(),
      extra: 'x'.repeat(20 + draw(20)),
    };
    return encoder.encode(JSON.stringify(bid));
  });
}

/** Whole numbers below `most`, the same each time. */
function drawFrom(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}
