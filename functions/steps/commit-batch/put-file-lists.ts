/**
 * The lists that name the files of a batch, one for each place where outputs write files.
 *
 * LIST-1 A list is put when all key groups have said that they are done, and before the batch is committed: so what it names is there,
 *    and a committed batch that has files has its lists.
 * LIST-2 It follows from what is stored and from where outputs write: whoever puts it again, also too late, finds the same.
 * LIST-3 A batch without files has none.
 * LIST-4 A place is a bucket and a prefix, and has one list: who reaches it in two ways is named in one.
 * LIST-5 All lists of a batch are put side by side, and have the time of one.
 * LIST-6 A batch that takes a pipeline back has one without files at each place that outputs write to, which says what it goes on after: so who goes by
 *    lists knows which ones no longer count.
 *
 * A commit may be lost behind its lists. Of a batch number one try is sealed, so they are those of whoever commits it then; unless that one is given
 * up by a rewind, whose batch has the same number and a list of its own.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { gatheringGroup } from '../../core/gather-rows.ts';
import { reducedGroups } from '../../core/group-states.ts';
import type { BatchBody } from '../../core/model.ts';
import type { NewObject } from '../../ports/objects.ts';
import {
  type FileList,
  type FilePlace,
  keyOfList,
  type NamedFile,
  type WrittenFiles,
} from '../../sinks/output-file.ts';
import type { CommitRuntime } from './commit-runtime.ts';

const atOnce = 10;
/** A commit has five seconds in all. */
const putWithinMs = 2_000;

type FilesAt = { readonly place: FilePlace; readonly files: NamedFile[] };

export async function putFileLists(runtime: CommitRuntime, body: BatchBody): Promise<void> {
  const { pipeline, ports } = runtime;
  const { generation, batchId: batch, ref, origin } = body;
  const { after } = origin ?? {};
  const lists = after === undefined ? await filesByPlace(runtime, body) : placesOf(pipeline);
  const deadline = ports.clock.now() + putWithinMs;
  await inParallel(lists, atOnce, ({ place, files }) => {
    const of = { v: 1, pipeline: pipeline.name, generation, batch, ref } as const;
    const list: FileList = after === undefined ? { ...of, files } : { ...of, after, files };
    return ports.objectsAt(place).putIfAbsent(objectOf(list, place), deadline);
  });
}

async function filesByPlace({ pipeline, ports }: CommitRuntime, body: BatchBody): Promise<readonly FilesAt[]> {
  const { batchId, ref } = body;
  // Of those that keep windows there may be late events as well.
  const groups = body.gives?.top === undefined ? reducedGroups(body) : [...reducedGroups(body), gatheringGroup(body)];
  const parts = pipeline.outputs.flatMap(({ id, files: place }) =>
    place === undefined ? [] : groups.map((keyGroup) => ({ id, place, keyGroup })),
  );
  const written = await inParallel(parts, atOnce, ({ id, keyGroup }) =>
    ports.fileNames.loadFiles({ batchId, ref, keyGroup }, id),
  );
  const places = new Map<string, FilesAt>();
  for (const [at, { place }] of parts.entries()) {
    const files = namedIn(place, written[at]);
    if (files.length === 0) continue;
    const found = places.get(nameOf(place));
    if (found === undefined) places.set(nameOf(place), { place, files: [...files] });
    else found.files.push(...files);
  }
  return [...places.values()];
}

const nameOf = ({ bucket, prefix }: FilePlace): string => `${bucket} ${prefix}`;

/** Each once, with nothing in it. */
function placesOf({ outputs }: CommitRuntime['pipeline']): readonly FilesAt[] {
  const places = outputs.flatMap(({ files: place }) => (place === undefined ? [] : [[nameOf(place), place] as const]));
  return Array.from(new Map(places).values(), (place) => ({ place, files: [] }));
}

/** What was written before another bucket was deployed is where it was. */
function namedIn({ bucket }: FilePlace, written: WrittenFiles | undefined): readonly NamedFile[] {
  if (written === undefined) return [];
  return written.bucket === bucket ? written.files : written.files.map((file) => ({ ...file, bucket: written.bucket }));
}

const objectOf = (list: FileList, { prefix }: FilePlace): NewObject => ({
  key: keyOfList(prefix, list),
  body: new TextEncoder().encode(JSON.stringify(list)),
  contentType: 'application/json',
});
