/**
 * Deletes what no batch from the oldest retained batch on can reach, and expired items that TTL has not taken yet.
 *
 * PURGE-1 (P1) Nothing with a batch id at or above the oldest retained batch is deleted. The oldest retained batch never falls, so a purge may be late,
 *    repeated or run twice at once.
 * PURGE-2 (P1) A state is deleted once another has replaced it in a batch at or below the oldest retained batch: that of a group in which
 *    nothing happens stays, however old it is, since the body at the oldest retained batch names it. There is one state of a group and
 *    batch that counts, so what replaces it is found in its partition.
 *    A segment goes with the last state that names it, and what a lost try has put under the name of a state that has not made it: as long as
 *    that state is there to say so. It goes after those, so that of a purge that was cut, or of two at once, none takes what is in use.
 * PURGE-3 (P1) Of the gathering step, which has the number behind the last key group, no batch names a state: it goes with its batch. What is
 *    left of key groups that there are no more goes as a whole (FORMER-1).
 * PURGE-4 (P1) What lies in the bucket goes with the item that names it (NAMES-1, NAMES-2). What no item names is left to a sweep.
 * PURGE-5 (P1) A state of a try that was given up (GIVEN-UP-1) goes with its segments once its batch is not retained, and nothing goes by what it says.
 *
 * Long because what is found, and what is deleted of it in which order, are decided together.
 *
 * How many items a batch left is not known: values lie in chunks, and tries that failed left some too. So time alone ends a
 * purge, never a count, and what is found is deleted before more is looked for.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { FormerGroups } from '../../core/model.ts';
import { getOrSet } from '../../core/sorted-keys.ts';
import type { Purge } from '../../ports/purge.ts';
import { textIn } from './item.ts';
import {
  blockPartition,
  padBatch,
  padName,
  partialsFolder,
  segmentFolder,
  sentNotesPartition,
  statePartition,
} from './keys.ts';
import { deleteRoots, type NamesIn, ofStates, seenOf } from './named-blobs.ts';
import { PurgeProgress } from './purge-progress.ts';
import {
  batchOf,
  beginningWith,
  bodiesIn,
  everything,
  inBatches,
  isBeside,
  stateIn,
  type Where,
} from './purged-ranges.ts';
import { namesOfBody } from './seal-store.ts';
import { nameOfChunk, namesOf } from './segment-names.ts';
import { namesOfState } from './state-store.ts';
import type { Storage } from './storage.ts';
import type { Item } from './table.ts';
import { maxBatch } from './write-batches.ts';

/** Each waits for its own partition. */
const atOnce = 20;
/**
 * What a batch has beside its body lies in partitions of its own; bodies lie side by side, and those of several batches are found by one query, once all
 * these partitions are clear. So it is of as many batches as a purge has time for, however many key groups there are.
 */
const mostAtOnce = { bodies: 8, partitions: 320 };
const bodiesFor = (groups: number): number =>
  Math.max(1, Math.min(mostAtOnce.bodies, Math.floor(mostAtOnce.partitions / groups)));
/** TTL takes what has expired within a few days, for nothing; and by then it has by everybody's clock. */
const ttlTakesMs = 172_800_000;

