/** CSV-1 by examples, and lines as Python's csv module writes them. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isUndecoded } from '../../functions/decoders/decoder-kind.ts';
import { csv, kinesis, pipeline, runPipeline, text } from '../../functions/index.ts';
import { decoded, decoderOf, hex, problemsOf } from './decoded.ts';
import { type Damaged, damage, digestOf, readVectors, verdictsIn } from './vectors/vectors.ts';

const flights = csv({ origin: 'text', delay: 'number', cancelled: 'boolean?' });
const threeTexts = csv({ a: 'text', b: 'text', c: 'text' });

describe('a line', () => {
  it.each([
    ['ORD,-3,true', { origin: 'ORD', delay: -3, cancelled: true }],
    ['"O""RD, x",1.5e2,false\r\n', { origin: 'O"RD, x', delay: 150, cancelled: false }],
    ['"two\nlines",0,\n', { origin: 'two\nlines', delay: 0, cancelled: null }],
    [',9007199254740991,', { origin: '', delay: 9_007_199_254_740_991, cancelled: null }],
  ])('%j is an event of its columns', (line, event) => {
    expect(decoded(flights, line)).toEqual(event);
  });

  it.each([
    ['ORD,1', 'schema-mismatch', 'the line has 2 fields, not 3'],
    ['ORD,1,true,', 'schema-mismatch', 'the line has 4 fields, not 3'],
    ['ORD,,true', 'schema-mismatch', "delay: '' is no number"],
    ['ORD, 1,true', 'schema-mismatch', "delay: ' 1' is no number"],
    ['ORD,0x10,true', 'schema-mismatch', "delay: '0x10' is no number"],
    ['ORD,NaN,true', 'schema-mismatch', "delay: 'NaN' is no number"],
    ['ORD,1e999,true', 'schema-mismatch', "delay: '1e999' is no number"],
    ['ORD,9007199254740993,true', 'schema-mismatch', "delay: '9007199254740993' does not fit a number"],
    ['ORD,1,True', 'schema-mismatch', "cancelled: 'True' is no boolean"],
    ['ORD,1,true\nATL,2,false', 'undecodable', 'character 11: the line ends and more follows: a record is one line'],
    ['"ORD"\n,1,true', 'undecodable', 'character 6: the line ends and more follows: a record is one line'],
    ['"ORD,1,true', 'undecodable', 'character 1: a quote that is never closed'],
    ['"ORD"x,1,true', 'undecodable', 'character 6: text behind a quote'],
    ['O"RD,1,true', 'undecodable', 'character 2: a quote within a field that does not begin with one'],
    ['', 'empty-record', 'the record has no bytes'],
  ])('%j is refused', (line, reason, message) => {
    expect(decoded(flights, line)).toEqual([reason, message]);
  });

  it('that is no UTF-8 is refused', () => {
    expect(decoded(flights, Uint8Array.of(0xff))).toEqual(['invalid-utf8', 'the bytes are not UTF-8']);
  });

  it('has the delimiter and the quotes that are asked for', () => {
    const columns = { a: 'text', b: 'number' } as const;
    expect(decoded(csv(columns, { delimiter: ';' }), '"a;b";1')).toEqual({ a: 'a;b', b: 1 });
    expect(decoded(csv(columns, { delimiter: '\t', quotes: 'none' }), 'a"b\t1')).toEqual({ a: 'a"b', b: 1 });
  });
});

/** `csv.writer(out).writerow([...])` of Python 3.11, its bytes, and what was written. */
const ofPython: readonly (readonly [string, readonly string[]])[] = [
  ['plain,with space,\r\n', ['plain', 'with space', '']],
  ['"a,b","say ""hi""","line\nfeed"\r\n', ['a,b', 'say "hi"', 'line\nfeed']],
  ['"""","","""\r\n', []],
  ['"""",",",""""""\r\n', ['"', ',', '""']],
  [' lead,trail ,ünïcödé ✓\r\n', [' lead', 'trail ', 'ünïcödé ✓']],
  ['"cr\rin","crlf\r\nin",\'single\'\r\n', ['cr\rin', 'crlf\r\nin', "'single'"]],
];

it.each(ofPython.filter(([, fields]) => fields.length > 0))('reads %j as the one that wrote it', (line, fields) => {
  expect(Object.values(decoded(threeTexts, line) as object)).toEqual(fields);
});

it('of 10,000 damaged lines none is read that Python refuses, and none as something else', () => {
  const damaged = readVectors<Damaged>('csv.json');
  const payloads = damaged.payloads.map(hex);
  const decode = decoderOf(threeTexts);
  let read = 0;
  for (const [at, verdict] of verdictsIn(damaged).entries()) {
    const value = decode(damage(payloads[at % 2]!, at));
    if (isUndecoded(value)) expect(verdict, `payload ${at}: ${value.message}`).not.toMatch(/^=/);
    else {
      expect(verdict.slice(1), `payload ${at}`).toBe(digestOf(Object.values(value as object)));
      read += 1;
    }
  }
  expect(verdictsIn(damaged)).toHaveLength(10_000);
  expect(read).toBeGreaterThan(1_000);
});

it('says what is wrong with columns and options', () => {
  const wrong = csv({ 1: 'text', n: 'float' } as never, { delimiter: '""', quotes: 'single', x: 1 } as never);
  expect(problemsOf(wrong)).toEqual([
    "decode.columns: '1' is not allowed; use a name that is no number",
    "decode.columns.n: 'float' is not allowed; use 'text' or 'number' or 'boolean' or 'text?' or 'number?' or 'boolean?'",
    'decode.x: there is no such option; use one of delimiter, quotes',
    `decode.delimiter: '""' is not allowed; use one character that is no quote and no end of a line`,
    "decode.quotes: 'single' is not allowed; use 'double' or 'none'",
  ]);
  expect(problemsOf(csv({}))).toEqual([expect.stringContaining('decode.columns: nothing is given')]);
  expect(problemsOf(csv(['a'] as never))).toEqual([expect.stringContaining('decode.columns: a list is not allowed')]);
});

describe('in a pipeline', () => {
  const from = (streamName: string) => pipeline('lines').readStream(kinesis({ streamName }));

  it('events have the types of their columns, and tests give lines as they are', () => {
    const definition = from('flights')
      .decode(flights)
      .map((flight) => {
        expectTypeOf(flight).toEqualTypeOf<{
          readonly origin: string;
          readonly delay: number;
          readonly cancelled: boolean | null;
        }>();
        return { ...flight, late: flight.delay > 15 };
      })
      .writeStream(kinesis({ streamName: 'out' }));
    const { results, deadLetters } = runPipeline(definition, { events: ['ORD,20,true\n', 'ORD,x,'] });
    expect(results).toEqual([{ origin: 'ORD', delay: 20, cancelled: true, late: true }]);
    expect(deadLetters).toMatchObject([{ event: 'ORD,x,', reason: 'schema-mismatch' }]);
  });

  it('texts are what was written', () => {
    const definition = from('lines')
      .decode(text())
      .map((line) => ({ line }))
      .writeStream(kinesis({ streamName: 'out' }));
    const events = ['"a"', '', Uint8Array.of(0xef, 0xbb, 0xbf, 0x62), Uint8Array.of(0xc3)];
    const { results, deadLetters } = runPipeline(definition, { events });
    expect(results).toEqual([{ line: '"a"' }, { line: '' }, { line: 'b' }]);
    expect(deadLetters).toMatchObject([{ reason: 'invalid-utf8' }]);
  });
});
