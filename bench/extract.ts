/**
 * CPU of an event's JSON, from bytes to what callbacks are given: events of about 200 bytes with ten fields, of which three are read.
 *
 *   npm run bench:extract -- [--json] [--rounds 15]
 *
 * The ways alternate in one run; a figure is the median of the rounds. `JSON.parse` is what one would write by hand, `whole` is `json(schema, { parse:
 * 'whole' })`, `fields` is `json(schema)`.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import * as v from 'valibot';
import * as z from 'zod';
import type { Decode } from '../functions/decoders/decoder-kind.ts';
import { type JsonDecoder, type JsonOptions, json } from '../functions/decoders/json.ts';
import { fieldReader } from '../functions/decoders/json-read/field-reader.ts';
import { fieldsOf } from './side-by-side/answers.ts';

const { values: given } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string' } } });
const rounds = Number(given.rounds ?? 15);
const events = 10_000;
const start = Date.UTC(2026, 0, 1);

const eventAt = (at: number) => ({ ...fieldsOf(at, 50), at: start + at * 1_000, version: '2026-01-01' });

/** As a page has them: views of one large buffer. */
function payloadsOf(textOf: (at: number) => string): Uint8Array[] {
  const bytes = Array.from({ length: events }, (_, at) => Buffer.from(textOf(at)));
  const page = new Uint8Array(Buffer.concat(bytes));
  let from = 0;
  return bytes.map(({ length }) => {
    from += length;
    return page.subarray(from - length, from);
  });
}

const usual = payloadsOf((at) => JSON.stringify(eventAt(at)));
/** Some fields are not always there: eight layouts. */
const varied = payloadsOf((at) => {
  const { page, tags, ok, ...rest } = eventAt(at);
  return JSON.stringify({
    ...(at & 1 ? { page } : {}),
    ...rest,
    ...(at & 2 ? { tags } : {}),
    ...(at & 4 ? { ok } : {}),
  });
});
/** What is read has an escape in each event. */
const escaped = payloadsOf((at) => JSON.stringify({ ...eventAt(at), country: `country "${at % 50}"` }));

const Three = z.object({ country: z.string(), at: z.number(), amount: z.number() });
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
const both = (name: string, decoder: JsonDecoder<never, unknown>, payloads: readonly Uint8Array[]): readonly Way[] => [
  { name: `${name}, whole`, payloads, read: open(decoder, { parse: 'whole' }) },
  { name: `${name}, fields`, payloads, read: open(decoder, {}) },
];

type Way = {
  readonly name: string;
  readonly payloads: readonly Uint8Array[];
  readonly read: (data: Uint8Array) => unknown;
};

const utf8 = new TextDecoder('utf-8', { fatal: true });
const ways: readonly Way[] = [
  { name: 'JSON.parse', payloads: usual, read: (data) => JSON.parse(utf8.decode(data)) },
  { name: 'fields alone', payloads: usual, read: fieldReader(['country', 'at', 'amount'], JSON.parse) },
  ...both('zod', json(Three) as never, usual),
  ...both('valibot', json(threeOfValibot) as never, usual),
  ...both('declared', json({ fields: { country: 'string', at: 'number', amount: 'number' } }) as never, usual),
  ...both('zod, all ten', json(All) as never, usual),
  ...both('zod, 8 layouts', json(Three) as never, varied),
  ...both('zod, escapes', json(Three) as never, escaped),
];

/** Nanoseconds an event. */
function measured({ payloads, read }: Way): number {
  const from = process.cpuUsage();
  let answers = 0;
  for (const payload of payloads) if (read(payload) !== undefined) answers++;
  const { user, system } = process.cpuUsage(from);
  if (answers !== payloads.length) throw new Error('an event was not read');
  return ((user + system) * 1_000) / payloads.length;
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
  const bytes = usual.reduce((sum, { length }) => sum + length, 0) / events;
  process.stdout.write(
    `${table.toString()}\n${events} events of ${Math.round(bytes)} bytes, ${rounds} rounds, CPU time\n`,
  );
}
