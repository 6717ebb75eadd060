/**
 * Queries of Nexmark (github.com/nexmark/nexmark) that a pipeline over one stream can say. q7 gives the highest price and not the bid that has it.
 */
import {
  avg,
  count,
  json,
  kinesis,
  max,
  min,
  type PipelineDefinition,
  pipeline,
  session,
  sliding,
  sum,
  tumbling,
} from '../../functions/index.ts';
import { Bid } from './bids.ts';

export type Query = {
  readonly name: string;
  readonly what: string;
  readonly definition: PipelineDefinition<Bid, object>;
};

const bids = (name: string) =>
  pipeline(name)
    .readStream(kinesis({ streamName: 'bids' }))
    .decode(json(Bid));
const inEventTime = (name: string) => bids(name).withWatermark((bid) => bid.dateTime, { delay: '4 seconds' });
const out = kinesis({ streamName: 'out' });
const isIn = (from: number, to: number, price: number): number => (price >= from && price < to ? 1 : 0);

export const queries: readonly Query[] = [
  {
    name: 'q1',
    what: 'each price in another currency',
    definition: bids('q1')
      .map((bid) => ({ ...bid, price: bid.price * 0.908 }))
      .writeStream(out),
  },
  {
    name: 'q2',
    what: 'the bids of every 123rd auction',
    definition: bids('q2')
      .filter((bid) => bid.auction % 123 === 0)
      .map(({ auction, price }) => ({ auction, price }))
      .writeStream(out),
  },
  {
    name: 'q5',
    what: 'the auction with most bids, in windows of 10 seconds every 2',
    definition: inEventTime('q5')
      .groupBy({ auction: (bid) => bid.auction })
      .window(sliding('10 seconds', '2 seconds'))
      .aggregate({ bids: count() })
      .topRows(1, { by: (row) => row.bids })
      .writeStream(out),
  },
  {
    name: 'q7',
    what: 'the highest price in windows of 10 seconds',
    definition: inEventTime('q7')
      .groupBy({})
      .window(tumbling('10 seconds'))
      .aggregate({ price: max((bid) => bid.price) })
      .writeStream(out),
  },
  {
    name: 'q11',
    what: 'bids of each bidder in sessions that end after 10 seconds',
    definition: inEventTime('q11')
      .groupBy({ bidder: (bid) => bid.bidder })
      .window(session('10 seconds'))
      .aggregate({ bids: count() })
      .writeStream(out),
  },
  {
    name: 'q12',
    what: 'bids of each bidder in windows of 10 seconds, by when they arrived',
    definition: bids('q12')
      .withWatermark((_, { arrivalTime }) => arrivalTime, { delay: '1 second' })
      .groupBy({ bidder: (bid) => bid.bidder })
      .window(tumbling('10 seconds'))
      .aggregate({ bids: count() })
      .writeStream(out),
  },
  {
    name: 'q17',
    what: 'of each auction and day: bids, by price, and their lowest, highest, mean and sum',
    definition: inEventTime('q17')
      .groupBy({ auction: (bid) => bid.auction })
      .window(tumbling('1 day'))
      .aggregate({
        bids: count(),
        below10: sum((bid) => isIn(0, 10_000, bid.price)),
        below1000: sum((bid) => isIn(10_000, 1_000_000, bid.price)),
        above: sum((bid) => isIn(1_000_000, Number.POSITIVE_INFINITY, bid.price)),
        lowest: min((bid) => bid.price),
        highest: max((bid) => bid.price),
        mean: avg((bid) => bid.price),
        total: sum((bid) => bid.price),
      })
      .writeStream(out),
  },
];
