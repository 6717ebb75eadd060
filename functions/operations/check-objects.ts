/**
 * Whether everything is there that a pipeline's table names: after the table was restored to an earlier moment, a purge has deleted objects since that
 * its batches name again.
 *
 * DOCTOR-1 What is looked at is what the head names: the bodies of the retained batches with their checkpoints, the states of all key groups with
 *    their segments, memories; of a batch that is sealed and not committed also what its reduce reads, and of one that rows are kept of for a detached
 *    output these rows. So what is there afterwards is all that the pipeline goes on with, and all that it can be taken back to.
 * DOCTOR-2 Nothing of the table is written.
 */

import { isNamed } from '../adapters/aws-errors.ts';
import { textIn } from '../adapters/dynamodb/item.ts';
import { partialsFolder } from '../adapters/dynamodb/keys.ts';
import type { Table } from '../adapters/dynamodb/table.ts';
import { oldestKeptBatch } from '../core/detached.ts';
import { gatheringGroup } from '../core/gather-rows.ts';
import { reducedGroups } from '../core/group-states.ts';
import { unfinished } from '../core/head.ts';
import type { BatchBody, BatchName, Head } from '../core/model.ts';
import { namedBy } from '../core/state/manifest.ts';
import type { Bucket } from '../ports/bucket.ts';
import type { DeletedObjects } from '../ports/deleted-objects.ts';
import type { Stores } from '../ports/ports.ts';

/** A bucket that brings back what is asked for and was deleted. */
export function healing(
  bucket: Bucket,
  deleted: DeletedObjects,
): { readonly bucket: Bucket; readonly broughtBack: string[] } {
  const broughtBack: string[] = [];
  const gone = new Set<string>();
  return {
    broughtBack,
    bucket: {
      ...bucket,
      async get(key, range) {
        const bytes = await bucket.get(key, range);
        if (bytes !== undefined || gone.has(key)) return bytes;
        if ((await deleted.bringBack(key)) === 'gone') {
          gone.add(key);
          return undefined;
        }
        broughtBack.push(key);
        return bucket.get(key, range);
      },
    },
  };
}

export type CheckedPipeline = Pick<
  Stores,
  'seals' | 'states' | 'segments' | 'memories' | 'blocks' | 'rows' | 'fileNames'
> & {
  readonly name: string;
  readonly table: Table;
};

export type CheckedObjects = {
  /** Batches that were looked at, the last one first. */
  readonly batches: number;
  /** What could be read: bodies, states, segments, memories, and of a batch to finish what its reduce reads. */
  readonly found: number;
  /** By message: what could not. */
  readonly missing: readonly string[];
};

export async function checkObjects(of: CheckedPipeline, head: Head): Promise<CheckedObjects> {
  const check = new Check(of);
  const open = unfinished(head);
  const kept = oldestKeptBatch(head);
  let batches = 0;
  let name: BatchName | null = open ?? head.committed ?? null;
  while (name !== null && name.batchId >= head.oldestRetainedBatch) {
    const body = await check.body(name, name === open);
    batches += 1;
    // Which try of the batch before counts is said by nobody else.
    if (body === undefined) break;
    if (name === open) await check.unfinished(body);
    else if (name.batchId >= kept) await check.kept(body);
    name = body.previous;
  }
  return { batches, found: check.found, missing: check.missing };
}

class Check {
  readonly #of: CheckedPipeline;
  /** What several batches name. */
  readonly #known = new Set<string>();
  readonly missing: string[] = [];
  found = 0;

  constructor(of: CheckedPipeline) {
    this.#of = of;
  }