export function createPurge(storage: Storage): Purge {
  const { pipeline } = storage;
  const progress = new PurgeProgress();
  const { clearFolder, clearStates } = goingOn(pipeline, progress);
  return async ({ oldestRetainedBatch, from, createdAt, parallelism, tasks, deadline, ...left }) => {
    const { formerGroups, givenUp = [] } = left;
    const sweep = new Sweep(storage, deadline);
    progress.begin({ createdAt, parallelism, ...left }, from);
    const groups = upTo(Math.max(parallelism, formerGroups?.most ?? 0), oldestRetainedBatch);
    const replacing = { after: from, upTo: oldestRetainedBatch, createdAt, givenUp: new Set(givenUp.map(padName)) };
    let purgedBelow = from;
    const batches = async (): Promise<void> => {
      const bodiesAtOnce = bodiesFor(groups.length + 1);
      for (let first = from; first < oldestRetainedBatch; first += bodiesAtOnce) {
        const below = Math.min(first + bodiesAtOnce, oldestRetainedBatch);
        const folders = Array.from({ length: below - first }, (_, at) =>
          [...groups, groups.length].map((group) => ({ batchId: first + at, group })),
        );
        const cleared = await inParallel(folders.flat(), atOnce, (of) => clearFolder(sweep, of));
        const isClear =
          cleared.every(Boolean) && (await sweep.clear(pipeline, bodiesIn(first, below), namesOfBody(storage)));
        if (!isClear) return;
        purgedBelow = below;
      }
    };
    // FORMER-1: until then it may be a key group that is still named.
    const isPassed = formerGroups === undefined || formerGroups.until < oldestRetainedBatch;
    const isGathering = isPassed || parallelism >= formerGroups.most;
    // No layout has had so many groups.
    const gathered = [
      ...(isGathering ? [{ group: parallelism, before: oldestRetainedBatch }] : []),
      ...(isPassed ? [] : [{ group: formerGroups.most, before: Math.min(oldestRetainedBatch, formerGroups.until) }]),
    ];
    const ofFormer = isPassed ? formerGroups : undefined;
    // Side by side, or what comes last would be left each time where there is more than time for.
    const [states, former] = await Promise.all([
      inParallel(groups, atOnce, (group) => clearStates(sweep, group, replacing)),
      ofFormer === undefined ? oldestRetainedBatch : sweep.clearFormer(pipeline, ofFormer, parallelism),
      batches(),
      ...gathered.map(({ group, before }) =>
        sweep.clear(statePartition(pipeline, group), { condition: 'sk < :to', values: { ':to': padBatch(before) } }),
      ),
      inParallel(tasks, atOnce, (task) => sweep.clearExpired(blockPartition(pipeline, task), firstPadded)),
      ...(tasks.length === 0
        ? []
        : [
            ...['PLAN#', 'PROGRESS#'].map((kind) => sweep.clearExpired(pipeline, kind)),
            sweep.clearExpired(sentNotesPartition(pipeline), firstPadded),
          ]),
    ]);
    return { deleted: sweep.deleted, purgedBelow: Math.min(purgedBelow, former, ...states) };
  };
}

/** What is clear already is not asked for again (PROGRESS-1). */
const goingOn = (pipeline: string, progress: PurgeProgress) => ({
  async clearFolder(sweep: Sweep, { batchId, group }: { readonly batchId: number; readonly group: number }) {
    if (progress.isCleared(batchId, group)) return true;
    const isClear = await sweep.clear(partialsFolder(pipeline, batchId, group), everything);
    if (isClear) progress.cleared(batchId, group);
    return isClear;
  },
  async clearStates(sweep: Sweep, group: number, replacing: Replacing): Promise<number> {
    const known = progress.statesUpTo(group);
    if (known > replacing.after) return known;
    const of = { states: statePartition(pipeline, group), segments: segmentFolder(pipeline, group) };
    const done = await sweep.clearReplaced(of, replacing);
    progress.haveStatesUpTo(group, done);
    return done;
  },
});

/** They begin with a padded number. */
const firstPadded = '0';

/** 0, 1, 2 … from another one each time: none is always last. */
const upTo = (count: number, first: number): number[] => Array.from({ length: count }, (_, at) => (first + at) % count);

const always = (): boolean => true;
/** They are deleted by name. */
const unchecked = '';
const none = (): Item[] => [];

/** Where the states of a key group lie, and their segments. */
type OfGroup = { readonly states: string; readonly segments: string };

/** States of batches behind the first and up to the last. */
type Replacing = {
  readonly after: number;
  readonly upTo: number;
  readonly createdAt: number;
  readonly givenUp: ReadonlySet<string>;
};

/** Of a try that was given up, or of a pipeline that had this name before: nobody replaces it. */
const ofLostTry =
  ({ createdAt, givenUp }: Replacing) =>
  (sk: string): boolean =>
    sk < padName({ batchId: batchOf(sk), ref: createdAt }) || givenUp.has(stateIn(sk));

class Sweep {
  readonly #storage: Storage;
  readonly #deadline: number;
  deleted = 0;

  constructor(storage: Storage, deadline: number) {
    this.#storage = storage;
    this.#deadline = deadline;
  }

