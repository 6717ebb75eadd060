/**
 * The lists that name the files of a batch, one for each place where outputs write files.
 *
 * LIST-1 A list is put when all key groups have said that they are done, and before the batch is committed: so what it names is there,
 *    and a committed batch that has files has its lists.
 * LIST-2 It follows from what is stored: whoever puts it again, also too late, finds the same.
 * LIST-3 A batch without files has none.
 *
 * A commit may be lost behind its lists. Of a batch number one try is sealed, so they are those of whoever commits it then.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { gatheringGroup } from '../../core/gather-rows.ts';
import { reducedGroups } from '../../core/group-states.ts';
import type { BatchBody } from '../../core/model.ts';
import { type FileList, type FilePlace, keyOfList, type NamedFile } from '../../sinks/output-file.ts';
import type { CommitRuntime } from './commit-runtime.ts';

const atOnce = 10;
/** A commit has five seconds in all. */
const putWithinMs = 2_000;

export async function putFileLists(runtime: CommitRuntime, body: BatchBody): Promise<void> {
  const { pipeline, ports } = runtime;
  const places = new Map<string, { readonly place: FilePlace; readonly files: NamedFile[] }>();
  for (const { id, files: place } of pipeline.outputs) {
    if (place === undefined) continue;
    const named = await filesOf(runtime, body, id);
    const { bucket, prefix, region, endpointUrl } = place;
    const name = JSON.stringify([bucket, prefix, region, endpointUrl]);
    const found = places.get(name);
    if (found === undefined) places.set(name, { place, files: named });
    else found.files.push(...named);
  }
  const { generation, batchId: batch, ref } = body;
  for (const { place, files } of places.values()) {
    if (files.length === 0) continue;
    const list: FileList = { v: 1, pipeline: pipeline.name, generation, batch, ref, files };
    const object = {
      key: keyOfList(place.prefix, list),
      body: new TextEncoder().encode(JSON.stringify(list)),
      contentType: 'application/json',
    };
    await ports.objectsAt(place).putIfAbsent(object, ports.clock.now() + putWithinMs);
  }
}

async function filesOf({ ports }: CommitRuntime, body: BatchBody, output: string): Promise<NamedFile[]> {
  const { batchId, ref } = body;
  // Of those that keep windows there may be late events as well.
  const groups = body.gives?.top === undefined ? reducedGroups(body) : [...reducedGroups(body), gatheringGroup(body)];
  const named = await inParallel(groups, atOnce, (keyGroup) =>
    ports.fileNames.loadFiles({ batchId, ref, keyGroup }, output),
  );
  return named.flat();
}
