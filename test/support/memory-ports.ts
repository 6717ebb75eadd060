/** Ports in memory, with the guarantees that functions/ports asks for, and a clock that only a test moves. */

import type { DeadLetter } from '../../functions/core/dead-letter.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import {
  type BlockGroup,
  type CountedPartials,
  type GroupPartials,
  inMemory,
} from '../../functions/core/group-partials.ts';
import { heldAt, isUnfinished, nextBatchId, sourcesAfter, unfinished } from '../../functions/core/head.ts';
import type {
  BatchBody,
  BatchName,
  BlockSummary,
  GroupState,
  Head,
  Holder,
  Lease,
  PlannedTask,
  PlanRecord,
} from '../../functions/core/model.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import type { KeyGroupState } from '../../functions/core/reduction.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import type { SentNote } from '../../functions/core/sent-note.ts';
import type { SentOutboxes } from '../../functions/core/sent-outbox.ts';
import type { TroublePlace } from '../../functions/core/trouble.ts';
import type { BlockPart } from '../../functions/ports/block-store.ts';
import type { HeadStore, HeadUpdate } from '../../functions/ports/head-store.ts';
import type {
  LetterFact,
  LetterLists,
  LetterPlace,
  ListedBatch,
  ListedPlaces,
} from '../../functions/ports/letter-lists.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import type { Source } from '../../functions/ports/source.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { headOf, heldUntil, listed, noon } from './builders.ts';
import { memorySegments } from './stored-windows.ts';

export type Memory = {
  readonly ports: Ports;
  readonly blocks: Map<
    string,
    { readonly summary: BlockSummary; readonly partials: ReadonlyMap<number, GroupPartials> }
  >;
  readonly sent: OutputRecord[];
  readonly deadLetters: DeadLetter[];
  readonly marks: Map<string, number>;
  readonly sentOutboxes: Map<string, SentOutboxes>;
  readonly notes: Map<string, SentNote>;
  readonly objects: Map<string, Uint8Array>;
  /** Rows in a step of an outbox. */
  mostInStep: number;
  /** Undefined: where a test has put a body, the head says that this batch is sealed. */
  head: Head | undefined;
  lastBody: BatchName | undefined;
  now: number;
};

const key = (...parts: readonly (string | number)[]): string => parts.join('/');

const troubleName = (place: TroublePlace): string => key('trouble', place.kind === 'read' ? place.task : place.kind);

const partKey = ({ batchId, ref, task, nonce, part }: BlockPart): string =>
  key('part', batchId, ref, task, nonce, part);

const groupsOf = (part: number, partials: ReadonlyMap<number, CountedPartials>): BlockGroup[] =>
  Array.from(partials, ([keyGroup, { open }]) => ({
    ...{ keyGroup, ...(part === 0 ? {} : { part }), v: 1, chunks: 1, digest: '', bytes: 0 },
    ...open,
  }));

