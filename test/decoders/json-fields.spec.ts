/** Fields of JSON out of the bytes: which are read so, and what is left to JSON.parse. The law is in `json-fields.property.ts`. */
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { fieldReader } from '../../functions/decoders/json-read/field-reader.ts';
import { madeFunction } from '../../functions/decoders/json-read/made-function.ts';
import { json } from '../../functions/index.ts';
import { utf8 } from '../support/builders.ts';
import { decoded, decoderOf } from './decoded.ts';

const names = ['country', 'at', 'amount'];
/** Of a payload after so many of the same layout, for which code has been made by then. */
const afterOthers = 40;

/** What is read, and how often JSON.parse was asked. */
function read(text: string, before = 0): { readonly fields: unknown; readonly parses: number } {
  let parses = 0;
  const reader = fieldReader(names, (value) => {
    parses++;
    return JSON.parse(value);
  });
  for (let times = 0; times < before; times++) reader(utf8(text));
  parses = 0;
  return { fields: reader(utf8(text)), parses };
}

describe.each([
  ['of a layout that is not known', 0],
  ['of a layout that came before', afterOthers],
])('a payload %s', (_, before) => {
  it.each([
    ['{"id":1,"country":"DE","at":17,"ok":true,"amount":-12.5}', { country: 'DE', at: 17, amount: -12.5 }],
    ['{"country":"","at":0,"amount":-0}', { country: '', at: 0, amount: -0 }],
    [' {\n "amount" : 4.35 ,\t"country":null, "at":true } \r\n', { country: null, at: true, amount: 4.35 }],
    ['{"größe":"日本","amount":123456789012345,"x":{"country":"no"},"y":[1,"a\\"b"]}', { amount: 123456789012345 }],
    ['{}', {}],
  ])('is read without JSON.parse: %s', (text, fields) => {
    expect(read(text, before)).toEqual({ fields, parses: 0 });
  });

  it.each([
    ['{"country":"a\\u0062","at":1}', { country: 'ab', at: 1 }],
    ['{"country":"Köln","at":1}', { country: 'Köln', at: 1 }],
    ['{"at":9007199254740993}', { at: 9007199254740992 }],
    ['{"at":1e3}', { at: 1000 }],
    ['{"at":{"at":2}}', { at: { at: 2 } }],
    ['{"at":[1]}', { at: [1] }],
  ])('has one value that JSON.parse reads alone: %s', (text, fields) => {
    expect(read(text, before)).toEqual({ fields, parses: 1 });
  });

  it.each([
    ['a field that comes twice', '{"at":1,"at":2}'],
    ['a key with an escape', '{"\\u0061t":1}'],
    ['a key of no field with an escape', '{"at":1,"\\n":2}'],
    ['no object', '[{"at":1}]'],
    ['a byte order mark', '\ufeff{"at":1}'],
    ['something behind it', '{"at":1}}'],
    ['no end', '{"at":1'],
    ['a comma too many', '{"at":1,}'],
    ['a number that begins with zero', '{"id":01}'],
    ['a control character', '{"id":"\t"}'],
    ['an escape that is none', '{"id":"\\x"}'],
    ['values within each other, 70 deep', `{"id":${'['.repeat(70)}${']'.repeat(70)}}`],
  ])('is parsed as a whole if it has %s', (_what, text) => {
    expect(read(text, before)).toEqual({ fields: undefined, parses: 0 });
  });
});

it('payloads of several layouts, and of one with fields that come and go, are read as they are', () => {
  const reader = fieldReader(names, JSON.parse);
  for (let at = 0; at < 2_000; at++) {
    const fields = {
      ...(at % 2 === 0 ? { id: `id-${at}` } : {}),
      country: `country-${at % 3}`,
      ...(at % 5 === 0 ? { ok: true } : {}),
      at,
      ...(at % 7 === 0 ? {} : { amount: at / 4 }),
    };
    const ordered = at % 11 === 0 ? Object.fromEntries(Object.entries(fields).reverse()) : fields;
    const { id: _id, ok: _ok, ...wanted } = { id: '', ok: true, ...fields };
    expect(reader(utf8(JSON.stringify(ordered)))).toEqual(wanted);
  }
});

