/** Payloads like those of producers, and what becomes of them: the same on each run with the same number. */

export type Chance = {
  /** From 0, less than `limit`. */
  int(limit: number): number;
  pick<Value>(values: readonly Value[]): Value;
};

/** Mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  const int = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
  return { int, pick: (values) => values[int(values.length)]! };
}

const encoder = new TextEncoder();
const names = [
  'id',
  'country',
  'at',
  'amount',
  'user',
  'ok',
  'tags',
  'nested',
  'größe',
  'a',
  '',
  '__proto__',
  'toString',
];

const texts = [
  '"DE"',
  '"country-17"',
  '""',
  '"é"',
  '"日本語"',
  '"😀"',
  '"a\\nb"',
  '"\\u0041"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"\\/"',
  '"a\\\\"',
  '"\\""',
  '"\u007f"',
  '"\ufeff"',
  '"\u2028"',
  '"0e4e4d3a-59a5-4b3f-8c52-9a8f3c1d2b7e"',
  '"true"',
  '"a text that is longer than those that are kept for another time"',
]; // prettier-ignore
const numbers = [
  '0',
  '-0',
  '7',
  '-7',
  '17',
  '1767225600000',
  '12.5',
  '-0.25',
  '0.1',
  '1e3',
  '1E+2',
  '2.5e-3',
  '1e400',
  '-1e400',
  '5e-324',
  '0.30000000000000004',
  '123456789012345',
  '1234567890123456',
  '9007199254740993',
  '12345678901234567890',
  '0.000001',
  '100000000.00001',
  '1.0',
  '4.35',
  '1234567.1234567',
  '99999999999.9999',
  '1.7976931348623157e308',
  '123456789.12345678',
]; // prettier-ignore
const others = [
  'true',
  'false',
  'null',
  '[]',
  '{}',
  '[1,2]',
  '["a","b"]',
  '{"a":1}',
  '{"country":"XX","at":0}',
  '[[[]]]',
  '[{"a":[null,{}]}]',
  '{"__proto__":{"country":1}}',
  ' [ 1 , 2 ] ',
  '{ "a" : "\\u0062" }',
]; // prettier-ignore
/** What is no JSON. */
const wrong = [
  '01',
  '-',
  '1.',
  '.5',
  '+1',
  'nul',
  'True',
  'NaN',
  "'a'",
  '"a',
  '[1',
  '[1,]',
  '{"a"}',
  '{"a":1,}',
  '"\t"',
  '"\\x"',
  '"\\u12g4"',
  '',
  '1e',
  '00',
  '-a',
  '--1',
];

function drawValue(chance: Chance, name: string): string {
  const kind = chance.int(40);
  if (kind === 0) return chance.pick(others);
  if (kind === 1) return chance.int(4) === 0 ? chance.pick(wrong) : chance.pick(texts);
  if (kind === 2) return chance.pick(numbers);
  switch (name) {
    case 'at':
      return String(1_767_225_600_000 + chance.int(1_000_000));
    case 'amount':
      return chance.int(2) === 0 ? chance.pick(numbers) : String(chance.int(100));
    case 'ok':
      return chance.pick(['true', 'false', 'null']);
    case 'tags':
    case 'nested':
      return chance.pick(others);
    case 'id':
      return `"${(chance.int(2 ** 30) * 7919).toString(36)}"`;
    default:
      return chance.pick(texts);
  }
}

const keyOf = (chance: Chance, name: string): string =>
  chance.int(100) === 0 && name !== ''
    ? `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`
    : JSON.stringify(name);

/** As one producer writes: few orders of fields, few ways of spacing. */
const layouts = [
  { fields: ['id', 'country', 'at', 'amount', 'user', 'ok'], comma: ',', colon: ':' },
  { fields: ['country', 'at', 'amount'], comma: ', ', colon: ': ' },
  { fields: ['at', 'größe', 'tags', 'amount', 'nested', 'country', 'ok'], comma: ',', colon: ':' },
  { fields: ['user', 'country', 'at', 'amount', '__proto__'], comma: ',\n  ', colon: ': ' },
];

