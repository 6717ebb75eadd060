/** Answers of GetRecords as servers may write them, and as nobody should: from a seed. */

export type Draw = (below: number) => number;

/** xorshift: a million answers are drawn in a few seconds. */
export function drawOf(seed: number): Draw {
  let state = (seed | 0) === 0 ? 1 : seed | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export const pick = <Value>(draw: Draw, values: readonly Value[]): Value => values[draw(values.length)]!;

export function shuffled<Value>(draw: Draw, values: readonly Value[]): Value[] {
  const left = [...values];
  return values.map(() => left.splice(draw(left.length), 1)[0]!);
}

/** Mostly nothing. */
export const space = (draw: Draw): string => pick(draw, ['', '', '', '', ' ', '\n', '\t', ' \r\n ']);

export const member = (draw: Draw, name: string, value: string): string =>
  `${space(draw)}"${name}"${space(draw)}:${space(draw)}${value}${space(draw)}`;

const times = [
  '1767229200.123',
  '1767229200',
  '0',
  '1.767229200123E9',
  '1.767229200123e+9',
  '1767229200.1',
  '17672292001234E-4',
];
const oddTimes = [
  '-1',
  '01',
  '1.',
  '.5',
  '1e',
  'null',
  '"1767229200"',
  '1767229200.12345678',
  '1e999',
  '9e15',
  '1.0e-3',
  'true',
  '123456789012345678',
];
const keys = [
  'key-1',
  '',
  'é😀',
  '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  'a_b',
  '{"Data":"AAAA"}'.replaceAll('"', "'"),
];
const oddKeys = ['\\u0041', 'a\\"b', '\\\\', 'tab\t', '\u007f'];
const oddData = ['AA', 'A===', '====', 'A-__', 'AA==AA==', 'AB C', 'AAA\\u0041', 'QR==', 'AAA', '=AAA', 'é==='];
const extra: readonly (readonly [string, string])[] = [
  ['EncryptionType', '"NONE"'],
  ['EncryptionType', '"KMS"'],
];
const oddExtra: readonly (readonly [string, string])[] = [
  ['Later', '"a\\nb"'],
  ['Later', '{"Data":"AAAA"}'],
  ['Later', '[1,"]"]'],
  ['Later', '7'],
  ['Later', 'null'],
  ['__type', '"Record"'],
  ['Dat\\u0061', '"AAAA"'],
  ['Data', '"AAAA"'],
  ['PartitionKey', 'null'],
  ['SequenceNumber', '""'],
  ['__proto__', '"x"'],
];

/** What one record may say. */
function valuesOf(draw: Draw, odd: () => boolean, most: number) {
  const bytes = Buffer.from(Array.from({ length: draw(most) }, () => draw(256)));
  return {
    SequenceNumber: odd() ? pick(draw, ['7', '""', 'null', '"4\\u0039"']) : `"49${draw(1e9)}"`,
    ApproximateArrivalTimestamp: pick(draw, odd() ? oddTimes : times),
    Data: odd() ? pick(draw, [...oddData.map((text) => `"${text}"`), 'null', '7']) : `"${bytes.toString('base64')}"`,
    PartitionKey: `"${pick(draw, odd() ? oddKeys : keys)}"`,
  };
}

/** As a service writes them: all members in one order, with the same between them. */
function recordsAlike(draw: Draw, isOdd: boolean): string[] {
  const names = ['SequenceNumber', 'ApproximateArrivalTimestamp', 'Data', 'PartitionKey'] as const;
  const order = draw(4) === 0 ? shuffled(draw, names) : names;
  const named = draw(8) === 0 ? order.filter((name) => name !== 'PartitionKey') : order;
  const frames = named.map((name) => member(draw, name, '?'));
  const last = draw(3) === 0 ? [member(draw, ...pick(draw, extra))] : [];
  return Array.from({ length: 1 + draw(6) }, () => {
    const values = valuesOf(draw, () => isOdd && draw(40) === 0, 90);
    const members = frames.map((frame, at) => frame.replace('?', () => values[named[at]!]));
    return `{${[...members, ...last].join(',')}}`;
  });
}

function recordText(draw: Draw, isOdd: boolean): string {
  const odd = (): boolean => isOdd && draw(6) === 0;
  const members: (readonly [string, string])[] = Object.entries(valuesOf(draw, odd, 12));
  if (draw(3) === 0) members.push(pick(draw, extra));
  if (odd()) members.push(pick(draw, oddExtra));
  if (odd()) members.splice(draw(members.length), 1);
  const texts = (draw(2) === 0 ? members : shuffled(draw, members)).map(([name, value]) => member(draw, name, value));
  return `${space(draw)}{${texts.join(',')}}${space(draw)}`;
}

const children =
  '[{"ShardId":"shardId-1","ParentShards":["a\\"]"],"HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"7"}}]';

function answerText(draw: Draw, isOdd: boolean): string {
  const odd = (): boolean => isOdd && draw(8) === 0;
  const records =
    draw(2) === 0 ? recordsAlike(draw, isOdd) : Array.from({ length: draw(4) }, () => recordText(draw, isOdd));
  const list = `[${records.join(',')}${records.length === 0 ? space(draw) : ''}]`;
  const members: (readonly [string, string])[] = [
    ['Records', odd() ? pick(draw, ['null', '{}', '7', `[${list}]`, '[null]', '"[]"']) : list],
    ['NextShardIterator', odd() ? pick(draw, ['null', '"a\\"Records\\":[]"', '""']) : '"AAAA+/=="'],
    ['MillisBehindLatest', odd() ? pick(draw, ['-1', '1e3', '"NaN"', 'null', '01']) : `${draw(9_000)}`],
  ];
  if (draw(4) === 0) members.push(['ChildShards', children]);
  if (draw(6) === 0)
    members.push(['Later', pick(draw, ['{"Records":[{}]}', '[[],{"a":"]}\\\\"}]', '"\\u0052ecords"', '1'])]);
  if (odd())
    members.push(
      pick(draw, [
        ['Records', '[]'],
        ['R\\u0065cords', '[]'],
        ['__proto__', '{"Records":[]}'],
        ['Records', list],
      ]),
    );
  if (odd()) members.splice(draw(members.length), 1);
  const texts = (draw(2) === 0 ? members : shuffled(draw, members)).map(([name, value]) => member(draw, name, value));
  return `${space(draw)}{${texts.join(',')}}${space(draw)}`;
}

const oddBytes = [...Buffer.from('"\\{}[],:-_=+.eE0 9A/\n\u0000\u001f'), 0x80, 0xc3, 0xe2, 0xff];

/** A few bytes of others. */
export function mutated(draw: Draw, body: Buffer): Buffer {
  let bytes = body;
  for (let left = 1 + draw(3); left > 0; left--) {
    const at = draw(bytes.length + 1);
    const cut = draw(3) === 0 ? 1 + draw(8) : draw(2);
    const put = Buffer.from(draw(3) === 0 ? [] : [pick(draw, oddBytes)]);
    bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
  }
  return draw(40) === 0 ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]) : bytes;
}

/** A third as Kinesis may write them, a third odd ones, a third with bytes changed. */
export function answerFrom(seed: number): Buffer {
  const draw = drawOf(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  for (let warm = 0; warm < 4; warm++) draw(2);
  const kind = draw(3);
  const body = Buffer.from(answerText(draw, kind === 1));
  return kind === 2 && body.length > 0 ? mutated(draw, body) : body;
}
