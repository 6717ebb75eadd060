/**
 * The same event, written as JSON may be written: fields twice, of which the last counts, escapes, other orders, space, numbers in other
 * forms, and fields that nobody reads but JSON.parse has to. And such fields with something wrong in them.
 */
import type { Random } from '../random.ts';
import type { Scenario } from './scenario.ts';

/** Odd values need a schema that keeps other fields, and a sender's identity is looked for in the text. */
export const hasOddTexts = ({ oddTexts, oddValues, deduplicates }: Scenario): boolean =>
  oddTexts === true && oddValues === undefined && deduplicates !== true;

type Written = (random: Random, members: readonly string[]) => readonly string[];

const put = (random: Random, members: readonly string[], other: string): readonly string[] =>
  members.toSpliced(random.int(0, members.length), 0, other);

/** A field whose first value is another one, in front. */
const twice: Written = (_, members) => [`"value":${wrongValue}`, ...members];
const wrongValue = 7_777;

const forms: readonly Written[] = [
  (_, members) => members,
  twice,
  // The last of two, under a key that looks like another.
  (random, members) =>
    twice(
      random,
      members.map((member) => member.replace(/^"value":/, '"\\u0076alue":')),
    ),
  (_, members) => members.toReversed(),
  (_, members) =>
    members.map((member) => member.replace(/^("key":)"(.)/, (_all, name, letter) => `${name}"${escapeOf(letter)}`)),
  (_, members) => members.map((member) => member.replace(/^("(?:at|value)":-?\d+)$/, '$1.0')),
  (_, members) => members.map((member) => member.replace(/^("(?:at|value)":-?\d+)$/, '$1e0')),
  (random, members) => put(random, members, '"note":"\\",\\"value\\":1,\\"key\\":\\"x"'),
  (random, members) => put(random, members, '"other":{"value":1,"key":["}",{"at":null}],"id":-0.5e-3}'),
  (random, members) => put(random, members, '"größe":"😀\\ud83d"'),
]; // prettier-ignore

const escapeOf = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

const spaces = [
  [',', ''],
  [', ', ''],
  [',\r\n\t', '\n'],
] as const; // prettier-ignore

/** JSON.parse makes of it what it makes of `JSON.stringify(event)`, but for fields that the event does not have. */
export function writtenOddly(random: Random, event: object): string {
  const members = random.pick(forms)(random, membersOf(event));
  const [comma, end] = random.pick(spaces);
  return `{${members.join(comma)}}${end}`;
}

const wrong = [
  '"other":01',
  '"other":"\t"',
  '"other":"\\x"',
  '"other":[1,]',
  '"other":nul',
  '"other":{"a"}',
  '"other":1.',
];

/** What JSON.parse refuses for a field that nobody reads, or for what stands behind. */
export function writtenWrongly(random: Random, event: object): string {
  const members = membersOf(event);
  return random.chance(0.5)
    ? `{${put(random, members, random.pick(wrong)).join(',')}}`
    : `{${members.join(',')}}${random.pick(['}', 'x', ',', '{}'])}`;
}

const membersOf = (event: object): string[] =>
  Object.entries(event).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
