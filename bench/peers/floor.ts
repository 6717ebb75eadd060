/**
 * As little as can be done in JavaScript: no client, no signature, no check. The body of an answer as bytes, each payload decoded into one
 * arena, three fields found where this bench writes them, counted. Nobody could use it; it says how far there is to go.
 */
import { Agent, request } from 'node:https';
import type { Stub, Variant } from '../side-by-side/scenario.ts';
import { type Counted, digestOf } from './count-by-hand.ts';

const quote = 0x22;
const dataName = Buffer.from('"Data":"');
const countryName = Buffer.from('"country":"');
const atName = Buffer.from('"at":');
const amountName = Buffer.from('"amount":');

const variant: Variant = async (stub) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let arena = Buffer.allocUnsafe(0);
  const names = new Map<number, string[]>();
  return {
    run: async (calls) => {
      const counts = new Map<string, Map<number, Counted>>();
      let units = 0;
      for (let call = 0; call < calls; call++) {
        const body = await ask(stub, agent);
        if (arena.length < body.length) arena = Buffer.allocUnsafe(body.length);
        for (let at = body.indexOf(dataName); at >= 0; at = body.indexOf(dataName, at)) {
          const from = at + dataName.length;
          const to = body.indexOf(quote, from);
          const length = arena.write(body.toString('latin1', from, to), 'base64');
          count(arena, length, counts, names);
          units += 1;
          at = to;
        }
      }
      return { units, digest: digestOf([...counts.values()].flatMap((windows) => [...windows.values()])) };
    },
  };
};

function count(
  event: Buffer,
  length: number,
  counts: Map<string, Map<number, Counted>>,
  names: Map<number, string[]>,
): void {
  const countryAt = find(event, countryName, 0, length);
  const countryEnd = event.indexOf(quote, countryAt);
  const country = nameIn(event, countryAt, countryEnd, names);
  const atAt = find(event, atName, countryEnd, length);
  const minute = Math.floor(numberAt(event, atAt) / 60_000);
  const amount = numberAt(event, find(event, amountName, atAt, length));
  let windows = counts.get(country);
  if (windows === undefined) {
    windows = new Map();
    counts.set(country, windows);
  }
  const found = windows.get(minute);
  if (found === undefined) windows.set(minute, { events: 1, total: amount });
  else {
    found.events += 1;
    found.total += amount;
  }
}

/** Behind the name. */
function find(event: Buffer, name: Buffer, from: number, length: number): number {
  for (let at = from; at < length; at++) {
    let same = 0;
    while (same < name.length && event[at + same] === name[same]) same += 1;
    if (same === name.length) return at + same;
  }
  return length;
}

function numberAt(event: Buffer, from: number): number {
  let value = 0;
  for (let at = from; ; at++) {
    const digit = event[at]! - 0x30;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}

/** Each name once, by a hash of its bytes. */
function nameIn(event: Buffer, from: number, to: number, names: Map<number, string[]>): string {
  let hash = to - from;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + event[at]!) | 0;
  const known = names.get(hash);
  if (known !== undefined) for (const name of known) if (isSame(event, from, to, name)) return name;
  const name = event.toString('latin1', from, to);
  if (known === undefined) names.set(hash, [name]);
  else known.push(name);
  return name;
}

function isSame(event: Buffer, from: number, to: number, name: string): boolean {
  if (name.length !== to - from) return false;
  for (let at = from; at < to; at++) if (name.charCodeAt(at - from) !== event[at]) return false;
  return true;
}

function ask({ host, port }: Stub, agent: Agent): Promise<Buffer> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Kinesis_20131202.GetRecords' };
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, method: 'POST', agent, headers }, (response) => {
      const body = Buffer.allocUnsafe(Number(response.headers['content-length']));
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.copy(body, length);
      });
      response.on('end', () => resolve(body));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end('{}');
  });
}

export default variant;