export function memoryPorts(source: Source, given: Partial<Ports> = {}): Memory {
  const items = new Map<string, unknown>();
  let ids = 0;
  const named = <Value>(name: string): Value => {
    if (!items.has(name)) throw new SluiceError('MissingItem', name);
    return items.get(name) as Value;
  };
  const ifAbsent = <Value>(name: string, value: Value): Value => {
    if (!items.has(name)) items.set(name, value);
    return items.get(name) as Value;
  };
  const memory: Memory = {
    blocks: new Map(),
    sent: [],
    deadLetters: [],
    marks: new Map(),
    sentOutboxes: new Map(),
    notes: new Map(),
    objects: new Map(),
    mostInStep: 1_000,
    head: undefined,
    lastBody: undefined,
    now: noon,
    ports: undefined as never,
  };
  const ports: Ports = {
    clock: {
      now: () => memory.now,
      sleep: async (ms) => {
        memory.now += ms;
      },
    },
    newId: () => `id-${++ids}`,
    references: { take: async () => undefined },
    source,
    sink: () => ({ send: async (records) => void memory.sent.push(...records) }),
    head: headStore(memory),
    plans: {
      putPlan: async (plan: PlanRecord, tasks: readonly PlannedTask[]) => {
        for (const task of tasks) ifAbsent(key('task', plan.ref, task.task), task);
        ifAbsent(key('plan', plan.ref), plan);
        return '';
      },
      loadPlan: async (ref) => named(key('plan', ref)),
      loadTask: async (ref, task) => named(key('task', ref, task)),
    },
    troubles: {
      loadTrouble: async (place) => items.get(troubleName(place)) as never,
      putTrouble: async (trouble) => void items.set(troubleName(trouble), trouble),
      loadTroubles: async () =>
        [...items].flatMap(([name, item]) => (name.startsWith('trouble/') ? [item as never] : [])),
    },
    deathNotes: {
      putNote: async (ref, task, note) => void items.set(key('note', ref, task), note),
      loadNote: async (ref, task) => items.get(key('note', ref, task)) as never,
    },
    memories: {
      putMemory: async (name, saved) => {
        const nonce = `id-${++ids}`;
        items.set(key('memory', nonce), saved);
        return { ...name, nonce, v: 1, chunks: 1, digest: '' };
      },
      loadMemory: async ({ nonce }) => named(key('memory', nonce)),
    },
    memoryPurge: { noteChanges: async () => {}, clear: async ({ upTo }) => upTo },
    shardPartPurge: { noteChanges: async () => {}, clear: async () => {} },
    blocks: {
      putPart: async (part, counted) => {
        const partials = inMemory(counted);
        ifAbsent(partKey(part), partials);
        return groupsOf(part.part, partials);
      },
      putBlock: async (summary, counted, parts = []) => {
        const partials = inMemory(counted);
        const name = key(summary.batchId, summary.ref, summary.task);
        if (memory.blocks.has(name)) return 'exists';
        const groups = [...parts.flat(), ...groupsOf(parts.length, partials)];
        memory.blocks.set(name, { summary: { ...summary, groups }, partials });
        return 'stored';
      },
      putKept: async () => ({}),
      loadBlocks: async (batchId, ref, taskCount) =>
        Array.from({ length: taskCount }, (_, task) => memory.blocks.get(key(batchId, ref, task))?.summary).filter(
          (block) => block !== undefined,
        ),
      loadPartials: async (body, keyGroup) =>
        body.blocks.flatMap(({ task, nonce, groups }) =>
          groups
            .filter((group) => group.keyGroup === keyGroup)
            .map(({ part = 0 }) => {
              const known = items.get(partKey({ ...body, task, nonce, part }));
              const { partials } = memory.blocks.get(key(body.batchId, body.ref, task))!;
              const { open: _, ...saved } = ((known as typeof partials) ?? partials).get(keyGroup)!;
              return saved;
            }),
        ),
    },
    seals: {
      putBody: async (body: BatchBody) => {
        memory.lastBody = body;
        return ifAbsent(key('body', body.batchId, body.ref), body);
      },
      bodiesIn: async () => [],
      loadBody: async (batchId, ref) => named(key('body', batchId, ref)),
      loadSealed: async (batchId, ref) => named(key('body', batchId, ref)),
    },
    states: {
      putState: async (state: KeyGroupState) => ifAbsent(key('state', state.keyGroup, state.batchId, state.ref), state),
      loadState: async (keyGroup, batchId, ref) => named(key('state', keyGroup, batchId, ref)),
      findState: async (keyGroup, batchId, ref) => items.get(key('state', keyGroup, batchId, ref)) as never,
    },
    segments: memorySegments(),
    outboxNotes: {
      loadSent: async ({ keyGroup, batchId, ref }) => memory.sentOutboxes.get(key(keyGroup, batchId, ref)) ?? {},
      putSent: async ({ keyGroup, batchId, ref }, sent) =>
        void memory.sentOutboxes.set(key(keyGroup, batchId, ref), sent),
      loadRefused: async ({ keyGroup, batchId, ref }) => memory.marks.get(key('buried', keyGroup, batchId, ref)) ?? 0,
      putRefused: async ({ keyGroup, batchId, ref }, count) =>
        void memory.marks.set(key('buried', keyGroup, batchId, ref), count),
    },
    fileNames: {
      putFiles: async ({ keyGroup, batchId, ref }, output, files) =>
        void ifAbsent(key('files', keyGroup, batchId, ref, output), files),
      loadFiles: async ({ keyGroup, batchId, ref }, output) =>
        items.get(key('files', keyGroup, batchId, ref, output)) as never,
    },
    objectsAt: () => ({
      putIfAbsent: async ({ key: name, body }) => {
        if (!memory.objects.has(name)) memory.objects.set(name, body);
      },
    }),
    rows: {
      loadTrial: async ({ keyGroup, batchId, ref }) => items.get(key('trial', keyGroup, batchId, ref)) as never,
      putTrial: async ({ keyGroup, batchId, ref }, trial) =>
        void items.set(key('trial', keyGroup, batchId, ref), trial),
      get mostInStep() {
        return memory.mostInStep;
      },
      putStep: async ({ keyGroup, batchId, ref }, from, step) =>
        ifAbsent(key('rows', keyGroup, batchId, ref, from), step),
      findStep: async ({ keyGroup, batchId, ref }, from) =>
        items.get(key('rows', keyGroup, batchId, ref, from)) as never,
      loadStep: async ({ keyGroup, batchId, ref }, from) => named(key('rows', keyGroup, batchId, ref, from)),
    },
    sentPlaces: {
      putSentNote: async (note) => void memory.notes.set(key(note.generation, note.ref, note.task), note),
      loadSentNotes: async ({ generation, from }) =>
        [...memory.notes.values()].filter((note) => note.generation === generation && note.ref >= from),
    },
    reports: {
      putProgress: async (progress) => void ifAbsent(key('progress', progress.batchId, progress.ref), progress),
      loadProgress: async (batchId, ref) => items.get(key('progress', batchId, ref)) as never,
    },
    deadLetters: { put: async (letters) => void memory.deadLetters.push(...letters) },
    letterLists: memoryLetterLists(items, memory),
    purge: async ({ from }) => ({ deleted: 0, purgedBelow: from }),
    sweep: async () => ({ deleted: 0 }),
    isolation: {
      open: () => {
        throw new Error('this test runs no user code apart');
      },
    },
    ...given,
  };
  return Object.assign(memory, { ports });
}