  /** `isOpen`: it is not committed. */
  async body(name: BatchName, isOpen: boolean): Promise<BatchBody | undefined> {
    const { seals, memories } = this.#of;
    const body = await this.#read(`body ${name.batchId}`, () => seals.loadBody(name.batchId, name.ref));
    if (body === undefined) return undefined;
    const reduced = new Set(isOpen ? reducedGroups(body) : []);
    for (const [keyGroup, state] of body.states.entries()) {
      if (reduced.has(keyGroup)) await this.#state(keyGroup, state, 'may be absent');
      // What a reducer goes on with.
      const named = reduced.has(keyGroup) ? state?.before : state;
      await this.#state(keyGroup, named, 'is named');
    }
    for (const memory of body.shards.flatMap(({ memories: all = [] }) => all))
      await this.#read(`memory ${memory.nonce}`, () => memories.loadMemory(memory));
    return body;
  }

  /** What is left of it to reduce and to send. */
  async unfinished(body: BatchBody): Promise<void> {
    const { blocks, states } = this.#of;
    for (const keyGroup of reducedGroups(body)) {
      const name = { batchId: body.batchId, ref: body.ref, keyGroup };
      await this.#read(`partials ${keyGroup}`, () => blocks.loadPartials(body, keyGroup));
      await this.#rows(name);
      for (const output of await this.#namesIn(name, 'files'))
        await this.#read(`files ${keyGroup} ${output}`, () => this.#of.fileNames.loadFiles(name, output));
      await this.#read(`state ${keyGroup}`, () => states.findState(keyGroup, name.batchId, name.ref));
    }
  }

  /** What goes out of it once an output is attached again; states were looked at with the body. */
  async kept(body: BatchBody): Promise<void> {
    const gathering = gatheringGroup(body);
    if (body.gives?.top !== undefined) await this.#state(gathering, body, 'may be absent');
    for (const keyGroup of [...reducedGroups(body), gathering])
      await this.#rows({ batchId: body.batchId, ref: body.ref, keyGroup });
  }

  async #rows(name: BatchName & { readonly keyGroup: number }): Promise<void> {
    const { batchId, keyGroup } = name;
    for (const from of (await this.#namesIn(name, 'rows')).map(Number))
      await this.#read(`rows ${batchId} ${keyGroup} ${from}`, () => this.#of.rows.findStep(name, from));
  }

  /** Of items beside the partials of a group: what their names end with. */
  async #namesIn(
    { batchId, ref, keyGroup }: BatchName & { readonly keyGroup: number },
    kind: 'rows' | 'files',
  ): Promise<readonly string[]> {
    const where = { condition: 'begins_with(sk, :prefix)', values: { ':prefix': `${kind}#` } };
    const names: string[] = [];
    const folder = partialsFolder(this.#of.name, batchId, keyGroup);
    for await (const item of this.#of.table.query(folder, where, { keysOnly: true })) {
      const [, ofTry, name, ...rest] = textIn(item, 'sk').split('#');
      if (Number(ofTry) === ref && name !== undefined && rest.length === 0) names.push(name);
    }
    return names;
  }

  async #state(
    keyGroup: number,
    named: BatchName | null | undefined,
    absence: 'may be absent' | 'is named',
  ): Promise<void> {
    if (!named) return;
    const { batchId, ref } = named;
    const { states, segments } = this.#of;
    const load = absence === 'is named' ? states.loadState : states.findState;
    const state = await this.#read(`state ${keyGroup} ${batchId} ${ref}`, () => load(keyGroup, batchId, ref));
    for (const segment of state === undefined ? [] : namedBy(state.manifest))
      await this.#read(`segment ${keyGroup} ${segment.name}`, () =>
        segments.loadRanges(keyGroup, [{ segment, from: 0, upTo: segment.bytes }]),
      );
  }

  /** Once. Undefined: it is missing, or was read before. */
  async #read<Value>(name: string, load: () => Promise<Value>): Promise<Value | undefined> {
    if (this.#known.has(name)) return undefined;
    this.#known.add(name);
    try {
      const value = await load();
      if (value !== undefined) this.found += 1;
      return value;
    } catch (error) {
      if (!isNamed(error, 'MissingItem')) throw error;
      this.missing.push((error as Error).message);
      return undefined;
    }
  }
}
