/**
 * The identity of a record as the last field of its object. Those of events that are sent while a shard is read differ in their place
 * alone: what they have in common is written once.
 *
 *     {"country":"IS","_sluice":{"v":1,"pipeline":"p",…,"shard":"shardId-0","sequence":"49…","sub":0,"index":0,"base":"TRIM_HORIZON"}}
 *     └── object ──┘└───────────────────────── before ─────────────────────────┘   └───────────────────── after ────────────────────┘
 *
 * In few pieces, since a text is copied together from its pieces: an eighth of what `JSON.stringify` of each identity takes, and 7 % of what
 * an executor does beside sending.
 */
import { endOfText } from '../user-code/end-of-text.ts';
import type { EventIdentity, Identity, StandingEvent } from './identity.ts';

/** Into the text itself: whatever wrote it as an object, its identity is the last field. */
export function withIdentity(text: string, name: string, identity: Identity | StandingEvent): string {
  if (!text.startsWith('{')) return text;
  const object = text.includes(quotedOf(name)) ? withoutField(text, name) : text;
  const tail = identityTail(name, identity);
  return object.slice(0, -1) + (isEmpty(object) ? tail.slice(1) : tail);
}

let lastName = '';
let lastQuoted = '""';

function quotedOf(name: string): string {
  if (name !== lastName) {
    lastQuoted = JSON.stringify(name);
    lastName = name;
  }
  return lastQuoted;
}

/** Bytes that pass through may have room in it. */
const isEmpty = (object: string): boolean => object[1] !== '"' && /^\{\s*\}$/.test(object);

/** A field of that name (an event that a pipeline wrote) would be there twice. What others say stays as it was written. */
function withoutField(text: string, name: string): string {
  const all = membersOf(text);
  const others = all.filter((member) => JSON.parse(member.slice(0, endOfText(member, 0))) !== name);
  return others.length === all.length ? text : `{${others.join(',')}}`;
}

/** Of the text of an object that has some. */
function membersOf(object: string): string[] {
  const members: string[] = [];
  let from = 1;
  let depth = 0;
  for (let at = 1; at < object.length; at++) {
    const unit = object[at]!;
    if (unit === '"') at = endOfText(object, at) - 1;
    else if (unit === '{' || unit === '[') depth += 1;
    else if (depth > 0) depth -= unit === '}' || unit === ']' ? 1 : 0;
    else if (unit === ',' || unit === '}') {
      members.push(object.slice(from, at).trim());
      from = at + 1;
    }
  }
  return members;
}

type Common = Omit<EventIdentity, 'sequence' | 'sub' | 'index'> & {
  readonly name: string;
  /** From the comma to the quote of the number. */
  readonly before: string;
  /** From its other quote to the end of the object, where an event is the only one of its record, and has one record. */
  readonly after: string;
};

/** Of each output, by its last identity. */
const known = new Map<string, Common>();
const mostKnown = 64;

/** From the comma before the field to the end of the object that it is in. */
function identityTail(name: string, identity: Identity | StandingEvent): string {
  if (!('base' in identity)) return `,${JSON.stringify(name)}:${JSON.stringify(identity)}}`;
  const { sequence, sub, index } = identity;
  const last = known.get(identity.output);
  const { before, after } = last !== undefined && isOf(last, name, identity) ? last : commonOf(name, identity);
  const number = isPlain.test(sequence) ? sequence : JSON.stringify(sequence).slice(1, -1);
  return before + number + (sub === 0 && index === 0 ? after : afterOf(identity));
}

const isPlain = /^\d+$/;

const isOf = (last: Common, name: string, { pipeline, generation, source, shard, base }: EventIdentity): boolean =>
  last.shard === shard &&
  last.base === base &&
  last.name === name &&
  last.pipeline === pipeline &&
  last.generation === generation &&
  last.source === source;

function commonOf(name: string, { v, pipeline, output, generation, source, shard, base }: EventIdentity): Common {
  const rest = JSON.stringify({ v, pipeline, output, generation, source, shard }).slice(0, -1);
  const before = `,${JSON.stringify(name)}:${rest},"sequence":"`;
  const after = afterOf({ sub: 0, index: 0, base });
  const common = { name, v, pipeline, output, generation, source, shard, base, before, after };
  if (known.size >= mostKnown) known.clear();
  known.set(output, common);
  return common;
}

const afterOf = ({ sub, index, base }: Pick<EventIdentity, 'sub' | 'index' | 'base'>): string =>
  `","sub":${sub},"index":${index},"base":${JSON.stringify(base)}}}`;
