/** Plans, blocks, bodies, states and progress reports. */

import { inParallel } from '../../core/in-parallel.ts';
import {
  type BatchBody,
  type BlockGroup,
  type BlockSummary,
  formatVersion,
  type PlannedTask,
  type PlanRecord,
  type Progress,
} from '../../core/model.ts';
import type { KeyGroupState } from '../../core/reduce-key-group.ts';
import type { RowTrial } from '../../core/row-trial.ts';
import type { SentNote } from '../../core/sent-note.ts';
import { nothingSent } from '../../core/sent-outbox.ts';
import type { DeathNote } from '../../core/suspicions.ts';
import type { SavedWindows } from '../../core/window-table.ts';
import type { BatchStore, Clock, NewId } from '../../ports.ts';
import { bytesIn, numberIn, textIn } from './item.ts';
import { keptRowsOf } from './kept-rows.ts';
import {
  blockKey,
  bodyKey,
  buriedKey,
  noteKey,
  padChunk,
  padRef,
  partialsPartition,
  partialsPrefix,
  planKey,
  progressKey,
  sentKey,
  sentNoteKey,
  sentNotesPartition,
  stateKey,
  taskKey,
  trialKey,
} from './keys.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';
import { chunksOf, decode, digestOf, encode, loadNamed, loadSaved, missing, saveIfAbsent } from './saved-value.ts';
import { type Item, type Key, keyOf, type Table } from './table.ts';

const atOnce = 10;
const daySeconds = 86_400;
const planDays = 1;
const progressDays = 30;

export function createBatchStore(table: Table, pipeline: string, clock: Clock, newId: NewId): BatchStore {
  const options = { table, newId };
  const expiring = (days: number) => ({ ...options, expires: Math.floor(clock.now() / 1000) + days * daySeconds });
  return {
    ...plansOf({ table, pipeline, clock, newId }),

    async putBlock(summary, partials) {
      const groups: BlockGroup[] = [];
      for (const [keyGroup, windows] of partials) {
        groups.push(await putPartials(table, pipeline, summary, { keyGroup, windows }));
      }
      const block: BlockSummary = { ...summary, groups };
      return saveIfAbsent(blockKey(pipeline, summary.task, summary.batchId, summary.ref), block, options);
    },
    async loadBlocks(batchId, ref, taskCount) {
      const tasks = Array.from({ length: taskCount }, (_, task) => task);
      const blocks = await inParallel(tasks, atOnce, (task) =>
        loadSaved<BlockSummary>(table, blockKey(pipeline, task, batchId, ref)),
      );
      return blocks.filter((block) => block !== undefined);
    },
    loadPartials: (body, keyGroup) => loadPartials(table, pipeline, body, keyGroup),

    async putBody(body: BatchBody) {
      const key = bodyKey(pipeline, body.batchId, body.ref);
      return (await saveIfAbsent(key, body, options)) === 'stored' ? body : loadNamed(table, key);
    },
    loadBody: (batchId, ref) => loadNamed(table, bodyKey(pipeline, batchId, ref)),

    async putState(state) {
      const key = stateKey(pipeline, state.keyGroup, state.batchId, state.ref);
      const stored = await saveIfAbsent(key, toSavedState(state), options);
      return stored === 'stored' ? state : fromSavedState(await loadNamed<SavedState>(table, key));
    },
    async loadState(keyGroup, batchId, ref) {
      return fromSavedState(await loadNamed<SavedState>(table, stateKey(pipeline, keyGroup, batchId, ref)));
    },

    async findState(keyGroup, batchId, ref) {
      const saved = await loadSaved<SavedState>(table, stateKey(pipeline, keyGroup, batchId, ref));
      return saved === undefined ? undefined : fromSavedState(saved);
    },

    ...keptRowsOf(pipeline, options),
    ...notesBesideState(table, pipeline),
    ...notesOfSent(table, pipeline, clock),

    async putProgress(progress) {
      await saveIfAbsent(progressKey(pipeline, progress.batchId, progress.ref), progress, expiring(progressDays));
    },
    loadProgress: (batchId, ref) => loadSaved<Progress>(table, progressKey(pipeline, batchId, ref)),
  };
}

function notesOfSent(table: Table, pipeline: string, clock: Clock): Pick<BatchStore, 'putSentNote' | 'loadSentNotes'> {
  return {
    async putSentNote(note) {
      await table.put({
        ...keyOf(sentNoteKey(pipeline, note)),
        v: { N: String(formatVersion) },
        expires: { N: String(Math.floor(clock.now() / 1000) + planDays * daySeconds) },
        data: { B: encodeWithin(note, table.chunkBytes) },
      });
    },
    async loadSentNotes({ generation, from }) {
      const { sk: first } = sentNoteKey(pipeline, { generation, ref: from, task: 0 });
      const where = {
        condition: 'sk BETWEEN :from AND :to',
        values: { ':from': first, ':to': `${padRef(generation)}#~` },
      };
      const notes: SentNote[] = [];
      for await (const item of table.query(sentNotesPartition(pipeline), where))
        notes.push(decode<SentNote>(bytesIn(item, 'data')));
      return notes;
    },
  };
}

/** A note may say less than it could: fewer shards, if all do not fit. */
function encodeWithin(note: SentNote, most: number): Uint8Array {
  for (let { shards } = note; ; shards = shards.slice(0, Math.floor(shards.length / 2))) {
    const bytes = encode({ ...note, shards });
    if (bytes.length <= most || shards.length === 0) return bytes;
  }
}

type Notes = Pick<BatchStore, 'loadSent' | 'putSent' | 'loadBuried' | 'putBuried' | 'loadTrial' | 'putTrial'>;