it('a short text that comes again is the same, also if another one has taken its place in between', () => {
  const reader = fieldReader(['key'], JSON.parse);
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < 3_000; at++) expect(reader(utf8(`{"key":"k${at}"}`))).toEqual({ key: `k${at}` });
  }
});

/** In the place of `Function` meanwhile. */
async function withFunction(
  stand: new (...given: string[]) => unknown,
  run: () => Promise<void> | void,
): Promise<void> {
  const original = globalThis.Function;
  globalThis.Function = stand as never;
  try {
    await run();
  } finally {
    globalThis.Function = original;
  }
}

it('answers are the same where no code may be made', async () => {
  vi.resetModules();
  const { fieldReader: newReader } = await import('../../functions/decoders/json-read/field-reader.ts');
  class Forbidden {
    constructor() {
      throw new EvalError('Code generation from strings disallowed for this context');
    }
  }
  await withFunction(Forbidden, () => {
    expect(madeFunction([], 'return 1')).toBeUndefined();
    const reader = newReader(names, JSON.parse);
    for (let at = 0; at < 40; at++) {
      const text = `{"id":1,"country":"DE","at":${at},"amount":0.5}`;
      expect(reader(utf8(text))).toEqual({ country: 'DE', at, amount: 0.5 });
    }
  });
});

it('code for texts is made once, however many fields and readers there are', async () => {
  const original = globalThis.Function;
  let made = 0;
  class Counted {
    constructor(...given: string[]) {
      made += 1;
      // biome-ignore lint/correctness/noConstructorReturn: it stands for another one.
      return new original(...given);
    }
  }
  fieldReader(['a'], JSON.parse);
  await withFunction(Counted, () => {
    const many = Array.from({ length: 30 }, (_, at) => `f${at}`);
    expect(fieldReader(many, JSON.parse)(utf8('{"f7":"text"}'))).toEqual({ f7: 'text' });
  });
  expect(made).toBe(0);
});

describe('refusals', () => {
  const Event = z.object({ country: z.string(), at: z.number() });

  it('have the reason and the message of the whole', () => {
    const whole = json(Event, { parse: 'whole' });
    for (const text of [
      '{"country":"DE"}',
      '{"country":7,"at":1}',
      '{"country":"DE","at":1',
      '{"country":"DE","at":1}x',
      '"DE"',
    ]) {
      expect(decoded(json(Event), text)).toEqual(decoded(whole, text));
      expect(decoded(json(Event), text)).toEqual([
        expect.stringMatching(/^(schema-mismatch|invalid-json)$/),
        expect.any(String),
      ]);
    }
  });

  it('and promises come of the whole', async () => {
    const seen: string[][] = [];
    const asynchronous = z.object({ country: z.string() }).refine(async (event) => seen.push(Object.keys(event)) > 0);
    const decode = decoderOf(json(asynchronous));
    expect(decode(utf8('{"country":"DE","x":1}'))).toMatchObject({ reason: 'callback-failed' });
    expect(decode.promises).toHaveLength(1);
    await Promise.all(decode.promises ?? []);
  });
});

describe('declared fields', () => {
  const event = json({ fields: { country: 'string', at: 'number', ok: 'boolean?' } });

  it('are the event, in their order', () => {
    const read = decoded(event, '{"ok":false,"x":1,"at":1.5,"country":"DE"}') as object;
    expect(read).toEqual({ country: 'DE', at: 1.5, ok: false });
    expect(Object.keys(read)).toEqual(['country', 'at', 'ok']);
    expect(decoded(event, '{"at":1,"country":"DE"}')).toEqual({ country: 'DE', at: 1, ok: null });
    expect(decoded(event, '{"at":1,"country":"DE","ok":null}')).toEqual({ country: 'DE', at: 1, ok: null });
  });

  it('refuse what is missing, of another type, or no object', () => {
    expect(decoded(event, '{"at":1}')).toEqual(['schema-mismatch', 'country: is missing']);
    expect(decoded(event, '{"at":"1","country":"DE"}')).toEqual(['schema-mismatch', 'at: is no number']);
    expect(decoded(event, '{"at":null,"country":"DE"}')).toEqual(['schema-mismatch', 'at: is no number']);
    expect(decoded(event, '{"at":1e999,"country":"DE"}')).toEqual(['schema-mismatch', 'at: is no number']);
    expect(decoded(event, '[]')).toEqual(['schema-mismatch', 'the payload is no object']);
  });
});
