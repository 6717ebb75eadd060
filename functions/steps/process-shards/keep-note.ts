/**
 * The note of what outputs have acknowledged in this try (see core/sent-note.ts). A read that is over soon writes none: its
 * block says it all.
 */
import { SluiceError } from '../../core/errors.ts';
import type { PlannedTask } from '../../core/model.ts';
import { isFromOthers, placesIn, type SentNote } from '../../core/sent-note.ts';
import type { SentPlaces } from '../../core/sent-places.ts';
import { nameOf } from '../../core/shard-name.ts';
import type { OpenShard } from './open-shard.ts';
import type { ProcessRuntime } from './process-runtime.ts';

/** What is sent in a shorter time, a death may have sent again. */
const defaultNoteEveryMs = 3_000;

type Places = ReadonlyMap<string, readonly SentPlaces[]>;

export class NoteKeeper {
  readonly #runtime: ProcessRuntime;
  readonly #task: PlannedTask;
  readonly #open: OpenShard[] = [];
  #notedAt: number;
  #isWriting = false;
  #before: Promise<Places>;

  constructor(runtime: ProcessRuntime, task: PlannedTask) {
    this.#runtime = runtime;
    this.#task = task;
    this.#notedAt = runtime.ports.clock.now();
    this.#before = this.#load();
    // Whoever needs it hears of it.
    this.#before.catch(() => {});
  }

  /** Before a shard's first step: what earlier tries had acknowledged is not sent again. */
  async begin(open: OpenShard): Promise<void> {
    if (this.#open.includes(open)) return;
    open.knowSent((await this.#before).get(open.shardId) ?? []);
    this.#open.push(open);
  }

  /** After a step that was delivered. */
  async afterStep(): Promise<void> {
    const { ports, noteEveryMs = defaultNoteEveryMs } = this.#runtime;
    const { clock } = ports;
    if (this.#isWriting || clock.now() - this.#notedAt < noteEveryMs) return;
    this.#isWriting = true;
    try {
      await this.#put([
        ...this.#open.map(({ reader, sentPlaces }) => ({ ...nameOf(reader.shard), places: sentPlaces })),
        ...(await this.#rest()),
      ]);
    } finally {
      this.#notedAt = clock.now();
      this.#isWriting = false;
    }
  }

  /** A note replaces the one of an earlier try of this task, which may have come to other shards. */
  async #rest(): Promise<SentNote['shards']> {
    const before = await this.#before;
    const begun = new Set(this.#open.map(({ shardId }) => shardId));
    return this.#task.shards
      .filter(({ shardId }) => !begun.has(shardId))
      .map((shard) => ({ ...nameOf(shard), places: before.get(shard.shardId) ?? [] }));
  }

  async #load(): Promise<Places> {
    const { notesFrom, generation, shards } = this.#task;
    if (notesFrom === undefined) return new Map();
    const notes = await this.#runtime.ports.sentPlaces.loadSentNotes({ generation, from: notesFrom });
    const places = placesIn(notes);
    // The next plan may look for this try's note only.
    if (isFromOthers(notes, this.#task))
      await this.#put(shards.map((shard) => ({ ...nameOf(shard), places: places.get(shard.shardId) ?? [] })));
    return places;
  }

  /** Without it a death costs repeats; a failure to write it must not cost more. */
  async #put(shards: SentNote['shards']): Promise<void> {
    const { ports, log } = this.#runtime;
    const { notesFrom, generation, ref, task } = this.#task;
    const told = shards.filter(({ places }) => places.length > 0);
    if (notesFrom === undefined || told.length === 0) return;
    try {
      await ports.sentPlaces.putSentNote({ generation, ref, task, shards: told });
    } catch (error) {
      if (!(error instanceof SluiceError) || !error.canRetry) throw error;
      log.warn('no note of what was sent', { cause: error.message });
    }
  }
}
