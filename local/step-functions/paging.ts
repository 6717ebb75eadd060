/**
 * Pages of a list, and the tokens that lead from one to the next.
 *
 * PAGING-1 A token is of one operation and of one question (what is listed, how filtered, in which order): with another it is refused.
 * PAGING-2 It names the last item that was given, not a count: what comes in between moves nothing.
 */
import { createHash } from 'node:crypto';
import type { Member } from './members.ts';
import { Refusal } from './refusal.ts';

const usualPage = 100;
const largestPage = 1_000;

export const pageMembers = {
  maxResults: { type: 'number', min: 0, max: largestPage },
  nextToken: { type: 'string', min: 1, max: 1_024 },
} as const satisfies Readonly<Record<string, Member>>;

export type PageRequest = { readonly maxResults?: number; readonly nextToken?: string };

export type Page<Item> = { readonly items: readonly Item[]; readonly nextToken: string | undefined };

export type Question = { readonly isReverse: boolean; readonly of: readonly unknown[] };

/** `items` by rising `id`, which are given by falling ones if the question says so. Throws `InvalidToken`. */
export function pageOf<Item extends { readonly id: number }>(
  items: readonly Item[],
  { maxResults = usualPage, nextToken }: PageRequest,
  { isReverse, of }: Question,
): Page<Item> {
  const digest = createHash('sha256')
    .update(JSON.stringify([isReverse, ...of]))
    .digest('base64url');
  const last = nextToken === undefined ? undefined : readToken(nextToken, digest);
  const left = last === undefined ? items : items.filter(({ id }) => (isReverse ? id < last : id > last));
  const rest = isReverse ? left.toReversed() : left;
  const size = maxResults === 0 ? usualPage : maxResults;
  const page = rest.slice(0, size);
  return { items: page, nextToken: rest.length > size ? tokenOf(page.at(-1)!.id, digest) : undefined };
}

const tokenOf = (id: number, digest: string): string => Buffer.from(JSON.stringify([id, digest])).toString('base64url');

function readToken(token: string, digest: string): number {
  try {
    const [id, of] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as [unknown, unknown];
    if (typeof id === 'number' && of === digest) return id;
  } catch {}
  throw new Refusal('InvalidToken', "Invalid Token: 'Invalid token'");
}
