/**
 * The note of what the sink has acknowledged in this try (see core/sent-note.ts). A read that is over soon writes none: its
 * block says it all.
 */
import { SluiceError } from '../../core/errors.ts';
import type { PlannedTask } from '../../core/model.ts';
import { destinationOf } from '../../core/output.ts';
import { isFromOthers, placesIn, type SentNote } from '../../core/sent-note.ts';
import type { PlaceRun } from '../../core/sent-places.ts';
import { nameOf } from '../../core/shard-name.ts';
import { outputsOfReading } from '../../pipeline/outputs.ts';
import type { OpenShard } from './open-shard.ts';
import type { ProcessRuntime } from './process-runtime.ts';

/** What is sent in a shorter time, a death may have sent again. */
const noteEveryMs = 3_000;

type Places = ReadonlyMap<string, readonly PlaceRun[]>;

export class NoteKeeper {
  readonly #runtime: ProcessRuntime;
  readonly #task: PlannedTask;
  readonly #to: string;
  readonly #open: OpenShard[] = [];
  #notedAt: number;
  #isWriting = false;
  #before: Promise<Places>;

  constructor(runtime: ProcessRuntime, task: PlannedTask) {
    this.#runtime = runtime;
    this.#task = task;
    this.#to = destinationOf(outputsOfReading(runtime.pipeline));
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
    const { clock } = this.#runtime.ports;
    if (this.#isWriting || clock.now() - this.#notedAt < noteEveryMs) return;
    this.#isWriting = true;
    try {
      await this.#put([
        ...this.#open.map(({ reader, sentRuns }) => ({ ...nameOf(reader.shard), runs: sentRuns })),
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
      .map((shard) => ({ ...nameOf(shard), runs: before.get(shard.shardId) ?? [] }));
  }

  async #load(): Promise<Places> {
    const { notesFrom, generation, shards } = this.#task;
    if (notesFrom === undefined) return new Map();
    const notes = await this.#runtime.ports.sentPlaces.loadSentNotes({ generation, from: notesFrom });
    const places = placesIn(notes, this.#to);
    // The next plan may look for this try's note only.
    if (isFromOthers(notes, this.#task))
      await this.#put(shards.map((shard) => ({ ...nameOf(shard), runs: places.get(shard.shardId) ?? [] })));
    return places;
  }

  /** Without it a death costs repeats; a failure to write it must not cost more. */
  async #put(shards: SentNote['shards']): Promise<void> {
    const { ports, log } = this.#runtime;
    const { notesFrom, generation, ref, task } = this.#task;
    const told = shards.filter(({ runs }) => runs.length > 0);
    if (notesFrom === undefined || told.length === 0) return;
    try {
      await ports.sentPlaces.putSentNote({ generation, ref, task, to: this.#to, shards: told });
    } catch (error) {
      if (!(error instanceof SluiceError) || !error.canRetry) throw error;
      log.warn('no note of what was sent', { cause: error.message });
    }
  }
}
