/**
 * CPU of an event's JSON, from bytes to what callbacks are given: events of about 200 bytes with ten fields, of which three are read.
 *
 *   npm run bench:extract -- [--json] [--rounds 15]
 *
 * The ways alternate in one run; a figure is the median of the rounds. `JSON.parse` is what one would write by hand, `whole` is `json(schema, { parse:
 * 'whole' })`, `fields` is `json(schema)` asked for one payload after the other, `ahead` the same for payloads of a page, which lie in one buffer.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import * as v from 'valibot';
import * as z from 'zod';
import { byItself, type Decode, type Payloads } from '../functions/decoders/decoder-kind.ts';
import { type JsonDecoder, type JsonOptions, json } from '../functions/decoders/json.ts';
import { fieldReader } from '../functions/decoders/json-read/field-reader.ts';
import { fieldsOf } from './side-by-side/answers.ts';

const { values: given } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string' } } });
const rounds = Number(given.rounds ?? 15);
const events = 10_000;
const start = Date.UTC(2026, 0, 1);

const eventAt = (at: number) => ({ ...fieldsOf(at, 50), at: start + at * 1_000, version: '2026-01-01' });

/** In one buffer, and views of it. */
type Page = { readonly views: readonly Uint8Array[]; readonly payloads: Payloads };

function pageOf(textOf: (at: number) => string): Page {
  const bytes = Array.from({ length: events }, (_, at) => Buffer.from(textOf(at)));
  const page = new Uint8Array(Buffer.concat(bytes));
  const places = new Int32Array(2 * events);
  let from = 0;
  const views = bytes.map(({ length }, at) => {
    places.set([from, from + length], 2 * at);
    from += length;
    return page.subarray(from - length, from);
  });
  return { views, payloads: { bytes: page, places, stride: 2, first: 0 } };
}

const usual = pageOf((at) => JSON.stringify(eventAt(at)));
/** Some fields are not always there: eight layouts. */
const varied = pageOf((at) => {
  const { page, tags, ok, ...rest } = eventAt(at);
  return JSON.stringify({
    ...(at & 1 ? { page } : {}),
    ...rest,
    ...(at & 2 ? { tags } : {}),
    ...(at & 4 ? { ok } : {}),
  });
});
/** What is read has an escape in each event. */
const escaped = pageOf((at) => JSON.stringify({ ...eventAt(at), country: `country "${at % 50}"` }));

const large = pageOf((at) => JSON.stringify({ ...eventAt(at), note: 'n'.repeat(800) }));

/** Each time another one: readers learn layouts, and belong to a schema. */
const three = () => z.object({ country: z.string(), at: z.number(), amount: z.number() });
const threeOfValibot = v.object({ country: v.string(), at: v.number(), amount: v.number() });
const All = z.object({
  ...{ id: z.number(), country: z.string(), at: z.number(), amount: z.number(), user: z.string(), page: z.string() },
  ...{ ref: z.string(), tags: z.array(z.string()), ok: z.boolean(), version: z.string() },
});

const open = (decoder: JsonDecoder<never, unknown>, options: JsonOptions): Decode =>
  (decoder['~decoder'] as typeof import('../functions/decoders/json.ts').jsonKind).open(
    { schema: decoder.schema, parse: options.parse ?? 'fields' },
    () => ({ kind: 'corrupt', reason: '' }),
  );
const each = (name: string, decoder: JsonDecoder<never, unknown>, page: Page): readonly Way[] => [
  { name: `${name}, whole`, page, read: open(decoder, { parse: 'whole' }) },
  { name: `${name}, fields`, page, read: open(decoder, {}) },
  { name: `${name}, ahead`, page, read: open(decoder, {}), isAhead: true },
];

type Way = {
  readonly name: string;
  readonly page: Page;
  readonly read: Decode | ((data: Uint8Array) => unknown);
  readonly isAhead?: true;
};

const utf8 = new TextDecoder('utf-8', { fatal: true });
const ways: readonly Way[] = [
  { name: 'JSON.parse', page: usual, read: (data) => JSON.parse(utf8.decode(data)) },
  { name: 'fields alone', page: usual, read: fieldReader(['country', 'at', 'amount'], JSON.parse) },
  ...each('zod', json(three()) as never, usual),
  ...each('valibot', json(threeOfValibot) as never, usual),
  ...each('declared', json({ fields: { country: 'string', at: 'number', amount: 'number' } }) as never, usual),
  ...each('zod, all ten', json(All) as never, usual),
  ...each('zod, 8 layouts', json(three()) as never, varied),
  ...each('zod, escapes', json(three()) as never, escaped),
  ...each('zod, 1 KB', json(three()) as never, large),
];

/** Nanoseconds an event. */
function measured({ page, read, isAhead }: Way): number {
  const from = process.cpuUsage();
  const ahead = isAhead && 'ahead' in read ? read.ahead?.(page.payloads, events) : undefined;
  let answers = 0;
  for (let at = 0; at < events; at++) {
    const decoded = ahead === undefined ? byItself : ahead(at);
    if ((decoded === byItself ? read(page.views[at]!) : decoded) !== undefined) answers++;
  }
  const { user, system } = process.cpuUsage(from);
  if (answers !== events) throw new Error('an event was not read');
  return ((user + system) * 1_000) / events;
}

const figures = ways.map((): number[] => []);
for (let round = -5; round < rounds; round++) {
  for (const [at, way] of ways.entries()) {
    const figure = measured(way);
    if (round >= 0) figures[at]!.push(figure);
  }
}

const quantile = (of: readonly number[], share: number): number =>
  [...of].sort((one, other) => one - other)[Math.floor((of.length - 1) * share)]!;
const results = ways.map(({ name }, at) => ({
  name,
  nanoseconds: Math.round(quantile(figures[at]!, 0.5)),
  from: Math.round(quantile(figures[at]!, 0.25)),
  to: Math.round(quantile(figures[at]!, 0.75)),
}));
if (given.json === true) for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  const table = new Table({ head: ['way', 'ns an event', 'half of the rounds'], style: { head: [], border: [] } });
  for (const { name, nanoseconds, from, to } of results) table.push([name, nanoseconds, `${from} to ${to}`]);
  const bytes = usual.payloads.bytes.length / events;
  process.stdout.write(
    `${table.toString()}\n${events} events of ${Math.round(bytes)} bytes, ${rounds} rounds, CPU time\n`,
  );
}