  /** False: time was over before all was looked at. */
  async clear(pk: string, where: Where, names?: NamesIn, isToGo: (sk: string) => boolean = always): Promise<boolean> {
    if (this.#isOver()) return false;
    let found: Item[] = [];
    for await (const item of this.#storage.table.query(pk, where, seenOf(this.#storage, names))) {
      if (isToGo(textIn(item, 'sk'))) found.push(item);
      if (found.length < maxBatch) continue;
      await this.#delete(pk, found, names);
      found = [];
      if (this.#isOver()) return false;
    }
    await this.#delete(pk, found, names);
    return true;
  }

  /** Of the states in these batches, what they replace, and segments that none names. Returns up to which batch that is done. */
  async clearReplaced({ states, segments }: OfGroup, replacing: Replacing): Promise<number> {
    const { after, upTo } = replacing;
    if (after >= upTo || this.#isOver()) return after;
    const isLost = ofLostTry(replacing);
    const lost: Item[] = [];
    const counting: Item[] = [];
    /** By name of the state. */
    const made = new Map<string, ReadonlySet<string>>();
    /** By name of the state: it, and what lies beside it. */
    const seen = new Map<string, Item[]>();
    for await (const item of this.#storage.table.query(states, inBatches(after, upTo), { attributes: ofStates })) {
      const sk = textIn(item, 'sk');
      if (isLost(sk)) {
        if (batchOf(sk) < upTo) lost.push(item);
        continue;
      }
      getOrSet(seen, stateIn(sk), none).push(item);
      if (!isBeside(sk)) made.set(sk, new Set(namesOf(item.made?.S).map(({ name }) => name)));
      // The first one's replacement was gone through before.
      if (batchOf(sk) > after) counting.push(item);
    }
    await this.#delete(states, lost);
    // What a state has made may be in use when the state is gone: without it nothing is known to be of a lost try. So it goes after those.
    // Those in the bucket are left to the sweep.
    const isLeft = (sk: string) => isLost(sk) || made.get(stateIn(sk))?.has(nameOfChunk(sk)) === false;
    if (!(await this.clear(segments, inBatches(after, upTo - 1), undefined, isLeft))) return after;
    return (await this.#clearBefore({ states, segments }, counting, seen)) ?? upTo;
  }

  /** All that they have left. Returns up to which batch that is done. */
  async clearFormer(pipeline: string, { least, most, until }: FormerGroups, parallelism: number): Promise<number> {
    const folders = Array.from({ length: most - least + 1 }, (_, at) => least + at).flatMap((group) => {
      // Of the batch itself only what was put before it was given up.
      const before = group < parallelism ? until : until + 1;
      return [
        { folder: statePartition(pipeline, group), names: namesOfState(this.#storage), before },
        { folder: segmentFolder(pipeline, group), names: undefined, before },
      ];
    });
    const cleared = await inParallel(folders, atOnce, ({ folder, names, before }) =>
      this.clear(folder, { condition: 'sk < :to', values: { ':to': padBatch(before) } }, names),
    );
    return cleared.every(Boolean) ? Number.POSITIVE_INFINITY : until;
  }

  /** What these have replaced, and let go of. Undefined: all of it; else, up to which batch. */
  async #clearBefore(
    { states, segments }: OfGroup,
    replacing: readonly Item[],
    seen: ReadonlyMap<string, readonly Item[]>,
  ): Promise<number | undefined> {
    const found: Item[] = [];
    let done: number | undefined;
    for (const { sk, replaces, dropped } of replacing) {
      const named = namesOf(dropped?.S).map((segment) => ({ folder: segments, ...segment, digest: unchecked }));
      if (named.length > 0) await this.#storage.blobs.delete(named);
      const replaced = replaces?.S;
      if (replaced === undefined || (await this.#takeState(states, { replaced, seen, found }))) continue;
      done = batchOf(sk!.S!) - 1;
      break;
    }
    await this.#delete(states, found);
    return done;
  }

  /** False: there was no time. Those of the batches that a purge is of were seen with what replaces them, and go together. */
  async #takeState(
    states: string,
    { replaced, seen, found }: { replaced: string; seen: ReadonlyMap<string, readonly Item[]>; found: Item[] },
  ): Promise<boolean> {
    const items = seen.get(replaced);
    if (items === undefined) return this.clear(states, beginningWith(replaced));
    if (this.#isOver()) return false;
    found.push(...items);
    return true;
  }

  /** Names of plans, blocks and reports are in the order of their time. What has not expired is not read through. */
  async clearExpired(pk: string, kind: string): Promise<void> {
    const oldest = { condition: 'begins_with(sk, :prefix)', values: { ':prefix': kind } };
    // A query is billed by the size of what it passes over: mostly TTL has been here, and the oldest one has not expired.
    for (let limit = 1; !this.#isOver(); limit = maxBatch) {
      const found: Item[] = [];
      for await (const item of this.#storage.table.query(pk, oldest, { limit, keysOnly: true })) {
        if (Number(item.expires?.N) * 1000 < this.#storage.clock.now() - ttlTakesMs) found.push(item);
      }
      await this.#delete(pk, found);
      if (found.length < limit) return;
    }
  }

  async #delete(pk: string, found: readonly Item[], names?: NamesIn): Promise<void> {
    await deleteRoots(this.#storage, pk, found, names);
    this.deleted += found.length;
  }

  #isOver(): boolean {
    return this.#storage.clock.now() >= this.#deadline;
  }
}
