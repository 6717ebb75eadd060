/**
 * MD5 of many messages at once: four times as fast as one after the other, and the digest is what most of the time of
 * reading aggregated records goes into.
 *
 * MD5-1 Each lane takes the next message as soon as its own is done, so lengths need not be alike.
 * MD5-2 The memory is as large as it is from the start: long messages go through their lane's slot piece by piece.
 */
import { createHash } from 'node:crypto';
import type { Md5 } from '../core/hash-key.ts';
import { initialState, sines } from '../core/md5-block.ts';
import { type Running, start } from '../webassembly/format.ts';
import { freeAddress, laneCount, md5Program, stateAddress } from './webassembly/md5-program.ts';

const blockBytes = 64;
/** A slot holds what a KPL puts into a record (51,200 bytes) in one piece. */
const slotBlocks = 1_024;
const pageBytes = 65_536;
const pages = Math.ceil((freeAddress + laneCount * slotBlocks * blockBytes) / pageBytes);
/** All lanes together take as long as three messages by themselves. */
const fewest = 4;

const one = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();

let lanes: Lanes | undefined | 'unavailable';

export const md5: Md5 = Object.assign((bytes: Uint8Array) => one(bytes), {
  all(messages: readonly Uint8Array[]): readonly Uint8Array[] {
    if (messages.length < fewest) return messages.map(one);
    lanes ??= openLanes() ?? 'unavailable';
    return lanes === 'unavailable' ? messages.map(one) : digestsOf(messages, lanes);
  },
});

type Lanes = {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Addresses and blocks. */
  readonly run: Running['run'];
};

/** Not before it is needed: it takes some milliseconds. Undefined: the program can't run here. */
function openLanes(): Lanes | undefined {
  const started = start(md5Program(pages));
  if (started === undefined) return undefined;
  const { memory, run } = started;
  const words = new Uint32Array(memory.buffer);
  for (let step = 0; step < 64; step++) words.fill(sines[step]!, 4 * step, 4 * step + 4);
  return { bytes: new Uint8Array(memory.buffer), words, run };
}

/** A message in its lane. */
type Work = { readonly index: number; readonly message: Uint8Array; readonly blocks: number; done: number };

function digestsOf(messages: readonly Uint8Array[], lanes: Lanes): Uint8Array[] {
  const digests: Uint8Array[] = [];
  const works: (Work | undefined)[] = Array.from({ length: laneCount });
  let next = 0;
  for (;;) {
    next = fillLanes(works, messages, next, lanes.words);
    const blocks = blocksTogether(works);
    if (blocks === 0) return digests;
    runBlocks(works, blocks, lanes);
    takeDigests(works, blocks, lanes.words, digests);
  }
}

/** MD5-1: from message `next` on. The first one that found no lane. */
function fillLanes(
  works: (Work | undefined)[],
  messages: readonly Uint8Array[],
  next: number,
  words: Uint32Array,
): number {
  let index = next;
  for (let lane = 0; lane < laneCount; lane++) {
    const message = messages[index];
    if (works[lane] !== undefined || message === undefined) continue;
    works[lane] = { index, message, blocks: Math.floor((message.length + 8) / blockBytes) + 1, done: 0 };
    for (let name = 0; name < 4; name++) words[stateWord(lane, name)] = initialState[name]!;
    index += 1;
  }
  return index;
}

/** As many as the shortest rest has, and a slot holds. 0: no lane has work. */
function blocksTogether(works: readonly (Work | undefined)[]): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (const work of works) if (work !== undefined) fewest = Math.min(fewest, work.blocks - work.done);
  return fewest === Number.POSITIVE_INFINITY ? 0 : Math.min(fewest, slotBlocks);
}

function runBlocks(works: readonly (Work | undefined)[], blocks: number, { bytes, run }: Lanes): void {
  const addresses = works.map((work, lane) => {
    if (work === undefined) return slotOf(0);
    copyBlocks(bytes, slotOf(lane), work, blocks);
    return slotOf(lane);
  });
  run(...addresses, blocks);
}

function takeDigests(works: (Work | undefined)[], blocks: number, words: Uint32Array, digests: Uint8Array[]): void {
  for (let lane = 0; lane < laneCount; lane++) {
    const work = works[lane];
    if (work === undefined) continue;
    work.done += blocks;
    if (work.done < work.blocks) continue;
    digests[work.index] = digestIn(words, lane);
    works[lane] = undefined;
  }
}

const slotOf = (lane: number): number => freeAddress + lane * slotBlocks * blockBytes;

/** Four lanes share a vector; it has one of the four words of their states. */
const stateWord = (lane: number, name: number): number =>
  stateAddress / 4 + (Math.floor(lane / 4) * 4 + name) * 4 + (lane % 4);

/** The next blocks of a message. Behind its end come a bit, zeros, and its length in bits at the end of the last block. */
function copyBlocks(bytes: Uint8Array, at: number, { message, blocks, done }: Work, count: number): void {
  const start = done * blockBytes;
  const end = start + count * blockBytes;
  const { length } = message;
  const copied = Math.max(0, Math.min(length, end) - start);
  if (copied > 0) bytes.set(copied === length ? message : message.subarray(start, start + copied), at);
  if (copied === end - start) return;
  bytes.fill(0, at + copied, at + end - start);
  if (start <= length) bytes[at + copied] = 0x80;
  if (done + count < blocks) return;
  const view = new DataView(bytes.buffer, at + end - start - 8, 8);
  view.setBigUint64(0, BigInt(length) * 8n, true);
}

function digestIn(words: Uint32Array, lane: number): Uint8Array {
  const digest = new Uint8Array(16);
  const view = new DataView(digest.buffer);
  for (let name = 0; name < 4; name++) view.setUint32(4 * name, words[stateWord(lane, name)]!, true);
  return digest;
}
