/**
 * Parts of a block that is not there yet: what was counted of so many keys that it is stored while the task reads on.
 *
 * PARTS-1 What is in the table stays so for this try: what waits for a delivery is not in it (READ-1). So of a try without a block the
 *    parts are garbage, as the table would be, and of one with a block they are what it would have had, and are not in it any more.
 * PARTS-2 A part that could not be stored fails the task, whichever shard came to store it: the block would be without it.
 * PARTS-3 There are at most `mostParts`, and the one that the block is stored with. Then the reads of the task end, and the next batch goes on there.
 */
import type { BlockGroup } from '../../core/group-partials.ts';
import type { TaskRead } from '../../core/read/task-read.ts';
import type { ProcessPorts } from './process-runtime.ts';

/** A reducer merges those of all tasks. */
const mostParts = 32;

export class BlockParts {
  readonly #newId: ProcessPorts['newId'];
  #nonce: string | undefined;
  readonly #task: TaskRead;
  readonly #blocks: ProcessPorts['blocks'];
  readonly #mostBytes: number;
  readonly #stored: (readonly BlockGroup[])[] = [];
  #storing: Promise<void> = Promise.resolve();

  /** `mostBytes`: what the table may take in memory, and a step more. */
  constructor(task: TaskRead, { blocks, newId }: Pick<ProcessPorts, 'blocks' | 'newId'>, mostBytes: number) {
    this.#newId = newId;
    this.#task = task;
    this.#blocks = blocks;
    this.#mostBytes = mostBytes;
  }

  /** Of the block, and of all its parts. */
  get nonce(): string {
    this.#nonce ??= this.#newId();
    return this.#nonce;
  }

  /** Nothing more is to be read in this batch. */
  get areAll(): boolean {
    return this.#stored.length >= mostParts;
  }

  /** After a step that was applied. One part after the other: two would be in memory at once. */
  async afterStep(): Promise<void> {
    if (!this.#isDue) return;
    this.#storing = this.#storing.then(() => (this.#isDue ? this.#store() : undefined));
    await this.#storing;
  }

  /** All that the rest was stored before. */
  async all(): Promise<readonly (readonly BlockGroup[])[]> {
    await this.#storing;
    return this.#stored;
  }

  get #isDue(): boolean {
    return !this.areAll && (this.#task.table?.bytes ?? 0) >= this.#mostBytes;
  }

  async #store(): Promise<void> {
    const { batchId, ref, task } = this.#task.task;
    const part = { batchId, ref, task, nonce: this.nonce, part: this.#stored.length };
    this.#stored.push(await this.#blocks.putPart(part, this.#task.takeCounted()));
  }
}