export function drawPayload(chance: Chance): Uint8Array {
  const layout = chance.pick(layouts);
  const isPlain = chance.int(4) > 0;
  const chosen = isPlain ? layout.fields : layout.fields.flatMap((name) => pickedNames(chance, name));
  const members = chosen.map((name) => `${keyOf(chance, name)}${layout.colon}${drawValue(chance, name)}`);
  const object = `{${members.join(layout.comma)}}`;
  const text =
    chance.int(30) === 0
      ? chance.pick([
          ` ${object}`,
          `${object}\n`,
          `\ufeff${object}`,
          `[${object}]`,
          `${object}x`,
          '7',
          `${object}${object}`,
        ])
      : object;
  return encoder.encode(text);
}

export const producers = layouts.length;

/** Like the others of its producer, but for its values: each with one of the layouts, which comes again after all others. */
export function drawRegular(chance: Chance, producer: number): Uint8Array {
  const { fields, comma, colon } = layouts[producer % layouts.length]!;
  const drawn = (name: string): string => {
    if (name === 'tags') return `[ ${chance.pick(numbers)},${chance.pick(texts)}]`;
    if (name === 'nested')
      return `{"country":${chance.pick(texts)}, "a": [${chance.pick(['true', 'null', '-0'])}, {}]}`;
    return chance.int(8) === 0 ? chance.pick([...numbers, ...texts, 'true', 'null']) : drawValue(chance, name);
  };
  return encoder.encode(`{${fields.map((name) => `"${name}"${colon}${drawn(name)}`).join(comma)}}`);
}

/** Left out, twice, or beside another one. */
function pickedNames(chance: Chance, name: string): string[] {
  switch (chance.int(8)) {
    case 0:
      return [];
    case 1:
      return [name, chance.pick(names)];
    case 2:
      return chance.int(3) === 0 ? [name, name] : [name];
    default:
      return [name];
  }
}

/** Bytes that say something in JSON or in UTF-8. */
const told = [
  ...encoder.encode('{}[]":,\\/0123456789-+.eEutfnrab \t\n\r'),
  0,
  0x1f,
  0x7f,
  0x80,
  0xbf,
  0xc0,
  0xc1,
  0xc2,
  0xe0,
  0xed,
  0xef,
  0xbb,
  0xf0,
  0xf4,
  0xf5,
  0xff,
];

/** Some bytes changed, put in, taken out, or taken from another payload. */
export function mutated(chance: Chance, payload: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes = payload;
  for (let times = Math.max(0, chance.int(6) - 2); times > 0; times--) {
    const at = chance.int(bytes.length + 1);
    const to = Math.min(bytes.length, at + chance.int(chance.int(4) === 0 ? 40 : 3));
    const put = (middle: ArrayLike<number>, end: number): Uint8Array =>
      joined(bytes.subarray(0, at), middle, bytes.subarray(end));
    switch (chance.int(7)) {
      case 0:
        bytes = put([chance.pick(told)], at);
        break;
      case 1:
        bytes = put([], to);
        break;
      case 2:
        bytes = put([chance.int(256)], Math.min(bytes.length, at + 1));
        break;
      case 3:
        bytes = put([(bytes[at] ?? 0) ^ (1 << chance.int(8))], Math.min(bytes.length, at + 1));
        break;
      case 4:
        bytes = put(bytes.subarray(at, to), at);
        break;
      case 5:
        bytes = put(other.subarray(chance.int(other.length), chance.int(other.length + 1)), to);
        break;
      default:
        bytes = chance.int(4) === 0 ? bytes.subarray(0, at) : put([chance.pick(told)], Math.min(bytes.length, at + 1));
    }
  }
  return bytes;
}

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