const isOf = ({ epoch, holder }: Head, ofEpoch: number, owner: string): boolean =>
  epoch === ofEpoch && holder?.owner === owner;

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const withLease = (holder: Holder | undefined, lease: Lease): Holder | undefined => holder && { ...holder, lease };

const headWith = (sealed: BatchName | undefined): Head | undefined =>
  sealed && headOf({ sealed, committed: { batchId: sealed.batchId - 1, ref: sealed.ref - 1 } });

const isAt = (one: LetterPlace, other: LetterPlace): boolean =>
  one.shardId === other.shardId &&
  one.sequenceNumber === other.sequenceNumber &&
  one.subSequenceNumber === other.subSequenceNumber;

function memoryLetterLists(items: Map<string, unknown>, memory: Memory): LetterLists {
  const facts = ({ batchId, ref, tasks }: ListedBatch): LetterFact[] =>
    tasks.flatMap(({ task, nonce }) => {
      const { taken = [], dead = [] } = (items.get(key('letters', batchId, ref, task, nonce)) ??
        {}) as Partial<ListedPlaces>;
      return [
        ...taken.map(({ payloadBytes, ...place }) => ({ place, fact: 'taken' as const, payloadBytes })),
        ...dead.map((place) => ({ place, fact: 'dead' as const, payloadBytes: 0 })),
      ];
    });
  const batches: ListedBatch[] = [];
  return {
    putLists: async ({ batchId, ref, task, nonce }, places) =>
      void items.set(key('letters', batchId, ref, task, nonce), places),
    putBatch: async (batch) => void batches.push(batch),
    factsOf: async (batch) => facts(batch),
    async *batches() {
      for (const batch of batches) yield { batch, facts: facts(batch) };
    },
    putRequest: async (request, places) => void items.set(key('request', request), places),
    loadRequested: async (request, from, to) =>
      (items.get(key('request', request)) as readonly LetterPlace[]).slice(from, to),
    loadLetter: async (place) => memory.deadLetters.find((letter) => isAt(letter, place)),
    deleteLetters: async (letters) => {
      const left = memory.deadLetters.filter((letter) => !letters.some((place) => isAt(letter, place)));
      memory.deadLetters.splice(0, memory.deadLetters.length, ...left);
    },
  };
}

