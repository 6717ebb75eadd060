/** The draft of `sluice sample`: what it makes of fields that are absent, mixed, nested or dates, and what it keeps to itself. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { statisticsOf } from '../../cli/sample/field-statistics.ts';
import { merged, nothingSeen, type Seen, see } from '../../cli/sample/seen-values.ts';
import { zodDraft } from '../../cli/sample/zod-draft.ts';

function seen(events: readonly unknown[], keepsValues = false): Seen {
  const all = nothingSeen();
  for (const event of events) see(all, event, { keepsValues });
  return all;
}

const draft = (...events: readonly unknown[]) => zodDraft(seen(events), 'Event');
const fields = (...events: readonly unknown[]) => statisticsOf(seen(events));

test('fields that are not in all events are optional, those that are null in some are nullable', () => {
  expect(draft({ id: 1, name: 'a', gone: true }, { id: 2.5, name: null })).toBe(`import * as z from 'zod';

export const Event = z.object({
  id: z.number(),
  name: z.string().nullable(),
  gone: z.boolean().optional(),
});
`);
});

test('objects and lists are drafted to their depth, also where some lists are empty', () => {
  expect(
    draft(
      { user: { tags: ['a'], at: {} }, lines: [{ n: 1 }, { n: 2, x: 'y' }], none: [] },
      { user: { tags: [] }, lines: [], none: [] },
    ),
  ).toContain(`{
  user: z.object({
    tags: z.array(z.string()),
    at: z.object({}).optional(),
  }),
  lines: z.array(z.object({
    n: z.number(),
    x: z.string().optional(),
  })),
  none: z.array(z.unknown()),
}`);
});

test('of several types it makes a union, of nothing but null whatever may come', () => {
  expect(draft({ a: 1, b: null }, { a: 'x', b: null })).toContain(
    'a: z.union([z.string(), z.number()]),\n  b: z.unknown(),',
  );
  expect(draft(1, [2])).toContain('export const Event = z.union([z.array(z.number()), z.number()]);');
});

test('texts that all have a form have its schema; some that have it do not make it', () => {
  const id = '4b2f0c7e-8d1a-4c3e-9f2b-6a5d4c3b2a19';
  expect(
    draft(
      { at: '2026-03-01T09:05:00Z', day: '2026-03-01', id },
      { at: '2026-03-01T09:05:00.5+01:00', day: '2026-02-28', id },
    ),
  ).toContain('at: z.iso.datetime({ offset: true }),\n  day: z.iso.date(),\n  id: z.uuid(),');
  expect(draft({ at: '2026-03-01T09:05:00Z' }, { at: 'soon' })).toContain('at: z.string()');
  expect(fields({ at: '2026-03-01T09:05:00Z' }, { at: 'soon' })).toMatchObject([
    { notes: ['some are dates with times'] },
  ]);
});

test('names that are none in JavaScript stand in quotes, and none becomes a prototype', () => {
  const event = JSON.parse('{"a-b":1,"it\'s":1,"__proto__":1,"\\u2028":1,"":1}');
  const text = draft(event);
  expect(text).toContain("'a-b': z.number(),\n  'it\\'s': z.number(),\n  [\"__proto__\"]: z.number(),");
  const Event = made(text);
  expect(Event.safeParse(event).success).toBe(true);
  expect(Event.safeParse({ 'a-b': 1 }).success).toBe(false);
});

test('names that are values themselves make a record, and are shown nowhere', () => {
  const events = Array.from({ length: 200 }, (_, at) => ({ byUser: { [`user-${at}`]: at, [`user-${at + 1}`]: at } }));
  expect(draft(...events)).toContain('byUser: z.record(z.string(), z.number()),');
  expect(JSON.stringify(fields(...events))).not.toContain('user-1');
  expect(fields(...events).map(({ field, types }) => [field, types])).toEqual([
    ['byUser', { object: 200 }],
    ['byUser{}', { number: 400 }],
  ]);
});

test('statistics say how often a field is there, of which types, and what is worth knowing', () => {
  expect(
    fields({ at: 1772355900000, n: 1, id: 2 ** 60, x: [{ y: 'abc' }] }, { at: 1772355900001, n: '1', id: 1 }),
  ).toEqual([
    { field: 'at', present: 1, types: { number: 2 }, notes: ['perhaps epoch milliseconds'], longest: null },
    { field: 'n', present: 1, types: { string: 1, number: 1 }, notes: ['mixed types', 'whole'], longest: 1 },
    {
      field: 'id',
      present: 1,
      types: { number: 2 },
      notes: ["beyond 2^53: json(Event, { largeIntegers: 'text' })", 'whole'],
      longest: null,
    },
    { field: 'x', present: 0.5, types: { array: 1 }, notes: [], longest: 1 },
    { field: 'x[]', present: 1, types: { object: 1 }, notes: [], longest: null },
    { field: 'x[].y', present: 1, types: { string: 1 }, notes: [], longest: 3 },
  ]);
});

test('values are kept only where they are asked for', () => {
  const events = [{ secret: 'a' }, { secret: 'b' }, { secret: 'c' }, { secret: 'd' }];
  expect(JSON.stringify(statisticsOf(seen(events)))).not.toMatch(/"[abcd]"/);
  expect(statisticsOf(seen(events, true))).toMatchObject([{ examples: ['"a"', '"b"', '"c"'] }]);
});

test('places that are merged are as if their values had come to one', () => {
  const [one, other] = [
    { a: 1, b: [null, { c: 'x' }] },
    { a: '2026-03-01', d: true },
  ];
  expect(merged([seen([one]), seen([other])])).toEqual(seen([one, other]));
});

/** What somebody has who saves the draft as a module. */
function made(text: string): { safeParse(value: unknown): { readonly success: boolean } } {
  const body = text.replace(/^import .*\n/, '').replace('export const Event =', 'return');
  return new Function('z', body)(z);
}
