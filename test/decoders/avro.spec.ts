/** What avro reads is what fastavro and Apache's own implementation wrote; what is damaged is refused, or what they read of it. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isUndecoded } from '../../functions/decoders/decoder-kind.ts';
import { avro, kinesis, pipeline, runPipeline } from '../../functions/index.ts';
import { compressed, expectDamagedToBeRefused, id, withHeader } from './behind-header.ts';
import { decoded, decoderOf, hex, problemsOf } from './decoded.ts';
import { type Damaged, damage, digestOf, readVectors, shown, type Vector, verdictsIn } from './vectors/vectors.ts';

const { cases, damaged } = readVectors<{ cases: readonly Vector[]; damaged: Damaged & { readonly schema: object } }>(
  'avro.json',
);

const record = (fields: object, name = 'R') => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});

describe('what others wrote', () => {
  it.each(cases.map((each) => [JSON.stringify(each.writer).slice(0, 60), each.hex.slice(0, 40), each] as const))(
    '%s %s',
    (_, __, { writer, reader, hex: written, shown: read }) => {
      const options = { writer: reader === undefined ? undefined : writer, longs: 'bigint' } as const;
      const data = hex(written);
      if (data.length > 0) expect(shown(decoded(avro(reader ?? writer, options), data))).toBe(read);
      const versions = { [id]: JSON.stringify(writer) };
      const glue = avro(JSON.stringify(reader ?? writer), { versions, longs: 'bigint' });
      expect(shown(decoded(glue, withHeader(hex(written))))).toBe(read);
      expect(shown(decoded(glue, compressed(hex(written))))).toBe(read);
    },
  );
});

describe('of 10,000 damaged payloads', () => {
  const payloads = damaged.payloads.map(hex);
  const of = (at: number) => damage(payloads[at % payloads.length]!, at);
  const verdicts = verdictsIn(damaged);

  it('none is read that fastavro refuses, and none as something else', () => {
    const decode = decoderOf(avro(damaged.schema, { longs: 'bigint' }));
    const counts = { refused: 0, read: 0 };
    for (const [at, verdict] of verdicts.entries()) {
      const value = decode(of(at));
      if (isUndecoded(value)) {
        expect(verdict, `payload ${at}: ${value.message}`).not.toMatch(/^=/);
        expect(['undecodable', 'empty-record']).toContain(value.reason);
        counts.refused += 1;
      } else {
        expect(verdict.slice(1), `payload ${at}`).toBe(digestOf(value));
        counts.read += 1;
      }
    }
    expect(verdicts).toHaveLength(10_000);
    expect(counts.read).toBeGreaterThan(1_000);
  });

  it('those behind a header are refused, or what is read without it', () => {
    const raw = decoderOf(avro(damaged.schema));
    const glue = decoderOf(avro(damaged.schema, { versions: { [id]: damaged.schema } }));
    expectDamagedToBeRefused({ raw, glue }, payloads[0]!);
  });
});

describe('a payload that asks for too much', () => {
  const endless = 'feffffffffffffffff01';
  const manyRecords = (count: number) => hex('02'.repeat(count) + '00');

  it.each([
    ['a string of 2^62 bytes', 'string', endless, 'byte 10: 9223372036854776000 bytes are to come, and there are 0'],
    [
      'a list of 2^62 nulls',
      { type: 'array', items: 'null' },
      endless,
      'byte 10: more than 10000 values that take no bytes',
    ],
    [
      'a list of lists of them',
      { type: 'array', items: { type: 'array', items: 'null' } },
      `04${'d00f00'.repeat(2)}00`,
      undefined,
    ],
    [
      'a list of 2^62 numbers',
      { type: 'array', items: 'long' },
      endless,
      'byte 10: 1 bytes are to come, and there are 0',
    ],
    ['a map of a negative length', 'bytes', '01', 'byte 1: a negative length'],
    ['a number of 11 bytes', 'long', 'ffffffffffffffffffff01', 'byte 10: a number of more than 64 bits'],
    ['an int of 33 bits', 'int', '8080808020', 'byte 5: an int of more than 32 bits'],
  ])('%s costs nothing', (_, schema, data, message) => {
    const value = decoded(avro(schema), hex(data));
    if (message === undefined) expect((value as unknown[][]).map(({ length }) => length)).toEqual([1_000, 1_000]);
    else expect(value).toEqual(['undecodable', message]);
  });

  it('by records within each other goes no deeper than 100', () => {
    const list = avro(record({ next: ['null', 'R'] }));
    const depth = (value: unknown): number => (value === null ? 0 : 1 + depth((value as { next: unknown }).next));
    expect(depth(decoded(list, manyRecords(99)))).toBe(100);
    expect(decoded(list, manyRecords(100))).toEqual([
      'undecodable',
      'byte 100: more than 100 records within each other',
    ]);
    expect(decoded(list, manyRecords(1_000_000))).toEqual(['undecodable', expect.stringContaining('more than 100')]);
  });

  it('as a decimal of a million digits is refused', () => {
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 };
    expect(decoded(avro(decimal), Buffer.concat([hex('80897a'), new Uint8Array(1_000_000)]))).toEqual([
      'undecodable',
      expect.stringMatching('a decimal of 1000000 bytes'),
    ]);
    expect(decoded(avro(decimal), hex('0a02540be400'))).toEqual([
      'undecodable',
      'byte 6: a decimal of more than 10 digits',
    ]);
  });
});

describe('longs', () => {
  const beyond = hex('fefffffffffffffffd01');

  it('beyond 2^53 are refused unless another form is asked for', () => {
    const first = hex('8080808080808020');
    expect(decoded(avro('long'), hex('feffffffffffff1f'))).toBe(2 ** 53 - 1);
    expect(decoded(avro('long'), first)).toEqual([
      'schema-mismatch',
      'byte 8: a long beyond 2^53: see the option longs',
    ]);
    expect(decoded(avro('long', { longs: 'bigint' }), first)).toBe(2n ** 53n);
    expect(decoded(avro('long', { longs: 'text' }), first)).toBe('9007199254740992');
    expect(decoded(avro('long', { longs: 'text', writer: 'int' }), hex('01'))).toBe('-1');
    expect(decoded(avro('long'), beyond)).toMatchObject(['schema-mismatch', expect.anything()]);
  });

  it('that nobody reads refuse nothing', () => {
    const writer = record({ huge: 'long', small: 'long' });
    expect(decoded(avro(record({ small: 'long' }), { writer }), Uint8Array.of(...beyond, 4))).toEqual({ small: 2 });
  });
});

describe('what values become', () => {
  it('is what is stored, if that is asked for', () => {
    const time = { type: 'long', logicalType: 'timestamp-micros' };
    const price = { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 };
    const schema = record({ time, price });
    const data = hex('d00f 04 04d2');
    expect(decoded(avro(schema), data)).toEqual({ time: new Date(1), price: '12.34' });
    expect(decoded(avro(schema, { logicalTypes: 'underlying' }), data)).toEqual({
      time: 1_000,
      price: Uint8Array.of(4, 0xd2),
    });
  });

  it('is a date only where there is one', () => {
    const time = { type: 'long', logicalType: 'timestamp-millis' };
    expect(decoded(avro(time), hex('feffffffffffffffff01'))).toEqual([
      'undecodable',
      expect.stringContaining('no date is 9223372036854775807 millis'),
    ]);
  });

  it('is a uuid, if it is stored as one', () => {
    const uuid = { type: 'fixed', name: 'Id', size: 16, logicalType: 'uuid' };
    expect(decoded(avro(uuid), hex(id.replaceAll('-', '')))).toBe(id);
  });

  it('is told by its type in a union of several records', () => {
    const union = ['null', record({ n: 'int' }, 'a.One'), record({ n: 'int' }, 'a.Two'), 'string'];
    expect(decoded(avro(union), hex('00'.concat()))).toBe(null);
    expect(decoded(avro(union), hex('0406'))).toEqual({ 'a.Two': { n: 3 } });
    expect(decoded(avro(union), hex('060278'))).toEqual({ string: 'x' });
  });

  it('is in a union the branch of its own type and name, before any that it could become', () => {
    expect(decoded(avro(['bytes', 'string'], { writer: 'string' }), hex('0278'))).toBe('x');
    const written = record({ n: 'int' }, 'a.One');
    const named = avro([record({ n: 'long' }, 'b.One'), written], { writer: written });
    expect(decoded(named, hex('06'))).toEqual({ 'a.One': { n: 3 } });
    expect(
      decoded(avro([record({}, 'b.Other'), record({ n: 'int' }, 'b.One')], { writer: written }), hex('06')),
    ).toEqual({
      'b.One': { n: 3 },
    });
  });

  it('owns its bytes, and the keys of a map, whatever they are', () => {
    const data = hex('0401ff');
    const value = decoded(avro('bytes'), data) as Uint8Array;
    data.fill(0);
    expect(value).toEqual(Uint8Array.of(1, 0xff));
    const map = decoded(
      avro({ type: 'map', values: 'int' }),
      Uint8Array.of(2, 18, ...Buffer.from('__proto__'), 2, 0),
    ) as object;
    expect(Object.entries(map)).toEqual([['__proto__', 1]]);
  });

  it('is of a default of bytes what each character of it stands for', () => {
    const fields = [{ name: 'raw', type: 'bytes', default: '\u0000\u00ff' }];
    const schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }, ...fields] };
    expect(decoded(avro(schema, { writer: record({ n: 'int' }) }), hex('02'))).toEqual({
      n: 1,
      raw: Uint8Array.of(0, 255),
    });
  });

  it('is new with each event, a default as well', () => {
    const schema = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'n', type: 'int' },
        { name: 'list', type: { type: 'array', items: 'int' }, default: [] },
      ],
    };
    const decode = decoderOf(avro(schema, { writer: record({ n: 'int' }) }));
    const one = decode(hex('02')) as { list: number[] };
    one.list.push(1);
    expect(decode(hex('04'))).toEqual({ n: 2, list: [] });
  });
});

describe('schema versions', () => {
  const old = record({ n: 'int' });
  const schema = { ...old, fields: [...old.fields, { name: 'm', type: 'string', default: 'none' }] };
  const other = id.replace('b7', 'c7');
  const decoder = avro(schema, { versions: { [id.toUpperCase()]: old, [other]: schema } });

  it('are each read by their own schema', () => {
    expect(decoded(decoder, withHeader(hex('02')))).toEqual({ n: 1, m: 'none' });
    expect(decoded(decoder, withHeader(hex('020278')).with(2, 0xc7))).toEqual({ n: 1, m: 'x' });
  });

  it('that are not given are refused, and payloads without a header', () => {
    const unknown = id.replace('b7', 'd7');
    expect(decoded(decoder, withHeader(hex('02')).with(2, 0xd7))).toEqual([
      'unknown-schema',
      `schema version ${unknown} is none of decode.versions`,
    ]);
    expect(decoded(decoder, hex('02'))).toEqual(['undecodable', expect.stringContaining('no header')]);
    expect(decoded(decoder, new Uint8Array())).toEqual(['empty-record', 'the record has no bytes']);
  });
});

describe('what was written with another schema', () => {
  it.each<readonly [string, object | string, object | string, string, string]>([
    [
      'a symbol without a default',
      { type: 'enum', name: 'E', symbols: ['A', 'B'] },
      { type: 'enum', name: 'E', symbols: ['A'] },
      '02',
      'byte 1: E has no symbol B, and no default',
    ],
    [
      'a branch that the reader has not',
      ['int', 'string'],
      'int',
      '020278',
      "byte 1: string was written, which can't be read as int",
    ],
  ])('%s is refused by the value', (_, writer, schema, data, message) => {
    expect(decoded(avro(schema, { writer }), hex(data))).toEqual(['schema-mismatch', message]);
  });

  it.each<readonly [string, object | string, object | string, string]>([
    [
      'a field without a default',
      record({ a: 'int' }),
      record({ a: 'int', b: 'int' }),
      'b: it was not written, and has no default',
    ],
    [
      'another type',
      record({ a: record({ b: 'string' }, 'S') }),
      record({ a: record({ b: 'int' }, 'S') }),
      "a.b: string was written, which can't be read as int",
    ],
    [
      'a fixed of another size',
      { type: 'fixed', name: 'F', size: 2 },
      { type: 'fixed', name: 'F', size: 3 },
      '2 bytes were written, and 3 are to be read',
    ],
    ['no branch for it', 'boolean', ['null', 'int'], 'boolean was written, which is none of null, int'],
    [
      'a wrong default',
      record({}),
      { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int', default: 'x' }] },
      'a: its default is no int',
    ],
    [
      'a default without end',
      record({}),
      { type: 'record', name: 'R', fields: [{ name: 'a', type: 'R', default: {} }] },
      'a: its default is no R',
    ],
  ])('%s is refused by the schemas', (_, writer, schema, message) => {
    expect(problemsOf(avro(schema, { writer }))).toEqual([`decode.writer: ${message}`]);
    expect(problemsOf(avro(schema, { versions: { [id]: writer } }))).toEqual([`decode.versions.${id}: ${message}`]);
  });
});

describe('a schema', () => {
  it.each<readonly [unknown, string]>([
    ['{', "decode.schema: '{' is no JSON"],
    [7, 'decode.schema: 7 is no schema'],
    ['strng', "decode.schema: 'strng' is no JSON"],
    [record({ a: 'strng' }), "decode.schema.fields[0].type: 'strng' is no type, and no name that was defined before"],
    [{ type: 'record', name: 'R' }, 'decode.schema.fields: undefined is no list'],
    [{ type: 'record', name: '1x', fields: [] }, "decode.schema.name: '1x' is no name"],
    [{ type: 'record', name: 'long', fields: [] }, 'decode.schema.name: undefined is no name'],
    [record({ ['__proto__']: 'int' }), "decode.schema.fields[0].name: '__proto__' is no name"],
    [['null', ['int']], 'decode.schema: a union within a union'],
    [['int', 'int'], 'decode.schema: a union has int once at most'],
    [[], 'decode.schema: a union without types'],
    [{ type: 'enum', name: 'E', symbols: ['A', 'A'] }, 'decode.schema.symbols: a list is no list of different names'],
    [{ type: 'enum', name: 'E', symbols: ['A'], default: 'B' }, "decode.schema.default: 'B' is no symbol of E"],
    [{ type: 'fixed', name: 'F', size: -1 }, 'decode.schema.size: -1 is no number of bytes'],
    [record({ a: { type: 'fixed', name: 'R', size: 1 } }), 'decode.schema.fields[0].type: R is defined twice'],
  ])('%j is refused', (schema, message) => {
    expect(problemsOf(avro(schema as object))).toContain(message);
  });

  it('has options that are checked', () => {
    const options = { writer: 'int', versions: { abc: 'int' }, longs: 'float', x: 1 } as never;
    expect(problemsOf(avro('int', options))).toEqual([
      'decode.x: there is no such option; use one of writer, versions, longs, logicalTypes',
      "decode.longs: 'float' is not allowed; use 'number' or 'bigint' or 'text'",
      "decode.writer: 'int' is not allowed; use either writer or versions",
      "decode.versions: 'abc' is not allowed; use an object of schemas by the ids of their versions, such as 4dbd8ad4-0000-4000-8000-000000000000",
    ]);
    expect(problemsOf(avro('int', { versions: {} }))).toEqual([
      expect.stringContaining('decode.versions: nothing is given'),
    ]);
  });
});

it('events of a pipeline have the type that is said, and damaged ones become dead letters', () => {
  const definition = pipeline('avro')
    .readStream(kinesis({ streamName: 'flights' }))
    .decode(avro<{ readonly n: number }>(record({ n: 'int' })))
    .map((event) => {
      expectTypeOf(event).toEqualTypeOf<{ readonly n: number }>();
      return { twice: event.n * 2 };
    })
    .writeStream(kinesis({ streamName: 'out' }));
  const { results, deadLetters } = runPipeline(definition, { events: [hex('04'), hex('0404')] });
  expect(results).toEqual([{ twice: 4 }]);
  expect(deadLetters).toMatchObject([{ reason: 'undecodable' }]);
});