function headStore(memory: Memory): HeadStore {
  const change = (
    set: (head: Head) => Partial<Head>,
    may: (head: Head) => boolean,
    isMine: (head: Head) => boolean,
  ): HeadUpdate => {
    const { head } = memory;
    if (head === undefined) return { kind: 'lost', head };
    if (!may(head)) return isMine(head) ? { kind: 'updated', head } : { kind: 'lost', head };
    memory.head = { ...head, ...set(head) };
    return { kind: 'updated', head: memory.head };
  };
  return {
    load: async () => memory.head ?? headWith(memory.lastBody),
    create: async (head) => {
      memory.head ??= head;
      return memory.head;
    },
    claim: async (seen, { leaseUntil, source, fingerprint = seen.fingerprint, givenUp, outputs, ...claim }) =>
      change(
        () => ({
          fingerprint,
          ...(outputs === undefined ? {} : { outputs }),
          ...(givenUp === undefined ? {} : { givenUp }),
          epoch: seen.epoch + 1,
          holder: { ...claim, lease: heldUntil(leaseUntil) },
          sources: sourcesAfter(seen.sources, source),
        }),
        (head) =>
          head.epoch === seen.epoch &&
          (givenUp === undefined ||
            (head.sealed?.ref === seen.sealed?.ref && head.committed?.ref === seen.committed?.ref)),
        (head) => head.epoch === seen.epoch + 1 && head.holder?.claim === claim.claim,
      ),
    seal: async ({ batchId, ref }, owner, leaseUntil, redrive) =>
      change(
        ({ holder }) => ({ sealed: { batchId, ref }, holder: withLease(holder, heldUntil(leaseUntil)) }),
        (head) =>
          isOf(head, ref, owner) &&
          unfinished(head) === undefined &&
          nextBatchId(head) === batchId &&
          (redrive === undefined || isSame(head.redrive, redrive)),
        (head) => head.epoch === ref && head.sealed?.ref === ref,
      ),
    restore: async ({ batchId, ref, replaces, ...restored }, owner) =>
      change(
        ({ holder, suspicions: _, ...head }) => ({
          ...head,
          ...restored,
          ...{ suspicions: undefined, sealed: { batchId, ref }, holder: withLease(holder, { kind: 'released' }) },
        }),
        (head) => isOf(head, ref, owner) && head.sealed?.ref === replaces?.ref && nextBatchId(head) === batchId,
        (head) => head.sealed?.ref === ref,
      ),
    renew: async (batch, { epoch, owner }, leaseUntil) =>
      change(
        ({ holder }) => ({ holder: withLease(holder, heldUntil(leaseUntil)) }),
        (head) => {
          const held = heldAt(head, 0);
          return (
            isOf(head, epoch, owner) && isUnfinished(head, batch) && held !== undefined && held.until <= leaseUntil
          );
        },
        (head) =>
          head.epoch === epoch && nextBatchId(head) === batch.batchId && (heldAt(head, 0)?.until ?? 0) >= leaseUntil,
      ),
    commit: async ({ batchId, ref, epoch, owner, lease, oldestRetainedBatch, detached }) =>
      change(
        ({ holder, detached: _, ...head }) => ({
          ...head,
          ...{ committed: { batchId, ref }, holder: withLease(holder, lease), oldestRetainedBatch },
          ...{ detached: detached?.after },
        }),
        (head) =>
          isOf(head, epoch, owner) &&
          isUnfinished(head, { batchId, ref }) &&
          JSON.stringify(head.detached) === JSON.stringify(detached?.seen),
        (head) => head.epoch === epoch && head.committed?.ref === ref,
      ),
    release: async (epoch, owner) =>
      change(
        ({ holder }) => ({ holder: withLease(holder, { kind: 'released' }) }),
        (head) => isOf(head, epoch, owner),
        () => false,
      ),
    suspect: async (epoch, owner, suspicions) =>
      change(
        () => ({ suspicions }),
        (head) => isOf(head, epoch, owner),
        () => false,
      ),
    setRedrive: async (seen, redrive) =>
      change(
        () => ({ redrive }),
        (head) => head.generation === seen.generation && isSame(head.redrive, seen.redrive),
        (head) => isSame(head.redrive, redrive),
      ),
    endRedrive: async (seen, redrive) =>
      change(
        () => ({ redrive }),
        (head) =>
          head.generation === seen.generation &&
          isSame(head.redrive, seen.redrive) &&
          isSame(head.sealed, seen.sealed) &&
          isSame(head.committed, seen.committed),
        (head) => isSame(head.redrive, redrive),
      ),
    setControl: async (control) =>
      void change(
        () => ({ control }),
        () => true,
        () => true,
      ),
    setDetached: async (seen, detached) =>
      change(
        () => ({ detached }),
        (head) =>
          JSON.stringify(head.detached) === JSON.stringify(seen.detached) &&
          head.sealed?.ref === seen.sealed?.ref &&
          head.committed?.ref === seen.committed?.ref,
        (head) => JSON.stringify(head.detached) === JSON.stringify(detached),
      ),
    setPurgedBelow: async (purgedBelow) =>
      void change(
        () => ({ purgedBelow }),
        () => true,
        () => true,
      ),
  };
}

