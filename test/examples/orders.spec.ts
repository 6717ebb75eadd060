/** Two pipelines with a stream between them: each order counts once, whoever sent it again. */
import { expect, test } from 'vitest';
import ordersByCountry from '../../examples/orders-by-country.ts';
import ordersOnce from '../../examples/orders-once.ts';
import { runPipeline } from '../../functions/index.ts';
import { Random } from '../simulation/random.ts';

type Order = { readonly id: string; readonly date: string; readonly country: string; readonly amount: number };

const minute = 60_000;
const start = Date.parse('2026-03-01T09:00:00Z');
const countries = ['DE', 'ES', 'PT'];

/** Each order comes up to four times in some minutes, in whatever batches, and some come out of order. */
function sentIn(random: Random, orders: number): readonly (readonly Order[])[] {
  const sent: { readonly at: number; readonly order: Order }[] = [];
  for (let id = 0; id < orders; id++) {
    const at = start + id * 20_000;
    const date = new Date(at).toISOString();
    const order = { id: `${id}`, date, country: random.pick(countries), amount: random.int(1, 50) };
    for (let time = random.int(1, 4); time > 0; time--) sent.push({ at: at + random.int(0, 20 * minute), order });
  }
  const batches = Map.groupBy(
    sent.toSorted((one, other) => one.at - other.at),
    ({ at }) => Math.floor(at / (7 * minute)),
  );
  return [...batches.values()].map((all) => all.map(({ order }) => order));
}

test('both together count each order once, through crashes and records that come again', () => {
  const random = new Random(1);
  const sent = sentIn(random, 600);
  const crashes = sent.flatMap((batch) => (random.chance(0.2) ? [{ crash: 'reducing' } as const, batch] : [batch]));
  const first = runPipeline(ordersOnce, { batches: crashes, shards: 3, parallelism: 4 });
  // At least once: what was sent before a crash may be sent again.
  const between = first.map(({ results }) =>
    results.flatMap((order) => (random.chance(0.1) ? [order, order] : [order])),
  );
  const second = runPipeline(ordersByCountry, { batches: between, shards: 2, closeWindows: true });
  expect([...first, ...second].flatMap(({ late, deadLetters }) => [...late, ...deadLetters])).toEqual([]);

  const orders = new Map(sent.flat().map((order) => [order.id, order]));
  const right = Map.groupBy(orders.values(), ({ country, date }) => `${country} ${date.slice(0, 13)}:00:00.000Z`);
  const told = new Map(
    second.flatMap(({ results }) =>
      results.map((row) => [`${row.country} ${row.windowStart}`, [row.orders, row.amount]] as const),
    ),
  );
  expect(sent.flat().length).toBeGreaterThan(2 * orders.size);
  expect(told).toEqual(
    new Map([...right].map(([name, all]) => [name, [all.length, all.reduce((sum, { amount }) => sum + amount, 0)]])),
  );
});