function notesBesideState(table: Table, pipeline: string): Notes {
  return {
    async loadSent(state) {
      const note = await table.get(sentKey(pipeline, state));
      if (note === undefined) return nothingSent;
      return { count: numberIn(note, 'count'), ahead: JSON.parse(note.ahead?.S ?? '[]') as number[] };
    },
    async putSent(state, { count, ahead }) {
      await table.put({ ...noteOf(sentKey(pipeline, state), count), ahead: { S: JSON.stringify(ahead) } });
    },
    async loadBuried(state) {
      const note = await table.get(buriedKey(pipeline, state));
      return note === undefined ? 0 : numberIn(note, 'count');
    },
    async putBuried(state, count) {
      await table.put(noteOf(buriedKey(pipeline, state), count));
    },
    async loadTrial(state) {
      const note = await table.get(trialKey(pipeline, state));
      return note === undefined ? undefined : decode<RowTrial>(bytesIn(note, 'data'));
    },
    async putTrial(state, trial) {
      const data = { B: encode(trial) };
      await table.put({ ...keyOf(trialKey(pipeline, state)), v: { N: String(formatVersion) }, data });
    },
  };
}

type PlanStore = Pick<BatchStore, 'putPlan' | 'loadPlan' | 'loadTask' | 'putNote' | 'loadNote'>;

/** What is read in the next turns or never: it expires. */
function plansOf(parts: {
  readonly table: Table;
  readonly pipeline: string;
  readonly clock: Clock;
  readonly newId: NewId;
}): PlanStore {
  const { table, pipeline, clock, newId } = parts;
  const expires = () => Math.floor(clock.now() / 1000) + planDays * daySeconds;
  const options = () => ({ table, newId, expires: expires() });
  return {
    async putPlan(plan: PlanRecord, tasks: readonly PlannedTask[]) {
      await inParallel(tasks, atOnce, (task) => saveIfAbsent(taskKey(pipeline, plan.ref, task.task), task, options()));
      await saveIfAbsent(planKey(pipeline, plan.ref), plan, options());
    },
    loadPlan: (ref) => loadNamed(table, planKey(pipeline, ref)),
    loadTask: (ref, task) => loadNamed(table, taskKey(pipeline, ref, task)),
    async putNote(ref, task, note) {
      await table.put({
        ...keyOf(noteKey(pipeline, ref, task)),
        v: { N: String(formatVersion) },
        note: { S: JSON.stringify(note) },
        expires: { N: String(expires()) },
      });
    },
    async loadNote(ref, task) {
      const item = await table.get(noteKey(pipeline, ref, task));
      return item === undefined ? undefined : (JSON.parse(textIn(item, 'note')) as DeathNote);
    },
  };
}

const noteOf = (key: Key, count: number): Item => ({
  ...keyOf(key),
  v: { N: String(formatVersion) },
  count: { N: String(count) },
});

async function putPartials(
  table: Table,
  pipeline: string,
  block: Omit<BlockSummary, 'groups'>,
  part: { readonly keyGroup: number; readonly windows: SavedWindows },
): Promise<BlockGroup> {
  const pk = partialsPartition(pipeline, block.batchId, part.keyGroup);
  const prefix = partialsPrefix(block.ref, block.task, block.nonce);
  // One query reads them all, and is billed by the sum of their sizes.
  const bytes = encode(part.windows, { plainBytes: 0 });
  let chunks = 0;
  for (const chunk of chunksOf(bytes, table)) {
    await table.put({
      ...keyOf({ pk, sk: `${prefix}${padChunk(chunks)}` }),
      v: { N: String(block.v) },
      data: { B: chunk },
    });
    chunks += 1;
  }
  return { keyGroup: part.keyGroup, chunks, digest: digestOf(bytes) };
}

/** One query for all tasks; chunks that the body does not name belong to lost tries and are passed over. */
async function loadPartials(
  table: Table,
  pipeline: string,
  body: BatchBody,
  keyGroup: number,
): Promise<readonly SavedWindows[]> {
  const named = body.blocks.flatMap(({ task, nonce, groups }) => {
    const group = groups.find((candidate) => candidate.keyGroup === keyGroup);
    return group === undefined ? [] : [{ prefix: partialsPrefix(body.ref, task, nonce), group }];
  });
  if (named.length === 0) return [];
  const pk = partialsPartition(pipeline, body.batchId, keyGroup);
  const byPrefix = new Map<string, Uint8Array[]>();
  const ofRef = {
    condition: 'begins_with(sk, :prefix)',
    values: { ':prefix': partialsPrefix(body.ref, 0, '').split('#')[0]! + '#' },
  };
  for await (const item of table.query(pk, ofRef)) {
    const sk = textIn(item, 'sk');
    const prefix = sk.slice(0, sk.lastIndexOf('#') + 1);
    const chunks = byPrefix.get(prefix) ?? [];
    chunks.push(bytesIn(item, 'data'));
    byPrefix.set(prefix, chunks);
  }
  return named.map(({ prefix, group }) => {
    const chunks = byPrefix.get(prefix) ?? [];
    const bytes = Buffer.concat(chunks);
    if (chunks.length !== group.chunks || digestOf(bytes) !== group.digest) throw missing({ pk, sk: prefix });
    return decode<SavedWindows>(bytes);
  });
}

type SavedState = Omit<KeyGroupState, 'outbox'> & { readonly outbox: readonly SavedOutput[] };

const toSavedState = (state: KeyGroupState): SavedState => ({ ...state, outbox: state.outbox.map(toSavedOutput) });
const fromSavedState = (saved: SavedState): KeyGroupState => ({ ...saved, outbox: saved.outbox.map(fromSavedOutput) });
