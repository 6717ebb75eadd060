/** P1: nothing from the horizon on is deleted, and nothing a batch lives on may expire. S6: what is put once never changes. */
import { isDeepStrictEqual } from 'node:util';
import type { Change, StoredItem } from '../services/dynamodb/simulated-dynamodb.ts';
import { nameOfItem } from '../world/calls.ts';
import type { Report } from './violation.ts';

const lasting = new Set(['body', 'block', 'partials', 'state', 'chunk']);
const once = new Set([...lasting, 'plan', 'task']);
/** Whoever comes second takes what is there, or two versions of the code would each send theirs. */
const firstWins = new Set(['body', 'block', 'state']);

/** S6 also for what was purged meanwhile: a reducer that slept must come to the same state. */
export class PurgedStates {
  readonly #known = new Map<string, StoredItem>();

  changed({ pk, sk, before, after }: Change, report: Report): void {
    if (nameOfItem({ pk: { S: pk }, sk: { S: sk } }) !== 'state') return;
    const key = `${pk} / ${sk}`;
    if (before !== undefined && after === undefined) this.#known.set(key, before);
    if (before !== undefined || after === undefined) return;
    const purged = this.#known.get(key);
    // In parts, its root has the nonce of who put it.
    if (purged === undefined || purged.data === undefined || isDeepStrictEqual(purged.data, after.data)) return;
    report('S6', `${key} was put again with another content`);
  }
}

export function checkLasting(change: Change, horizon: number, now: number, report: Report): void {
  const { pk, sk, before, after } = change;
  const kind = nameOfItem({ pk: { S: pk }, sk: { S: sk } });
  const where = `${pk} / ${sk}`;
  if (after?.expires !== undefined && lasting.has(kind) && !isPlanChunk(sk)) report('P1', `${where} expires by itself`);
  if (before !== undefined && after !== undefined && once.has(kind)) {
    if (!isDeepStrictEqual(before, after)) report('S6', `${where} was overwritten with another content`);
    else if (firstWins.has(kind)) report('S6', `${where} was written again, though the first write wins`);
  }
  if (before === undefined || after !== undefined) return;
  if (kind === 'head') report('P1', 'the head was deleted');
  if (before.expires !== undefined && hasExpired(before, now)) return;
  const batchId = batchOf(pk, sk);
  if (batchId === undefined) report('P1', `${where} was deleted before it expired`);
  else if (batchId >= horizon) report('P1', `${where} was deleted; the horizon is ${horizon}`);
}

/** The parts of a large plan expire with it. */
const isPlanChunk = (sk: string): boolean => sk.startsWith('PLAN#') || sk.startsWith('PROGRESS#');

const hasExpired = (item: StoredItem, now: number): boolean => Number(item.expires?.N) * 1000 <= now + 1000;

export function batchOf(pk: string, sk: string): number | undefined {
  const inBlocks = /\/blocks\/(\d{12})\//.exec(pk)?.[1];
  const inKey = /^(?:BATCH#|PROGRESS#)?(\d{12})(?:#|$)/.exec(sk)?.[1];
  const found = inBlocks ?? inKey;
  return found === undefined ? undefined : Number(found);
}