/** A shard as a list of records with arrival times; pages are cut by `limit` and by what the clock has reached. */
export function scriptedSource(
  memory: () => Memory,
  shards: Readonly<Record<string, readonly KinesisRecord[] | Error>>,
  options: { readonly callsPerRead?: number; readonly emptyStretchMs?: number } = {},
): Source {
  const stream = {
    arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/source',
    name: 'source',
    createdAt: noon - 1e9,
    retentionMs: 86_400_000,
  };
  return {
    describe: async () => ({ stream, serverTime: memory().now }),
    listShards: async () => Object.keys(shards).map((shardId) => listed(shardId)),
    open: async (shardId, position) => {
      const records = shards[shardId];
      if (records === undefined || records instanceof Error)
        throw records ?? new SluiceError('StreamNotFound', shardId);
      let at = Number.NEGATIVE_INFINITY;
      let after = 0n;
      if (position.kind === 'at-timestamp') at = position.timestamp;
      if (position.kind === 'after-sequence-number')
        after = BigInt(position.sequenceNumber) - (position.subSequenceNumber === undefined ? 0n : 1n);
      let calls = 0;
      return {
        next: async (limit) => {
          if (calls++ >= (options.callsPerRead ?? 1)) return calls === 1 ? 'throttled' : 'deadline';
          const { now } = memory();
          // Kinesis walks only so far over a stretch without records in one call.
          const reach =
            options.emptyStretchMs === undefined ? now : Math.max(at, noon - 86_400_000) + options.emptyStretchMs;
          const there = records.filter(
            ({ arrivalMs, sequenceNumber }) =>
              arrivalMs >= at && BigInt(sequenceNumber) > after && arrivalMs <= Math.min(now, reach),
          );
          const taken = there.slice(0, limit);
          const last = taken.at(-1);
          if (last !== undefined) after = BigInt(last.sequenceNumber);
          at = taken.length < there.length ? at : Math.min(now, reach);
          const millisBehindLatest = taken.length < there.length ? 1 : Math.max(0, now - Math.min(now, reach));
          return { records: taken, millisBehindLatest, serverTime: now, end: undefined };
        },
      };
    },
  };
}

/** A batch with one block for each of these partials, of one key group, which is reduced in it. */
export async function putSealed(
  memory: Memory,
  body: BatchBody,
  keyGroup: number,
  partials: readonly SavedWindows[],
  replaces: NonNullable<GroupState['before']> = { batchId: body.batchId - 1, ref: body.ref },
): Promise<void> {
  const { batchId, ref } = body;
  const groups = [{ keyGroup, v: 1, chunks: 1, digest: 'd', bytes: 0 }];
  for (const [task, windows] of partials.entries()) {
    const ofGroup = { windows, open: { ends: [] } };
    memory.blocks.set(`${batchId}/${ref}/${task}`, { summary: {} as never, partials: new Map([[keyGroup, ofGroup]]) });
  }
  const before = batchId === 0 ? {} : { before: replaces };
  const states = Array.from({ length: keyGroup + 1 }, (_, at) =>
    at === keyGroup ? { batchId, ref, ends: [], ...before } : null,
  );
  const blocks = partials.map((_, task) => ({ task, nonce: 'n', groups }));
  await memory.ports.seals.putBody({ ...body, states, blocks });
}
